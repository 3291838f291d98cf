"""What the accounts app adds to the rail and to Today."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.selectors import Tally, audit_tallies, recent_refusals, trail_headline
from accounts.vocabulary import OVERSEERS, Role
from config.web.home import HomeBlock, Spot, register_block
from config.web.navigation import NavItem, register

CACHE_NAME = "_desk_audit_tallies"
OVERSEER_ROLES = frozenset(str(role) for role in OVERSEERS)


def refusals(request: HttpRequest) -> dict[str, Any]:
    """Refused reads and acts of the last day."""
    return {"rows": recent_refusals(request.user, now=timezone.now())}


def tallies(request: HttpRequest) -> dict[str, Any]:
    """The last day of the trail in numbers."""
    return {"tallies": _tallies_of(request)}


def headline(request: HttpRequest) -> dict[str, Any]:
    """The last day of the trail in a sentence."""
    title, note = trail_headline(_tallies_of(request))
    return {"title": title, "note": note}


def _tallies_of(request: HttpRequest) -> list[Tally]:
    """Counted once a request: the sentence and the table read the same numbers."""
    kept: list[Tally] | None = request.__dict__.get(CACHE_NAME)
    if kept is None:
        kept = audit_tallies(request.user, now=timezone.now())
        request.__dict__[CACHE_NAME] = kept
    return kept


def register_places() -> None:
    """Add the places and blocks; called once when Django is ready."""
    register(NavItem("Work", "Today", "home", order=10, key="t"))
    register(
        NavItem(
            "Oversight", "Audit trail", "audit", OVERSEER_ROLES, order=10, key="u", home_verb="Open the audit trail"
        )
    )
    register(NavItem("Oversight", "People and scope", "people", OVERSEER_ROLES, order=20, key="p"))
    auditor = frozenset({str(Role.AUDITOR)})
    for block in (
        HomeBlock("trail-headline", "Now", "accounts/_home_headline.html", headline, auditor, Spot.HEADLINE, 90),
        HomeBlock("trail", "The last 24 h", "accounts/_home_tallies.html", tallies, OVERSEER_ROLES, Spot.HALF, 70),
        HomeBlock(
            "refusals", "Refused lately", "accounts/_home_refusals.html", refusals, OVERSEER_ROLES, Spot.HALF, 80
        ),
    ):
        register_block(block)
