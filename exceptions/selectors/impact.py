"""What an exception costs: the visits it holds and their slots of the next two days."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from config.web.asking import Question, answers, rows_of, rows_of_sql
from exceptions.models import IntegrationException, Membership
from exceptions.vocabulary import SubjectKind
from scheduling.models import Appointment
from scheduling.vocabulary import Status, TroubleKind

AT_RISK = timedelta(hours=48)
NOON = time(12)
_SLOTS = """
SELECT m.exception_id, count(DISTINCT m.subject_id) AS slots, count(DISTINCT m.subject_id) FILTER (
    WHERE a.starts_at < (%s::timestamptz[])[array_position(%s::bigint[], m.exception_id)]
) AS by_noon
FROM exceptions_membership m JOIN scheduling_appointment a ON a.id = m.subject_id
WHERE m.exception_id = ANY(%s) AND m.subject_kind = %s AND a.starts_at >= %s AND a.starts_at < %s
    AND a.status IS DISTINCT FROM %s {}
GROUP BY m.exception_id
"""
STARTS = "starts of held visits"
TROUBLED, OTHERS = "slots of visits in trouble", "slots of other visits"
_SLOTS_OF = {TROUBLED: _SLOTS.format("AND a.troubles IS NOT NULL"), OTHERS: _SLOTS.format("")}


class Slots(NamedTuple):
    """How many held visits of one exception start before the clinic's next noon, and within 48 h."""

    by_noon: int
    soon: int


NO_SLOTS = Slots(0, 0)


@dataclass(frozen=True, slots=True)
class Impact:
    """What one exception holds. ``hours`` are (local hour, visits that start in it) of the next 48 h, in order.

    ``before_noon`` counts the visits that start before noon of today at the clinic; none once it is noon there.
    """

    held: int
    slots: int
    hours: list[tuple[datetime, int]] = field(default_factory=list)
    before_noon: int = 0

    @property
    def first_day(self) -> date | None:
        """The local day on which it first costs something."""
        return self.hours[0][0].date() if self.hours else None

    @property
    def first_day_hours(self) -> list[tuple[str, int]]:
        """The hours of that day from the first to the last with a visit, as ("09", 3); empty ones between count 0.

        On the day the clocks go back an hour may stand there twice, as it does on the wall.
        """
        # In UTC, since the two local hours compare equal.
        counts = {hour.astimezone(UTC): count for hour, count in self.hours if hour.date() == self.first_day}
        if not counts:
            return []
        first, zone = min(counts), self.hours[0][0].tzinfo
        length = (max(counts) - first) // timedelta(hours=1) + 1
        hours = [first + timedelta(hours=number) for number in range(length)]
        return [(f"{hour.astimezone(zone):%H}", counts.get(hour, 0)) for hour in hours]


def slots_questions(exceptions: Iterable[IntegrationException], now: datetime) -> dict[str, Question]:
    """Ask for the held visits that start by noon and within 48 h, per exception: their slots cannot be offered.

    What holds a visit by a trouble has that visit among those in trouble, which have an index by start: few, where
    two days hold thousands. Only exceptions of other checks look at all visits of these days.
    """
    asked: dict[str, dict[int, datetime]] = {name: {} for name in _SLOTS_OF}
    for exception in exceptions:
        noon = next_noon(zone_of(exception), now)
        asked[TROUBLED if exception.check_id in TroubleKind else OTHERS][exception.pk] = noon
    rest = (SubjectKind.APPOINTMENT.value, now, now + AT_RISK, Status.ENTERED_IN_ERROR.value)
    return {
        name: rows_of_sql(_SLOTS_OF[name], ([*noons.values()], [*noons], [*noons], *rest))
        if noons
        else Question(None, nothing=[])
        for name, noons in asked.items()
    }


def slots_at_risk(found: Mapping[str, Any]) -> dict[int, Slots]:
    """Read the answers to ``slots_questions``: the numbers by exception; none where there is no slot at risk."""
    return {row["exception_id"]: Slots(row["by_noon"], row["slots"]) for name in _SLOTS_OF for row in found[name]}


def next_noon(zone: ZoneInfo, now: datetime) -> datetime:
    """The next noon on the wall of a place, in UTC: today's until it strikes, then tomorrow's."""
    noon = datetime.combine(now.astimezone(zone).date(), NOON, zone)
    if noon <= now:
        noon = datetime.combine(noon.date() + timedelta(days=1), NOON, zone)
    return noon.astimezone(UTC)


def impact(exception: IntegrationException, now: datetime) -> Impact:
    """Count what an exception holds and when the held visits of the next 48 h start, in the clinic's zone."""
    return impact_of(exception, answers(impact_questions(exception, now)), now)


def impact_questions(exception: IntegrationException, now: datetime) -> dict[str, Question]:
    """Ask when the held visits of the next 48 h start."""
    held = Membership.objects.filter(exception=exception, subject_kind=SubjectKind.APPOINTMENT)
    soon = _starting_soon(now).filter(id__in=held.values("subject_id"))
    return {STARTS: rows_of(soon.order_by("starts_at").values("starts_at").annotate(visits=Count("id")))}


def impact_of(exception: IntegrationException, found: Mapping[str, Any], now: datetime) -> Impact:
    """Read the answer to ``impact_questions``."""
    zone = zone_of(exception)
    noon = datetime.combine(now.astimezone(zone).date(), NOON, zone)
    hours: dict[datetime, int] = defaultdict(int)
    before_noon = 0
    for row in found[STARTS]:
        there = datetime.fromisoformat(row["starts_at"]).astimezone(zone)
        before_noon += row["visits"] if there < noon else 0
        hours[there.replace(minute=0, second=0, microsecond=0).astimezone(UTC)] += row["visits"]
    local = [(hour.astimezone(zone), count) for hour, count in hours.items()]
    return Impact(exception.live_count, sum(hours.values()), local, before_noon)


def zone_of(exception: IntegrationException) -> ZoneInfo:
    """The zone of an exception's clinic, else of its source."""
    place = exception.clinic or exception.source
    return place.zone


def _starting_soon(now: datetime) -> QuerySet[Appointment]:
    taken_back = Q(status=Status.ENTERED_IN_ERROR)
    return Appointment.objects.starting(now, now + AT_RISK).filter(~taken_back | Q(status__isnull=True))
