"""Which days are counted. Pure; days are those of the clinic's own zone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

MOST_DAYS = 366
USUAL = timedelta(days=27)
WEEK = timedelta(days=7)
# However far a clinic's zone is from UTC, its day lies within this of the UTC day of the same date.
ZONES = timedelta(hours=14)


class PeriodError(ValueError):
    """The days asked for make no period; people read the sentence."""


class Period(NamedTuple):
    """From the first to the last day, both counted."""

    first: date
    last: date

    @property
    def begins_at(self) -> datetime:
        """No day of the period begins before this, in any zone."""
        return datetime.combine(self.first, time(), UTC) - ZONES

    @property
    def ends_at(self) -> datetime:
        """Every day of the period is over by then, in any zone."""
        return datetime.combine(self.last, time(), UTC) + timedelta(days=1) + ZONES

    @property
    def weeks(self) -> Iterator[date]:
        """The Mondays of its weeks."""
        monday = monday_of(self.first)
        while monday <= self.last:
            yield monday
            monday += WEEK


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def period(first: date | None, last: date | None, today: date) -> Period:
    """The period asked for; four weeks up to today where nothing is said. Raises PeriodError."""
    end = last or (max(today, first) if first is not None else today)
    begin = first or end - USUAL
    if begin > end:
        raise PeriodError("The first day is after the last.")
    if end - begin >= timedelta(days=MOST_DAYS):
        raise PeriodError(f"Choose at most {MOST_DAYS} days.")
    return Period(begin, end)
