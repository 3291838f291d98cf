"""What an exception costs: the visits it holds and their slots of the next two days."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from exceptions.models import IntegrationException, Membership
from exceptions.vocabulary import SubjectKind
from scheduling.models import Appointment
from scheduling.vocabulary import Status

AT_RISK = timedelta(hours=48)


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


def slots_at_risk(exception_ids: Collection[int], now: datetime) -> QuerySet[Any, Any]:
    """Per exception the held visits that start within 48 h: their slots cannot be offered."""
    held = Membership.objects.filter(
        exception_id__in=exception_ids,
        subject_kind=SubjectKind.APPOINTMENT,
        subject_id__in=_starting_soon(now).values("id"),
    )
    return held.values("exception_id").annotate(slots=Count("subject_id", distinct=True))


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
