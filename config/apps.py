"""The project as a Django app, so that commands above all floors have a home."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Holds management commands that may import every app; it has no models."""

    name = "config"
    verbose_name = "Recovery Desk"
