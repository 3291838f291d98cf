"""Django's view of the launch app."""

from django.apps import AppConfig


class LaunchConfig(AppConfig):
    """Registers the launch app."""

    name = "launch"
