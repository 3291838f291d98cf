"""The list: one row per exception, with what it costs and how it went in the last day."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from config.web.asking import Question, rows_of_sql
from config.web.rows import Row
from config.web.svg import Spark, spark
from config.web.times import span
from exceptions.checks.kinds import Check
from exceptions.models import IntegrationException
from exceptions.selectors.impact import NO_SLOTS, next_noon, slots_at_risk, slots_questions, zone_of
from exceptions.selectors.next_told import told_names, told_questions, told_words
from exceptions.vocabulary import Severity, State, Target
from exceptions.words import TONES

TREND_HOURS = 24
TREND = timedelta(hours=TREND_HOURS)
# One row an exception: a page would else read twelve hundred.
_TRENDS = """
SELECT exception_id, array_agg(date_part('epoch', hour)::int8) AS hours, array_agg(count) AS counts
FROM exceptions_hourlycount WHERE exception_id = ANY(%s) AND hour > %s AND hour <= %s GROUP BY exception_id
"""
# What cleared by itself, and what is closed, is no alarm.
_QUIET = {State.CLEARED_UNSEEN: "Unseen", State.RESOLVED: "Closed"}
# What comes next while no clock runs.
_NEXT = {
    State.OPEN: "To be taken",
    State.REOPENED: "Happened again",
    State.TAKEN: "In work",
    State.MUTED: "Muted",
    State.CLEARED_UNSEEN: "Needs a look",
    State.RESOLVED: "Closed",
}


@dataclass(frozen=True, slots=True)
class ExceptionRow(Row):
    """One line of the list."""

    exception: IntegrationException
    pk: int
    version: int
    url: str
    is_current: bool
    slots: int  # held visits that start within 48 h
    by_noon: int  # those that start before the clinic's next noon
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
    next_at: datetime | None  # when something happens by itself
    next_word: str  # what that is, or what comes next
    is_ticked: bool = False

    @property
    def kind(self) -> Check:
        """The kind of problem."""
        return self.exception.kind

    @property
    def tone(self) -> str:
        """The mark of the severity."""
        return "idle" if self.exception.state in _QUIET else TONES[Severity(self.exception.severity)]

    @property
    def word(self) -> str:
        """The word beside the mark."""
        return _QUIET.get(State(self.exception.state)) or Severity(self.exception.severity).label

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


def row_questions(exceptions: Sequence[IntegrationException], now: datetime) -> dict[str, Question]:
    """What the rows of one page need beside themselves."""
    return {
        **slots_questions(exceptions, now),
        **told_questions(exceptions),
        "trends": trends_question(exceptions, now),
    }


def exception_rows(
    exceptions: Sequence[IntegrationException],
    found: Mapping[str, Any],
    *,
    user: Any,
    now: datetime,
    current: int | None,
    query: str,
    ticked: Collection[int] = (),
) -> list[ExceptionRow]:
    """Fill the rows of one page from the answers to ``row_questions``.

    ``query`` is the list's own query string, kept when a row is opened; ``ticked`` are ids whose box is ticked.
    """
    slots, names = slots_at_risk(found), told_names(found)
    hours = {row["exception_id"]: zip(row["hours"], row["counts"], strict=True) for row in found["trends"]}
    rows: list[ExceptionRow] = []
    # get_absolute_url, with the address looked up once for all.
    list_url = reverse("exceptions:list")
    begun = int(_this_hour(now).timestamp()) - 3600 * (TREND_HOURS - 1)
    for exception in exceptions:
        trend = _by_hour(hours.get(exception.pk, ()), begun)
        at_risk = slots.get(exception.pk, NO_SLOTS)
        rows.append(
            ExceptionRow(
                exception,
                exception.pk,
                exception.version,
                f"{list_url}{exception.pk}/{query}",
                exception.pk == current,
                at_risk.soon,
                at_risk.by_noon,
                spark(trend),
                sum(trend),
                exception.owner_id == user.pk,
                span((now - exception.opened_at).total_seconds()),
                exception.kind.title,
                place_words(exception),
                exception.raw,
                f"{exception.live_count:,}" if exception.live_count else "",
                str(exception.owner or exception.owner_team or ""),
                *next_of(exception, names),
                exception.pk in ticked,
            )
        )
    return rows


def next_of(exception: IntegrationException, names: Mapping[tuple[Target, int], str]) -> tuple[datetime | None, str]:
    """When something happens to it by itself, and what; None and what is to be done where no clock runs.

    What keeps an exception quiet comes first: while it is muted or waived no step tells anybody.
    """
    if exception.waived_until is not None:
        return exception.waived_until, "waiver ends"
    if exception.muted_until is not None:
        return exception.muted_until, "mute ends"
    if exception.next_step_at is not None:
        return exception.next_step_at, told_words(exception, names)
    if exception.taken_until is not None:
        return exception.taken_until, "take ends"
    return None, _NEXT[State(exception.state)]


def noon_words(exceptions: Iterable[IntegrationException], now: datetime) -> str:
    """Name the noon that the slots of a list are counted to: "noon", "Tue noon", "next noon" where clinics differ."""
    noons = {(zone, next_noon(zone, now).astimezone(zone)) for zone in {zone_of(one) for one in exceptions}}
    days = {f"{noon:%a}" if noon.date() > now.astimezone(zone).date() else "" for zone, noon in noons}
    if len(days) > 1:
        return "next noon"
    return f"{next(iter(days), '')} noon".strip()


def owner_words(exception: IntegrationException, user: Any) -> str:
    """Who answers for it: "You", a person, else its team."""
    if exception.owner_id == user.pk:
        return "You"
    return str(exception.owner or exception.owner_team or "Nobody")


def place_words(exception: IntegrationException) -> str:
    """Where: the clinic if known, and its feed or source, which is cut first where the cell is narrow."""
    clinic, stream = exception.clinic, exception.feed or exception.source
    return f"{clinic} · {stream}" if clinic else str(stream)


def trends_question(exceptions: Sequence[IntegrationException], now: datetime) -> Question:
    """Ask per exception what happened in each of the last 24 hours, the running one included, as epoch seconds."""
    if not exceptions:
        return Question(None, nothing=[])
    last = _this_hour(now)
    return rows_of_sql(_TRENDS, ([exception.pk for exception in exceptions], last - TREND, last))


def _by_hour(hours: Iterable[tuple[int, int]], begun: int) -> list[int]:
    """Lay counts out by hour from ``begun``, all in epoch seconds; an hour without any counts 0."""
    trend = [0] * TREND_HOURS
    for at, count in hours:
        trend[(at - begun) // 3600] += count
    return trend


def _this_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
