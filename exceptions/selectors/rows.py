"""The list: one row per exception, with what it costs and how it went in the last day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.aggregates import JSONBAgg
from django.db.models import QuerySet
from django.db.models.functions import Extract, JSONArray
from django.urls import reverse

from config.web.asking import Question, rows_of
from config.web.svg import Spark, spark
from config.web.times import span
from exceptions.checks.kinds import Check
from exceptions.models import HourlyCount, IntegrationException
from exceptions.selectors.impact import slots_at_risk, zone_of
from exceptions.vocabulary import Severity, State
from exceptions.words import TONES

TREND_HOURS = 24
TREND = timedelta(hours=TREND_HOURS)


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
    age: str
    # Texts that stand in the row twice, or behind several looks: a template pays for each.
    title: str
    place: str
    raw: str
    held: str
    owner_name: str

    @property
    def kind(self) -> Check:
        """The kind of problem."""
        return self.exception.kind

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
    def owner(self) -> str:
        """Who answers for it: "You", a person, else its team."""
        return "You" if self.is_mine else self.owner_name or "Nobody"

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


def row_questions(exceptions: Sequence[IntegrationException], now: datetime) -> dict[str, Question]:
    """What the rows of one page need beside themselves."""
    ids = [exception.pk for exception in exceptions]
    return {"slots": rows_of(slots_at_risk(ids, now)), "trends": rows_of(trends_of(ids, now))}


def exception_rows(
    exceptions: Sequence[IntegrationException],
    found: Mapping[str, Any],
    *,
    user: Any,
    now: datetime,
    current: int | None,
    query: str,
) -> list[ExceptionRow]:
    """Fill the rows of one page from the answers to ``row_questions``.

    ``query`` is the list's own query string, kept when a row is opened.
    """
    slots = {row["exception_id"]: row["slots"] for row in found["slots"]}
    hours = {row["exception_id"]: row["hours"] for row in found["trends"]}
    rows: list[ExceptionRow] = []
    # get_absolute_url, with the address looked up once for all.
    list_url = reverse("exceptions:list")
    for exception in exceptions:
        trend = _by_hour(hours.get(exception.pk, ()), now)
        rows.append(
            ExceptionRow(
                exception,
                f"{list_url}{exception.pk}/{query}",
                exception.pk == current,
                slots.get(exception.pk, 0),
                spark(trend),
                sum(trend),
                exception.owner_id == user.pk,
                span((now - exception.opened_at).total_seconds()),
                exception.kind.title,
                place_words(exception),
                exception.raw,
                f"{exception.live_count:,}" if exception.live_count else "",
                str(exception.owner or exception.owner_team or ""),
            )
        )
    return rows


def place_words(exception: IntegrationException) -> str:
    """Where: the clinic if known, and its source; the source is cut first where the cell is narrow."""
    clinic = exception.clinic
    return f"{clinic} · {exception.source}" if clinic else str(exception.source)


def trends_of(exception_ids: Sequence[int], now: datetime) -> QuerySet[Any, Any]:
    """Per exception what happened in each of the last 24 hours, the running one included, as [epoch seconds, count].

    One row an exception: a page would else read twelve hundred.
    """
    last = _this_hour(now)
    rows = HourlyCount.objects.filter(exception_id__in=exception_ids, hour__gt=last - TREND, hour__lte=last)
    return rows.values("exception_id").annotate(hours=JSONBAgg(JSONArray(Extract("hour", "epoch"), "count")))


def _by_hour(hours: Iterable[tuple[float, int]], now: datetime) -> list[int]:
    """Lay counts out by hour, the running one last; an hour without any counts 0."""
    begun = int(_this_hour(now).timestamp()) - 3600 * (TREND_HOURS - 1)
    trend = [0] * TREND_HOURS
    for at, count in hours:
        trend[(int(at) - begun) // 3600] += count
    return trend


def _this_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
