"""Times as people say them: "in 25 min (10:40 CST)". Pure: ``now`` and the zone are given."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
# What people at a desk call their zones; any other goes by its city.
ZONE_WORDS = {
    "America/New_York": "Eastern time", "America/Detroit": "Eastern time", "America/Chicago": "Central time",
    "America/Denver": "Mountain time", "America/Boise": "Mountain time", "America/Phoenix": "Arizona time",
    "America/Los_Angeles": "Pacific time", "America/Anchorage": "Alaska time", "Pacific/Honolulu": "Hawaii time",
    "America/Puerto_Rico": "Atlantic time", "America/Halifax": "Atlantic time",
}  # fmt: skip


def span(seconds: float) -> str:
    """Say a length of time in at most two units: "40 s", "22 min", "1 h 19", "3 days"; the sign is ignored."""
    length = int(abs(seconds))
    if length < MINUTE:
        return f"{length} s"
    if length < HOUR:
        return f"{length // MINUTE} min"
    if length < DAY:
        hours, minutes = length // HOUR, length % HOUR // MINUTE
        return f"{hours} h {minutes:02d}" if minutes else f"{hours} h"
    days = length // DAY
    return "1 day" if days == 1 else f"{days:,} days"


def relative(moment: datetime, now: datetime) -> str:
    """Say how far a moment is from ``now``: "in 25 min", "8 min ago", "now" within five seconds."""
    seconds = (moment - now).total_seconds()
    if abs(seconds) < 5:
        return "now"
    return f"in {span(seconds)}" if seconds > 0 else f"{span(seconds)} ago"


def clock(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Give the clock time with its zone, and the day when it is not today in that zone.

    "10:40 CST", "Wed 10:40 CST" within six days, "3 Dec 10:40 CST" within the year, else with the year.
    """
    there, today = moment.astimezone(zone), now.astimezone(zone).date()
    time = f"{there:%H:%M} {there.tzname()}"
    days = (there.date() - today).days
    if days == 0:
        return time
    if abs(days) <= 6:
        return f"{there:%a} {time}"
    day = f"{there.day} {there:%b}"
    return f"{day} {time}" if there.year == today.year else f"{day} {there.year} {time}"


def both(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Give the relative and the absolute time: "in 25 min (10:40 CST)"."""
    return f"{relative(moment, now)} ({clock(moment, zone, now)})"


def day(moment: datetime, zone: ZoneInfo) -> str:
    """Give the local day: "Tue 24 Nov 2026"."""
    there = moment.astimezone(zone)
    return f"{there:%a} {there.day} {there:%b %Y}"


def long_now(now: datetime, zone: ZoneInfo) -> str:
    """Give day and clock for page heads: "Tuesday 24 November 2026, 09:41 CST"."""
    there = now.astimezone(zone)
    return f"{there:%A} {there.day} {there:%B %Y}, {there:%H:%M} {there.tzname()}"


def rounded_up(moment: datetime) -> datetime:
    """Round up to a whole minute, so that "try again at" is never too early."""
    rest = timedelta(seconds=moment.second, microseconds=moment.microsecond)
    return moment if not rest else moment - rest + timedelta(minutes=1)


def zone_words(zone: ZoneInfo) -> str:
    """Name a zone as people do: "Central time", "Berlin time", "UTC"."""
    name = zone.key
    if "/" not in name:
        return name
    return ZONE_WORDS.get(name) or f"{name.rpartition('/')[2].replace('_', ' ')} time"
