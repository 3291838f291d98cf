"""Django's view of the accounts app."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the accounts app."""

    name = "accounts"

    def ready(self) -> None:
        """Add the app's places to the rail; its module needs models, so it cannot be imported above."""
        import_module("accounts.navigation").register_places()
