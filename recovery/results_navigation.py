"""The results' place in the rail."""

from config.web.navigation import NavItem, register
from recovery.filters_results import READERS


def register_places() -> None:
    """Add the page."""
    register(NavItem("Work", "Results", "results:page", frozenset(str(role) for role in READERS), order=30))
