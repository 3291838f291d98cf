"""Django's view of the exceptions app."""

from importlib import import_module

from django.apps import AppConfig


class ExceptionsConfig(AppConfig):
    """Registers the exceptions app."""

    name = "exceptions"

    def ready(self) -> None:
        """Add the app's place to the rail and its panels to appointments and replays.

        The modules need models, so they cannot be imported above.
        """
        import_module("exceptions.navigation").register_places()
        import_module("exceptions.notices.navigation").register_places()
        import_module("exceptions.settings_navigation").register_places()
        import_module("exceptions.panels").register_panels()
        import_module("exceptions.replay_panel").register_panel()
        import_module("exceptions.lab_stage").register_stage()
