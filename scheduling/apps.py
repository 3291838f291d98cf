"""Django's view of the scheduling app."""

from importlib import import_module

from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    """Registers the scheduling app."""

    name = "scheduling"

    def ready(self) -> None:
        """Add the app's places and blocks; these modules need models, so they cannot be imported above."""
        import_module("scheduling.navigation").register_places()
        import_module("scheduling.home").register_blocks()
