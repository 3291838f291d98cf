"""Django's view of the exceptions app."""

from django.apps import AppConfig


class ExceptionsConfig(AppConfig):
    """Registers the exceptions app."""

    name = "exceptions"
