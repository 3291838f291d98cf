"""When people may be contacted, in their own local time. Pure, and right on the days on which clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from recovery.contacting.facts import ContactHours

SUNDAY = 6


def is_open(hours: ContactHours, zone: ZoneInfo, now: datetime) -> bool:
    """Whether ``now`` lies within the hours of that place; they include their beginning and exclude their end."""
    there = now.astimezone(zone)
    begins, ends = _hours_on(hours, there.date())
    return begins <= there.timetz().replace(tzinfo=None) < ends


def next_open(hours: ContactHours, zone: ZoneInfo, now: datetime) -> datetime | None:
    """``now`` where it is open, else when it opens next, in UTC; None where no day of the week has hours."""
    if is_open(hours, zone, now):
        return now
    day = now.astimezone(zone).date()
    for ahead in range(8):
        on = day + timedelta(days=ahead)
        begins, ends = _hours_on(hours, on)
        opens = _moment(on, begins, zone)
        if begins < ends and opens > now:
            return opens
    return None


def narrowed(hours: ContactHours, by: ContactHours) -> ContactHours:
    """The hours that both allow; a day on which they never meet begins after it ends, and has none."""
    return ContactHours(_common(hours.weekdays, by.weekdays), _common(hours.sundays, by.sundays))


def local_day_begins(zone: ZoneInfo, now: datetime) -> datetime:
    """The local midnight before ``now``, in UTC: a day of 23 or 25 hours is one day."""
    return _moment(now.astimezone(zone).date(), time(), zone)


def _common(one: tuple[time, time], other: tuple[time, time]) -> tuple[time, time]:
    return max(one[0], other[0]), min(one[1], other[1])


def _hours_on(hours: ContactHours, on: date) -> tuple[time, time]:
    return hours.sundays if on.weekday() == SUNDAY else hours.weekdays


def _moment(on: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, at, zone).astimezone(UTC)
