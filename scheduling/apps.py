"""Django's view of the scheduling app."""

from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    """Registers the scheduling app."""

    name = "scheduling"
