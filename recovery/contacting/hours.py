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


def next_open(hours: ContactHours, zone: ZoneInfo, now: datetime) -> datetime:
    """``now`` where it is open, else when it opens next, in UTC."""
    if is_open(hours, zone, now):
        return now
    day = now.astimezone(zone).date()
    for ahead in range(3):
        on = day + timedelta(days=ahead)
        opens = _moment(on, _hours_on(hours, on)[0], zone)
        if opens > now:
            return opens
    raise AssertionError("Every day has hours.")


def local_day_begins(zone: ZoneInfo, now: datetime) -> datetime:
    """The local midnight before ``now``, in UTC: a day of 23 or 25 hours is one day."""
    return _moment(now.astimezone(zone).date(), time(), zone)


def _hours_on(hours: ContactHours, on: date) -> tuple[time, time]:
    return hours.sundays if on.weekday() == SUNDAY else hours.weekdays


def _moment(on: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, at, zone).astimezone(UTC)
