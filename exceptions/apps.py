"""Django's view of the exceptions app."""

from importlib import import_module

from django.apps import AppConfig


class ExceptionsConfig(AppConfig):
    """Registers the exceptions app."""

    name = "exceptions"

    def ready(self) -> None:
        """Add the app's place to the rail and its panel to the appointment page.

        Both modules need models, so they cannot be imported above.
        """
        import_module("exceptions.navigation").register_places()
        import_module("exceptions.panels").register_panels()
