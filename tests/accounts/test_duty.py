"""Who is on duty. No database."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.duty import DutyPlan, Swap, Weekly, local_stretch, next_on_duty, on_duty

CHICAGO = ZoneInfo("America/Chicago")
MILO, IMANI, RUTH = 1, 2, 3
TUESDAY = date(2026, 11, 24)
SPRING, AUTUMN = date(2027, 3, 14), date(2026, 11, 1)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO).astimezone(UTC)


def weekly(person, weekday=1, starts=time(8), ends=time(17), rank=1):
    return Weekly(person, weekday, starts, ends, CHICAGO, rank)


def swap(person, starts=time(8), ends=time(17), on=TUESDAY):
    return Swap(person, on, starts, ends, CHICAGO)


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        ("2026-11-24 07:59:59", []),
        ("2026-11-24 08:00", [MILO]),
        ("2026-11-24 16:59:59", [MILO]),
        ("2026-11-24 17:00", []),
        ("2026-11-25 09:00", []),
    ],
    ids=["before", "first moment", "last moment", "the end is not in it", "another day"],
)
def test_duty_begins_and_ends(moment, there):
    assert on_duty(DutyPlan((weekly(MILO),)), at(moment)) == there


def test_lower_rank_is_told_first_and_nobody_twice():
    plan = DutyPlan((weekly(MILO, rank=2), weekly(IMANI, rank=1), weekly(MILO, rank=3)))

    assert on_duty(plan, at("2026-11-24 09:00")) == [IMANI, MILO]


def test_midnight_is_the_end_of_the_day():
    plan = DutyPlan((weekly(MILO, starts=time(22), ends=time(0)),))

    assert [on_duty(plan, at(text)) for text in ("2026-11-24 23:59:59", "2026-11-25 00:00")] == [[MILO], []]


@pytest.mark.parametrize(
    ("swaps", "moment", "there"),
    [
        ([swap(RUTH)], "2026-11-24 09:00", [RUTH]),
        ([swap(RUTH)], "2026-12-01 09:00", [MILO]),
        ([swap(RUTH, ends=time(12))], "2026-11-24 12:00", [MILO]),
        ([swap(None)], "2026-11-24 09:00", []),
        ([swap(RUTH, time(18), time(20))], "2026-11-24 19:00", [RUTH]),
    ],
    ids=["its day", "a week later", "after it", "nobody has it", "where nobody was"],
)
def test_swap_comes_before_the_weekly_plan(swaps, moment, there):
    assert on_duty(DutyPlan((weekly(MILO),), tuple(swaps)), at(moment)) == there


@pytest.mark.parametrize(
    ("after", "begins"),
    [
        ("2026-11-24 09:30", "2026-11-24 09:30"),
        ("2026-11-24 17:00", "2026-12-08 08:00"),
        ("2026-11-23 00:00", "2026-11-24 08:00"),
    ],
    ids=["now", "past a day that nobody has", "tomorrow"],
)
def test_next_beginning_of_duty(after, begins):
    plan = DutyPlan((weekly(MILO),), (swap(None, on=date(2026, 12, 1)),))

    assert next_on_duty(plan, at(after)) == at(begins)


def test_duty_begins_where_a_swap_without_anybody_ends():
    plan = DutyPlan((weekly(MILO),), (swap(None, ends=time(12)),))

    assert next_on_duty(plan, at("2026-11-24 08:30")) == at("2026-11-24 12:00")


@pytest.mark.parametrize(
    "plan", [DutyPlan(), DutyPlan(swaps=(swap(RUTH),)), DutyPlan(swaps=(swap(None),))], ids=["empty", "past", "nobody"]
)
def test_nobody_is_on_duty_any_more(plan):
    assert next_on_duty(plan, at("2026-11-24 17:00")) is None


@pytest.mark.parametrize(
    ("starts", "ends", "minutes"),
    [
        (time(1), time(4), 120),
        (time(2, 30), time(4), 60),
        (time(1), time(2, 30), 60),
        (time(2, 15), time(2, 45), 0),
        (time(4), time(5), 60),
    ],
    ids=["over the leap", "begins in it", "ends in it", "all of it", "after it"],
)
def test_spring_night_leaps_over_an_hour(starts, ends, minutes):
    begins, over = local_stretch(SPRING, starts, ends, CHICAGO)

    assert over - begins == timedelta(minutes=minutes)


def test_what_begins_in_the_leap_begins_with_it():
    assert local_stretch(SPRING, time(2, 30), time(4), CHICAGO)[0] == datetime(2027, 3, 14, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts", "ends", "hours"),
    [(time(0), time(4), 5), (time(1), time(1, 30), 1.5), (time(1, 30), time(4), 3.5)],
    ids=["over the repeat", "ends in it", "begins in it"],
)
def test_autumn_night_has_an_hour_twice(starts, ends, hours):
    begins, over = local_stretch(AUTUMN, starts, ends, CHICAGO)

    assert over - begins == timedelta(hours=hours)


@given(
    middle=st.times(min_value=time(12, 0, 1)),
    hours=st.integers(0, 24 * 400),
)
def test_halves_of_a_day_leave_no_hole_on_any_day(middle, hours):
    """Two people share every day at a time of their choice: somebody is always on duty."""
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    plan = DutyPlan(
        tuple(weekly(MILO, day, time(0), middle) for day in range(7))
        + tuple(weekly(IMANI, day, middle, time(0)) for day in range(7))
    )

    assert on_duty(plan, moment)
    assert next_on_duty(plan, moment) == moment
