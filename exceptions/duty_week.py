"""A stretch of time cut by who is on duty: for the week's table, and to find the hours that nobody has. Pure.

Moments are UTC; what is on duty at each of them is decided by ``accounts.duty`` alone.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from accounts.duty import DAY, MIDNIGHT, DutyPlan, edges, local_stretch, on_duty


class Shift(NamedTuple):
    """From one moment to another the same people are on duty, the first to be told in front; nobody: empty."""

    begins: datetime
    ends: datetime
    people: tuple[int, ...]


def shifts(plan: DutyPlan, begins: datetime, ends: datetime) -> list[Shift]:
    """Cut a stretch of time wherever the people on duty change; the shifts follow each other without holes."""
    found: list[Shift] = []
    within = {edge for edge in edges(plan, begins, ends) if begins < edge < ends}
    for first, last in pairwise([begins, *sorted(within), ends]):
        people = tuple(on_duty(plan, first))
        if found and found[-1].people == people:
            found[-1] = found[-1]._replace(ends=last)
        else:
            found.append(Shift(first, last, people))
    return found


def gaps(cut: Sequence[Shift]) -> list[Shift]:
    """The shifts that nobody has."""
    return [shift for shift in cut if not shift.people]


def by_day(cut: Sequence[Shift], begins: datetime, zone: ZoneInfo, days: int) -> list[list[Shift]]:
    """The same shifts day by day of the zone, cut at midnight; a day of 23 or 25 hours is as long as it is."""
    midnight = begins.astimezone(zone).date()
    bounds = [_midnight(midnight + DAY * number, zone) for number in range(days + 1)]
    return [
        [
            Shift(max(shift.begins, first), min(shift.ends, last), shift.people)
            for shift in cut
            if shift.begins < last and first < shift.ends
        ]
        for first, last in pairwise(bounds)
    ]


def week_of(now: datetime, zone: ZoneInfo, *, later: int = 0) -> tuple[datetime, datetime]:
    """The local week, Monday to Sunday, in which a moment lies, or ``later`` weeks after it."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=later)
    return _midnight(monday, zone), _midnight(monday + timedelta(days=7), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a local day begins."""
    return local_stretch(day, MIDNIGHT, MIDNIGHT, zone)[0]
