"""The settings of contact in the rail."""

from accounts.vocabulary import Role
from config.web.navigation import NavItem, register

READERS = frozenset({Role.ACCESS, Role.SUPERVISOR, Role.LAUNCH, Role.ADMIN})
ALSO = ("recovery:contact_policies", "recovery:languages", "recovery:reveals")


def register_places() -> None:
    """Add the place; called once when Django is ready."""
    register(NavItem("Work", "Contact rules", "recovery:templates", READERS, order=29, also=ALSO))
