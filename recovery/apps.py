"""Django's view of the recovery app."""

from importlib import import_module

from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    """Registers the recovery app."""

    name = "recovery"

    def ready(self) -> None:
        """Add the queue to the rail and to Today, panels to appointments and replays, a column to the feeds page.

        The modules need models, so they cannot be imported above.
        """
        import_module("recovery.navigation").register_places()
        import_module("recovery.panels").register_panels()
        import_module("recovery.replay_panel").register_panel()
        import_module("recovery.lab_stage").register_stage()
        import_module("recovery.outreach.navigation").register_places()
        import_module("recovery.outreach.survey").register_survey()
        import_module("recovery.bookings.survey").register_survey()
        import_module("recovery.selectors.written").register_languages()
        import_module("recovery.contact_navigation").register_places()
        import_module("recovery.results_navigation").register_places()
        import_module("recovery.risk_places").register_places()
