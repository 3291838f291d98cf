"""When a clinic's day ends. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo


class ClinicDay(NamedTuple):
    """A clinic's calendar: when it closes by weekday (0 is Monday), and the days it is shut."""

    zone: ZoneInfo
    closes: Mapping[int, time]
    shut_on: frozenset[str] = frozenset()


def close_of_business(starts_at: datetime, day: ClinicDay | None) -> datetime:
    """When the clinic's day of a visit ends, in UTC; the local midnight after it where no hours are known."""
    zone = day.zone if day is not None else ZoneInfo("UTC")
    there = starts_at.astimezone(zone)
    is_shut = day is None or there.date().isoformat() in day.shut_on
    closes = None if is_shut or day is None else day.closes.get(there.weekday())
    if closes is None:
        end = datetime.combine(there.date() + timedelta(days=1), time(), zone)
    else:
        end = datetime.combine(there.date(), closes, zone)
    # A visit after hours cannot be called missed before it was due.
    return max(end.astimezone(UTC), starts_at.astimezone(UTC))
