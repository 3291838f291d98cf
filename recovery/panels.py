"""What the recovery floor adds to the facts pages: a panel of chances and decisions, a column of what an age allows."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.scope import has_any_role
from exceptions.words import decision_words
from recovery.models import QueueItem
from recovery.navigation import WORKERS
from recovery.selectors.decisions import decision_lines
from recovery.selectors.trusts import trusts_for
from recovery.trust import ClinicTrust
from scheduling.decisions import DEFAULT_LIMITS
from scheduling.models import Appointment, Feed
from scheduling.panels import FeedCell, FeedColumn, Panel, register_feed_column, register_panel
from scheduling.selectors.feed_pages import clocks
from scheduling.vocabulary import PATIENT_FACING, Decision

MOST = 10


def chances_panel(request: HttpRequest, appointment: Appointment) -> Panel | None:
    """What may be decided about the visit now, and its chances; five queries."""
    now = timezone.now()
    items = list(QueueItem.objects.visible_to(request.user).filter(appointment=appointment).order_by("-pk")[:MOST])
    trusts = {trust.clinic_id: trust for trust in trusts_for(request, now)}
    lines = decision_lines(appointment, items, trusts, now)
    if not lines and not items:
        return None
    named = {line.item for line in lines}
    data = {
        "lines": lines,
        "earlier": [item for item in items if item not in named],
        "may_open": has_any_role(request.user, WORKERS),
    }
    return Panel("What may be decided now", "recovery/_appointment_panel.html", data)


def allowed_cells(request: HttpRequest, feeds: Sequence[Any], now: datetime) -> Mapping[int, FeedCell]:
    """Per feed which decisions its age allows, by the strictest limits of the clinics in sight; one query."""
    trusts = trusts_for(request, now)
    return {feed.pk: _cell(feed, [one for one in trusts if one.source_id == feed.source_id], now) for feed in feeds}


def _cell(feed: Feed, trusts: Sequence[ClinicTrust], now: datetime) -> FeedCell:
    known = clocks(feed, now=now)
    age = known.age
    if age is None:
        return FeedCell("held", "Nothing", "no proof yet")
    held = [decision for decision in PATIENT_FACING if age > _strictest(decision, trusts)[1]]
    warned = [decision for decision in PATIENT_FACING if age > _strictest(decision, trusts)[0] and decision not in held]
    if len(held) == len(PATIENT_FACING):
        return FeedCell("held", "Nothing", "too old for every decision")
    if held:
        # A nightly extract that came as planned is no alarm; what its age rules out is known every day.
        tone = "warn" if known.is_nightly and known.tone == "fresh" else "held"
        return FeedCell(tone, "Only in part", f"Too old to {_words(held)}")
    if warned:
        return FeedCell("warn", "Everything, ageing", f"Ageing: {_words(warned)}")
    return FeedCell("fresh", "Everything", "Refill, rebook and confirm.")


def _strictest(decision: Decision, trusts: Sequence[ClinicTrust]) -> tuple[timedelta, timedelta]:
    limits = [trust.limits_of(decision) for trust in trusts] or [DEFAULT_LIMITS[decision]]
    return min(limit.warn_after for limit in limits), min(limit.held_after for limit in limits)


def _words(decisions: Sequence[Decision]) -> str:
    """Decisions within a sentence; the kind of act is said once: "refill within 24 h, 24 to 72 h."."""
    words = decision_words(decisions)
    return f"{words[:1].lower()}{words[1:]}".replace(", refill ", ", ")


def register_panels() -> None:
    """Add the panel and the column; called once when Django is ready."""
    register_panel("recovery", chances_panel, order=20)
    register_feed_column("recovery", FeedColumn("What its age allows", allowed_cells))
