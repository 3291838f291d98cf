"""When clinics are open: how much open time lies in a silence, and when a business day is over. Pure."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
# Further back nothing is counted: every silence is long by then (I14).
MOST_COUNTED = 35 * DAY
_MOST_SHUT_DAYS = 14

Stretch = tuple[datetime, datetime]


class Opening(NamedTuple):
    """A clinic's calendar: (weekday, opens, closes) in its own time, 0 is Monday, and the days it is shut."""

    zone: ZoneInfo
    hours: tuple[tuple[int, time, time], ...] = ()
    shut_on: frozenset[date] = frozenset()

    def on(self, day: date) -> list[Stretch]:
        """The stretches of one local day, in UTC; none where the clinic is shut or nothing is known."""
        if day in self.shut_on:
            return []
        return [
            (self._moment(day, opens), self._moment(day, closes))
            for weekday, opens, closes in self.hours
            if weekday == day.weekday()
        ]

    def closes_on(self, day: date) -> datetime:
        """When the local day is over, in UTC: the last closing, else the midnight that ends it."""
        return max((end for _, end in self.on(day)), default=self._moment(day + DAY, time()))

    def next_business_day(self, day: date) -> date:
        """The first day after ``day`` on which the clinic is open; the day after it where none is near."""
        following = (day + DAY * number for number in range(1, _MOST_SHUT_DAYS + 1))
        return next((other for other in following if self.on(other)), day + DAY)

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


ALWAYS_UTC = Opening(ZoneInfo("UTC"))


def open_stretches(openings: Iterable[Opening], begins: datetime, ends: datetime) -> list[Stretch]:
    """When at least one of some clinics is open between two moments (UTC), in order and apart.

    Clinics whose hours nobody entered count only where no hours are known at all: then every hour is open. A clinic
    that is open to 23:59 is open past midnight.
    """
    begins = max(begins, ends - MOST_COUNTED)
    known = [opening for opening in openings if opening.hours]
    if not known:
        return [(begins, ends)] if begins < ends else []
    cut = [
        (max(start, begins), min(end, ends))
        for opening in known
        for day in _days(begins.astimezone(opening.zone).date(), ends.astimezone(opening.zone).date())
        for start, end in opening.on(day)
        if start < ends and end > begins
    ]
    return _united(sorted(cut))


def open_time(openings: Iterable[Opening], begins: datetime, ends: datetime) -> timedelta:
    """How long at least one of some clinics was open between two moments (UTC)."""
    return sum((end - start for start, end in open_stretches(openings, begins, ends)), timedelta())


def _days(first: date, last: date) -> Iterator[date]:
    return (first + DAY * number for number in range((last - first).days + 1))


def _united(stretches: Iterable[Stretch]) -> list[Stretch]:
    united: list[Stretch] = []
    for start, end in stretches:
        if united and start <= united[-1][1] + MINUTE:
            united[-1] = (united[-1][0], max(united[-1][1], end))
        else:
            united.append((start, end))
    return united
