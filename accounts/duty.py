"""Who of a team is on duty at a moment: the weekly plan, and the swaps that come before it. Pure.

Moments are UTC. Stretches are local: one whose end a change of the clocks makes ambiguous includes both hours, and an
end that a change leaps over is the moment of the change.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY, WEEK = timedelta(days=1), timedelta(days=7)
MIDNIGHT = time(0)
_MOST_WEEKS = 54  # a swap lies a year ahead at most
_SECOND = timedelta(seconds=1)

Stretch = tuple[datetime, datetime]


class Weekly(NamedTuple):
    """One person's stretch on one weekday (0 is Monday); ``ends`` 00:00 is the end of the day."""

    person: int
    weekday: int
    starts: time
    ends: time
    zone: ZoneInfo
    rank: int = 1


class Swap(NamedTuple):
    """Who has a stretch of one date instead; nobody where ``person`` is None."""

    person: int | None
    on: date
    starts: time
    ends: time
    zone: ZoneInfo


class DutyPlan(NamedTuple):
    """The duties of one team."""

    weekly: tuple[Weekly, ...] = ()
    swaps: tuple[Swap, ...] = ()


def on_duty(plan: DutyPlan, at: datetime) -> list[int]:
    """The ids of who is on duty at a moment, who is to be told first in front; a swap replaces the weekly plan."""
    swaps = [swap for swap in plan.swaps if _covers(swap, swap.on, at)]
    if swaps:
        return _once(swap.person for swap in swaps if swap.person is not None)
    rows = [row for row in plan.weekly if _is_now(row, at)]
    return _once(row.person for row in sorted(rows, key=lambda row: row.rank))


def next_on_duty(plan: DutyPlan, after: datetime) -> datetime | None:
    """The first moment, ``after`` or later, at which somebody is on duty; None where nobody is within a year."""
    if on_duty(plan, after):
        return after
    if not plan.weekly and not plan.swaps:
        return None
    for number in range(_MOST_WEEKS):
        begins = after + WEEK * number
        within = {edge for edge in edges(plan, begins, begins + WEEK) if begins <= edge < begins + WEEK}
        found = next((edge for edge in sorted(within) if on_duty(plan, edge)), None)
        if found is not None:
            return found
    return None


def edges(plan: DutyPlan, begins: datetime, ends: datetime) -> Iterator[datetime]:
    """The moments between two, and some around them, at which duty may begin or end; in no order."""
    first = begins.date() - DAY
    days = [first + DAY * number for number in range((ends - begins).days + 4)]
    for row in plan.weekly:
        for day in days:
            if day.weekday() == row.weekday:
                yield from local_stretch(day, row.starts, row.ends, row.zone)
    for swap in plan.swaps:
        if swap.on in days:
            yield from local_stretch(swap.on, swap.starts, swap.ends, swap.zone)


def local_stretch(on: date, starts: time, ends: time, zone: ZoneInfo) -> Stretch:
    """A stretch of one local day in UTC; empty where a change of the clocks leaps over all of it."""
    last = on if ends != MIDNIGHT else on + DAY
    return _moment(on, starts, zone, is_end=False), _moment(last, ends, zone, is_end=True)


def _moment(on: date, at: time, zone: ZoneInfo, *, is_end: bool) -> datetime:
    first = datetime.combine(on, at, zone)
    second = first.replace(fold=1)
    before, after = first.utcoffset() or timedelta(), second.utcoffset() or timedelta()
    if before >= after:
        return (second if is_end else first).astimezone(UTC)
    # The clocks leap over this time: look for the moment at which they do.
    early, late = second.astimezone(UTC), first.astimezone(UTC)
    while late - early > _SECOND:
        middle = early + ((late - early) // _SECOND // 2) * _SECOND
        early, late = (early, middle) if middle.astimezone(zone).utcoffset() == after else (middle, late)
    return late


def _is_now(row: Weekly, at: datetime) -> bool:
    day = at.astimezone(row.zone).date()
    return day.weekday() == row.weekday and _covers(row, day, at)


def _covers(row: Weekly | Swap, on: date, at: datetime) -> bool:
    begins, ends = local_stretch(on, row.starts, row.ends, row.zone)
    return begins <= at < ends


def _once(people: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(people))
