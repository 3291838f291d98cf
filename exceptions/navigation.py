"""What the exceptions app adds to the rail and to Today."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.scope import grants_of
from accounts.vocabulary import Role
from config.web.asking import Question, answers, capped, how_many, written_once
from config.web.home import HomeBlock, Spot, register_block
from config.web.navigation import NavCount, NavItem, Tally, register
from exceptions.models import IntegrationException
from exceptions.selectors.rows import exception_rows, row_questions
from exceptions.splits import split_counts, split_questions

OWNERS = frozenset({Role.INTEGRATION, Role.MAPPING, Role.SUPERVISOR, Role.LAUNCH, Role.ADMIN})
SHOWN = 5


def ask_open(request: HttpRequest) -> Question:
    """How many are not closed, in scope."""

    def write() -> Mapping[str, Question]:
        return {"open": how_many(IntegrationException.objects.visible_to(request.user).unresolved())}

    return written_once(("open exceptions", grants_of(request.user)), write)["open"]


def tell_open(number: int) -> NavCount | None:
    """The bounded number; none for nothing."""
    return NavCount(str(capped(number))) if number else None


def worst(request: HttpRequest) -> dict[str, Any]:
    """The worst open ones, with the counts of all."""
    now = timezone.now()
    visible = IntegrationException.objects.visible_to(request.user)
    top = list(visible.unresolved().listed().order_by("severity", "-live_count", "-id")[:SHOWN])
    found = answers({**split_questions(request, now), **row_questions(top, now)})
    counts = split_counts(found)
    return {
        "rows": exception_rows(top, found, user=request.user, now=now, current=None, query=""),
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
            count=Tally("exceptions", ask_open, tell_open),
            order=10,
            key="e",
            home_verb="Open exceptions",
            home_roles=OWNERS,
        )
    )
    register_block(
        HomeBlock("exceptions", "Exceptions that need somebody", "exceptions/_home.html", worst, OWNERS, Spot.BAND, 40)
    )
