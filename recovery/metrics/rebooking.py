"""Whether lost visits were rebooked in time. Pure; what takes a visit's place is the queue's own rule."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from recovery.chances import LostVisit, OtherVisit
from recovery.hours import ClinicDay
from recovery.metrics.definitions import BUSINESS_DAYS
from recovery.planning import SUPPRESSES_OUTREACH, is_rebooking
from recovery.vocabulary import Family
from scheduling.vocabulary import Status

WORKDAYS = frozenset(range(5))  # where the clinic's hours are not known
DAY = timedelta(days=1)
# A clinic that is shut for longer has no business days to count.
MOST_DAYS = 60


class Loss(NamedTuple):
    """One lost visit, when it was lost for good (UTC and in the clinic's calendar), and what took its place.

    ``rebooked`` are the visits that take its place, with when they were booked; None where the source does not say.
    """

    visit: LostVisit
    family: Family
    since: datetime
    on: date
    rebooked: Mapping[int, datetime | None]

    @property
    def is_wanted(self) -> bool:
        """Whether it was to be rebooked at all."""
        return not (self.visit.contact.died or self.visit.reason_flags & SUPPRESSES_OUTREACH)

    @property
    def booked_at(self) -> datetime | None:
        """When the first visit that takes its place was booked, as far as is known."""
        return min((at for at in self.rebooked.values() if at is not None), default=None)


def loss_of(visit: LostVisit, others: Iterable[OtherVisit], zone: ZoneInfo) -> Loss:
    """A lost visit with what took its place; ``others`` are the same person's."""
    is_missed = visit.status == Status.MISSED
    family = Family.REBOOK_MISSED if is_missed else Family.REBOOK_BUMPED
    since = visit.starts_at if is_missed else visit.lost_at
    rebooked = {other.appointment_id: other.booked_at for other in others if is_rebooking(visit, other)}
    return Loss(visit, family, since, since.astimezone(zone).date(), rebooked)


def answers(loss: Loss, day: ClinicDay | None, now: datetime) -> dict[str, bool]:
    """By figure, whether it was rebooked in time; a figure that the visit does not belong to, or not yet, is absent."""
    if not loss.is_wanted or (loss.rebooked and loss.booked_at is None):
        return {}
    if loss.family == Family.REBOOK_MISSED:
        ends = {"missed_7": loss.since + 7 * DAY, "missed_30": loss.since + 30 * DAY}
    else:
        ends = {"bumped_5": business_days_after(loss.since, BUSINESS_DAYS, day)}
    booked_at = loss.booked_at
    return {figure: booked_at is not None and booked_at <= end for figure, end in ends.items() if end <= now}


def business_days_after(since: datetime, days: int, day: ClinicDay | None) -> datetime:
    """The end (UTC) of the clinic's so-manieth business day after a moment; the day of the moment is not counted."""
    zone = day.zone if day is not None else ZoneInfo("UTC")
    on, left = since.astimezone(zone).date(), days
    for _ in range(MOST_DAYS):
        if not left:
            break
        on += DAY
        left -= _is_open(on, day)
    return datetime.combine(on + DAY, time(), zone).astimezone(UTC)


def _is_open(on: date, day: ClinicDay | None) -> bool:
    if day is None or not day.closes:
        return on.weekday() in WORKDAYS
    return on.weekday() in day.closes and on.isoformat() not in day.shut_on
