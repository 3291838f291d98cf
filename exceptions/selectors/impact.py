"""What an exception costs: the visits it holds and their slots of the next two days."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from config.web.asking import Question, rows_of_sql
from exceptions.models import IntegrationException, Membership
from exceptions.vocabulary import SubjectKind
from scheduling.models import Appointment
from scheduling.vocabulary import Status, TroubleKind

AT_RISK = timedelta(hours=48)
_SLOTS = """
SELECT m.exception_id, count(DISTINCT m.subject_id) AS slots
FROM exceptions_membership m JOIN scheduling_appointment a ON a.id = m.subject_id
WHERE m.exception_id = ANY(%s) AND m.subject_kind = %s AND a.starts_at >= %s AND a.starts_at < %s
    AND a.status IS DISTINCT FROM %s {}
GROUP BY m.exception_id
"""
TROUBLED, OTHERS = "slots of visits in trouble", "slots of other visits"
_SLOTS_OF = {TROUBLED: _SLOTS.format("AND a.troubles IS NOT NULL"), OTHERS: _SLOTS.format("")}


@dataclass(frozen=True, slots=True)
class Impact:
    """What one exception holds. ``hours`` are (local hour, visits that start in it) of the next 48 h, in order."""

    held: int
    slots: int
    hours: list[tuple[datetime, int]] = field(default_factory=list)

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
    """Ask for the held visits that start within 48 h, per exception: their slots cannot be offered.

    What holds a visit by a trouble has that visit among those in trouble, which have an index by start: few, where
    two days hold thousands. Only exceptions of other checks look at all visits of these days.
    """
    ids: dict[str, list[int]] = {name: [] for name in _SLOTS_OF}
    for exception in exceptions:
        ids[TROUBLED if exception.check_id in TroubleKind else OTHERS].append(exception.pk)
    rest = (SubjectKind.APPOINTMENT.value, now, now + AT_RISK, Status.ENTERED_IN_ERROR.value)
    return {
        name: rows_of_sql(_SLOTS_OF[name], (asked, *rest)) if asked else Question(None, nothing=[])
        for name, asked in ids.items()
    }


def slots_at_risk(found: Mapping[str, Any]) -> dict[int, int]:
    """Read the answers to ``slots_questions``: the number by exception; none where there is no slot at risk."""
    return {row["exception_id"]: row["slots"] for name in _SLOTS_OF for row in found[name]}


def impact(exception: IntegrationException, now: datetime) -> Impact:
    """Count what an exception holds and when the held visits of the next 48 h start, in the clinic's zone."""
    zone = zone_of(exception)
    held = Membership.objects.filter(exception=exception, subject_kind=SubjectKind.APPOINTMENT)
    rows = (
        _starting_soon(now)
        .filter(id__in=held.values("subject_id"))
        .order_by("starts_at")
        .values_list("starts_at")
        .annotate(Count("id"))
    )
    hours: dict[datetime, int] = defaultdict(int)
    for starts_at, count in rows:
        hours[starts_at.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)] += count
    local = [(hour.astimezone(zone), count) for hour, count in hours.items()]
    return Impact(exception.live_count, sum(hours.values()), local)


def zone_of(exception: IntegrationException) -> ZoneInfo:
    """The zone of an exception's clinic, else of its source."""
    place = exception.clinic or exception.source
    return place.zone


def _starting_soon(now: datetime) -> QuerySet[Appointment]:
    taken_back = Q(status=Status.ENTERED_IN_ERROR)
    return Appointment.objects.starting(now, now + AT_RISK).filter(~taken_back | Q(status__isnull=True))
