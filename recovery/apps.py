"""Django's view of the recovery app."""

from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    """Registers the recovery app."""

    name = "recovery"
