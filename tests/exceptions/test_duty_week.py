"""A week cut by who is on duty: gaps, nights, and the days on which clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.duty import DutyPlan, Swap, Weekly
from exceptions.duty_week import Shift, by_day, gaps, shifts, week_of

CHICAGO = ZoneInfo("America/Chicago")
MIDNIGHT = time(0)
ANN, BEN = 1, 2
HOUR = timedelta(hours=1)
# Monday to Friday Ann has the day and Ben the evening; nobody has the night and the week-end.
OFFICE = tuple(
    row
    for day in range(5)
    for row in (
        Weekly(ANN, day, time(8), time(16), CHICAGO),
        Weekly(BEN, day, time(16), MIDNIGHT, CHICAGO),
    )
)
ALWAYS = tuple(Weekly(ANN, day, MIDNIGHT, MIDNIGHT, CHICAGO) for day in range(7))
TUESDAY = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)


def at(year, month, day, hour=0):
    return datetime(year, month, day, hour, tzinfo=CHICAGO).astimezone(UTC)


def test_gaps_are_the_nights_and_the_weekend():
    begins, ends = week_of(TUESDAY, CHICAGO)

    found = gaps(shifts(DutyPlan(OFFICE), begins, ends))

    nights = [Shift(at(2026, 11, day), at(2026, 11, day, 8), ()) for day in range(23, 28)]
    assert found == [*nights, Shift(at(2026, 11, 28), at(2026, 11, 30), ())]


def test_shifts_follow_each_other_without_holes():
    begins, ends = week_of(TUESDAY, CHICAGO)

    cut = shifts(DutyPlan(OFFICE), begins, ends)

    assert [one.ends for one in cut[:-1]] == [one.begins for one in cut[1:]]
    assert (cut[0].begins, cut[-1].ends) == (begins, ends)


def test_nobody_at_all_is_one_gap():
    begins, ends = week_of(TUESDAY, CHICAGO)

    assert shifts(DutyPlan(), begins, ends) == [Shift(begins, ends, ())]


def test_swap_of_nobody_opens_a_gap_and_closes_it():
    plan = DutyPlan(ALWAYS, (Swap(None, date(2026, 11, 26), time(10), time(12), CHICAGO),))
    begins, ends = week_of(TUESDAY, CHICAGO)

    cut = shifts(plan, begins, ends)

    assert cut == [
        Shift(begins, at(2026, 11, 26, 10), (ANN,)),
        Shift(at(2026, 11, 26, 10), at(2026, 11, 26, 12), ()),
        Shift(at(2026, 11, 26, 12), ends, (ANN,)),
    ]


@pytest.mark.parametrize(
    ("now", "day", "hours"),
    [(at(2026, 3, 5), 6, 23), (at(2026, 10, 28), 6, 25), (TUESDAY, 6, 24)],
    ids=["clocks go forward", "clocks go back", "neither"],
)
def test_day_of_the_change_is_as_long_as_it_is(now, day, hours):
    begins, ends = week_of(now, CHICAGO)

    days = by_day(shifts(DutyPlan(ALWAYS), begins, ends), begins, CHICAGO, 7)

    assert [[one.ends - one.begins for one in days[number]] for number in (0, day)] == [[24 * HOUR], [hours * HOUR]]


def test_week_begins_on_monday_where_the_zone_is():
    sunday_night = datetime(2026, 11, 30, 3, tzinfo=UTC)

    assert week_of(sunday_night, CHICAGO) == (at(2026, 11, 23), at(2026, 11, 30))
    assert week_of(sunday_night, ZoneInfo("UTC"), later=1)[0] == datetime(2026, 12, 7, tzinfo=UTC)
