"""The settings of contact in the rail."""

from config.web.navigation import NavItem, register
from recovery.navigation import WORKERS

ALSO = ("recovery:contact_policies", "recovery:languages", "recovery:reveals")


def register_places() -> None:
    """Add the place; called once when Django is ready."""
    register(NavItem("Work", "Contact rules", "recovery:templates", WORKERS, order=29, also=ALSO))
