"""What the exceptions app adds to the rail and to Today."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.vocabulary import Role
from config.web.home import HomeBlock, Spot, register_block
from config.web.navigation import NavCount, NavItem, register
from config.web.paging import bounded_count
from exceptions.filters import split_counts
from exceptions.models import IntegrationException
from exceptions.selectors.rows import exception_rows

OWNERS = frozenset({Role.INTEGRATION, Role.MAPPING, Role.SUPERVISOR, Role.LAUNCH, Role.ADMIN})
SHOWN = 5


def open_exceptions(request: HttpRequest) -> NavCount | None:
    """How many are not closed, in scope."""
    number = bounded_count(IntegrationException.objects.visible_to(request.user).unresolved())
    return NavCount(str(number)) if number else None


def worst(request: HttpRequest) -> dict[str, Any]:
    """The worst open ones, with the counts of all."""
    visible = IntegrationException.objects.visible_to(request.user)
    top = visible.unresolved().with_places().order_by("severity", "-live_count", "-id")[:SHOWN]
    counts = split_counts(visible, request.user)
    return {
        "rows": exception_rows(list(top), user=request.user, now=timezone.now(), current=None, query=""),
        "counts": counts,
        "total": counts[""],
        "url": reverse("exceptions:list"),
    }


def register_places() -> None:
    """Add the place and the block; called once when Django is ready."""
    register(
        NavItem(
            "Integration",
            "Exceptions",
            "exceptions:list",
            count=open_exceptions,
            order=10,
            key="e",
            home_verb="Open exceptions",
            home_roles=OWNERS,
        )
    )
    register_block(
        HomeBlock("exceptions", "Exceptions that need somebody", "exceptions/_home.html", worst, OWNERS, Spot.BAND, 40)
    )
