"""Open time and business days, over days on which the clocks change. No database."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from exceptions.checks.openings import Opening, open_stretches, open_time

HOUR = timedelta(hours=1)
CHICAGO = ZoneInfo("America/Chicago")
WEEK = tuple((day, time(8), time(17)) for day in range(5))
CLINIC = Opening(CHICAGO, WEEK, frozenset({date(2026, 11, 26)}))
LATE = Opening(CHICAGO, tuple((day, time(12), time(20)) for day in range(5)))
ROUND_THE_CLOCK = Opening(CHICAGO, tuple((day, time(0), time(23, 59)) for day in range(7)))
NIGHT = Opening(CHICAGO, tuple((day, time(0), time(6)) for day in range(7)))


def local(day: int, hour: float, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, tzinfo=CHICAGO).replace(hour=int(hour), minute=int(hour % 1 * 60)).astimezone(UTC)


@pytest.mark.parametrize(
    ("openings", "begins", "ends", "hours"),
    [
        ([CLINIC], local(24, 7), local(24, 18), 9),
        ([CLINIC], local(24, 16), local(25, 9), 2),
        ([CLINIC], local(24, 17), local(25, 8), 0),
        ([CLINIC], local(25, 17), local(27, 8), 0),
        ([CLINIC], local(20, 16), local(23, 9), 2),
        ([CLINIC, LATE], local(24, 7), local(24, 23), 12),
        ([ROUND_THE_CLOCK], local(23, 22), local(24, 2), 4 - 1 / 60),
        ([Opening(CHICAGO)], local(24, 1), local(24, 4), 3),
        ([Opening(CHICAGO), CLINIC], local(24, 1), local(24, 4), 0),
        ([], local(24, 4), local(24, 1), 0),
        ([NIGHT], local(1, 0), local(1, 7), 7),
        ([NIGHT], local(8, 0, month=3), local(8, 7, month=3), 5),
    ],
    ids=["a day", "over night", "closed", "holiday", "weekend", "two clinics", "past midnight", "hours not known",
         "hours of one known", "no time at all", "clocks go back", "clocks go forward"],
)  # fmt: skip
def test_open_time_counts_what_the_calendars_say(openings, begins, ends, hours):
    counted = open_time(openings, begins, ends)

    assert counted in {timedelta(hours=hours), timedelta(hours=hours) + timedelta(minutes=1)}


def test_round_the_clock_is_one_stretch():
    assert open_stretches([ROUND_THE_CLOCK], local(22, 22), local(24, 2)) == [(local(22, 22), local(24, 2))]


@pytest.mark.parametrize(
    ("day", "following"),
    [(date(2026, 11, 24), date(2026, 11, 25)), (date(2026, 11, 25), date(2026, 11, 27)),
     (date(2026, 11, 27), date(2026, 11, 30))],
    ids=["tomorrow", "after a holiday", "after a weekend"],
)  # fmt: skip
def test_next_business_day(day, following):
    assert CLINIC.next_business_day(day) == following


def test_clinic_without_hours_closes_at_midnight_every_day():
    unknown = Opening(CHICAGO)

    assert unknown.closes_on(date(2026, 11, 24)) == local(25, 0)
    assert unknown.next_business_day(date(2026, 11, 28)) == date(2026, 11, 29)


def test_day_of_the_change_closes_by_the_wall_clock():
    assert Opening(CHICAGO, ((6, time(8), time(17)),)).closes_on(date(2026, 11, 1)) == datetime(
        2026, 11, 1, 23, tzinfo=UTC
    )
