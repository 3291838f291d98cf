"""The list: one row per exception, with what it costs and how it went in the last day. Two queries a page."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models.functions import Extract

from config.web.svg import Spark, spark
from exceptions.checks.kinds import Check
from exceptions.models import HourlyCount, IntegrationException
from exceptions.selectors.impact import slots_at_risk, zone_of
from exceptions.vocabulary import Severity, State
from exceptions.words import TONES

TREND_HOURS = 24


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """One line of the list."""

    exception: IntegrationException
    url: str
    is_current: bool
    slots: int
    bars: Spark
    happened: int  # in the last 24 h
    is_mine: bool

    @property
    def kind(self) -> Check:
        """The kind of problem."""
        return self.exception.kind

    @property
    def place(self) -> str:
        """Where: the clinic if known, and its source; the source is cut first where the cell is narrow."""
        clinic = self.exception.clinic
        return f"{clinic} · {self.exception.source}" if clinic else str(self.exception.source)

    @property
    def tone(self) -> str:
        """The mark of the severity; what cleared by itself, and what is closed, is no alarm."""
        if self.exception.state in (State.CLEARED_UNSEEN, State.RESOLVED):
            return "idle"
        return TONES[Severity(self.exception.severity)]

    @property
    def word(self) -> str:
        """The word beside the mark."""
        words = {State.CLEARED_UNSEEN: "Unseen", State.RESOLVED: "Closed"}
        return words.get(State(self.exception.state), Severity(self.exception.severity).label)

    @property
    def trend(self) -> str:
        """The trend in words."""
        return f"{self.happened:,} in the last 24 h"

    @property
    def zone(self) -> ZoneInfo:
        """The zone its times are shown in."""
        return zone_of(self.exception)

    @property
    def next_at(self) -> datetime | None:
        """When something happens by itself: the mute ends, or the next person is told."""
        return self.exception.muted_until or self.exception.next_step_at

    @property
    def next_word(self) -> str:
        """What comes next while no escalation clock runs."""
        return {
            State.OPEN: "To be taken",
            State.REOPENED: "Happened again",
            State.TAKEN: "In work",
            State.MUTED: "mute ends",
            State.CLEARED_UNSEEN: "Needs a look",
            State.RESOLVED: "Closed",
        }[State(self.exception.state)]


def exception_rows(
    exceptions: Sequence[IntegrationException], *, user: Any, now: datetime, current: int | None, query: str
) -> list[ExceptionRow]:
    """Fill the rows of one page; ``query`` is the list's own query string, kept when a row is opened."""
    ids = [exception.pk for exception in exceptions]
    slots, trends = slots_at_risk(ids, now), trends_of(ids, now)
    return [
        ExceptionRow(
            exception,
            f"{exception.get_absolute_url()}{query}",
            exception.pk == current,
            slots.get(exception.pk, 0),
            spark(trends[exception.pk]),
            sum(trends[exception.pk]),
            exception.owner_id == user.pk,
        )
        for exception in exceptions
    ]


def trends_of(exception_ids: Sequence[int], now: datetime) -> dict[int, list[int]]:
    """Count what happened in each of the last 24 hours, the running one last; one query."""
    last = now.replace(minute=0, second=0, microsecond=0)
    first = last - timedelta(hours=TREND_HOURS - 1)
    trends: dict[int, list[int]] = defaultdict(lambda: [0] * TREND_HOURS)
    rows = HourlyCount.objects.filter(exception_id__in=exception_ids, hour__gte=first, hour__lte=last)
    # Seconds instead of datetimes: a page reads twelve hundred of them.
    begun = int(first.timestamp())
    for exception_id, at, count in rows.values_list("exception_id", Extract("hour", "epoch"), "count"):
        trends[exception_id][(int(at) - begun) // 3600] += count
    return trends
