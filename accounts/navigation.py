"""What the accounts app adds to the rail and to Today."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.selectors import audit_tallies, recent_refusals
from accounts.vocabulary import OVERSEERS
from config.web.home import HomeBlock, Spot, register_block
from config.web.navigation import NavItem, register

OVERSEER_ROLES = frozenset(str(role) for role in OVERSEERS)


def refusals(request: HttpRequest) -> dict[str, Any]:
    """Refused reads and acts of the last day."""
    return {"rows": recent_refusals(request.user, now=timezone.now())}


def tallies(request: HttpRequest) -> dict[str, Any]:
    """The last day of the trail in numbers."""
    return {"tallies": audit_tallies(request.user, now=timezone.now())}


def register_places() -> None:
    """Add the places and blocks; called once when Django is ready."""
    register(NavItem("Work", "Today", "home", order=10, key="t"))
    register(
        NavItem(
            "Oversight", "Audit trail", "audit", OVERSEER_ROLES, order=10, key="u", home_verb="Open the audit trail"
        )
    )
    register(NavItem("Oversight", "People and scope", "people", OVERSEER_ROLES, order=20, key="p"))
    for block in (
        HomeBlock("trail", "The last 24 h", "accounts/_home_tallies.html", tallies, OVERSEER_ROLES, Spot.HALF, 70),
        HomeBlock(
            "refusals", "Refused lately", "accounts/_home_refusals.html", refusals, OVERSEER_ROLES, Spot.HALF, 80
        ),
    ):
        register_block(block)
