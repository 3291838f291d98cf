"""The settings of exceptions in the rail, the lag of timers on Today, and what other pages say during maintenance."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Source
from accounts.vocabulary import Role
from config.web.home import HomeBlock, Spot, register_block
from config.web.navigation import NavItem, register
from exceptions.maintenance_notes import register_maintenance_notes
from exceptions.selectors.timer_lag import timer_lags

SETTERS = frozenset({Role.ADMIN, Role.INTEGRATION})
SHOWN = 5
TABS = ("exceptions:policies", "exceptions:duties", "exceptions:maintenance", "exceptions:endpoints")


def timers(request: HttpRequest) -> dict[str, Any]:
    """The timers that are overdue, the oldest first, with the source of each."""
    now = timezone.now()
    lags = timer_lags(now)
    seen = dict(Source.objects.visible_to(request.user).values_list("id", "name")) if lags else {}
    rows = [(lag.what, seen[lag.source], (now - lag.due_at).total_seconds()) for lag in lags if lag.source in seen]
    return {"lags": rows[:SHOWN]}


def register_places() -> None:
    """Add the place, the block and the notes; called once when Django is ready."""
    register(NavItem("Integration", "Settings", "exceptions:routing", SETTERS, order=60, key="s", also=TABS))
    register_block(
        HomeBlock(
            "timers",
            "Timers of escalation",
            "exceptions/_home_timers.html",
            timers,
            frozenset({Role.ADMIN}),
            Spot.HALF,
            90,
        )
    )
    register_maintenance_notes()
