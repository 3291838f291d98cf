"""Plans and hours. No database."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.duty import DutyPlan, Swap, Weekly, on_duty
from exceptions.checks.openings import Opening
from exceptions.escalation import SHORTEST_PAUSE, Plan, Step, freeze, next_due, thaw
from exceptions.hours import Calendar, first_within, next_open
from exceptions.vocabulary import Hours, Target

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHICAGO, NEW_YORK, AUCKLAND = ZoneInfo("America/Chicago"), ZoneInfo("America/New_York"), ZoneInfo("Pacific/Auckland")
TEAM = 7
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def at(text, zone=CHICAGO):
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def weekdays(opens=time(8), closes=time(17), zone=CHICAGO, shut_on=()):
    return Opening(zone, tuple((day, opens, closes) for day in range(5)), frozenset(shut_on))


def plan(*steps, repeats=0, first=0):
    return Plan(1, 1, "Plan", repeats, steps, first)


ALWAYS = Step(15 * MINUTE, Target.TEAM)


@pytest.mark.parametrize(
    ("after", "opens"),
    [
        ("2026-11-24 07:59", "2026-11-24 08:00"),
        ("2026-11-24 08:00", "2026-11-24 08:00"),
        ("2026-11-24 16:59", "2026-11-24 16:59"),
        ("2026-11-24 17:00", "2026-11-25 08:00"),
        ("2026-11-25 17:00", "2026-11-27 08:00"),
        ("2026-11-27 17:00", "2026-11-30 08:00"),
        ("2026-10-30 18:00", "2026-11-02 08:00"),
        ("2027-03-12 18:00", "2027-03-15 08:00"),
    ],
    ids=["before", "opening", "last minute", "closing", "over a holiday", "weekend", "over autumn", "over spring"],
)
def test_next_opening(after, opens):
    clinic = weekdays(shut_on=[date(2026, 11, 26)])

    assert next_open([clinic], at(after)) == at(opens)


def test_any_clinic_of_a_source_will_do():
    clinics = [weekdays(), weekdays(time(9), zone=NEW_YORK), weekdays(zone=AUCKLAND)]

    assert next_open(clinics[:2], at("2026-11-24 07:00")) == at("2026-11-24 08:00")
    assert next_open(clinics, at("2026-11-24 12:30")) == at("2026-11-24 12:30")
    # Wednesday morning in Auckland comes before Wednesday morning in Chicago.
    assert next_open(clinics, at("2026-11-24 17:30")) == at("2026-11-24 17:30")
    assert next_open([clinics[0], clinics[2]], at("2026-11-24 22:30")) == at("2026-11-25 08:00")
    # Tomorrow's morning in Auckland comes before today's evening in Chicago.
    evening = weekdays(time(22), time(23))
    assert next_open([evening, clinics[2]], at("2026-11-24 01:00")) == at("2026-11-25 08:00", AUCKLAND)


@pytest.mark.parametrize(
    "clinics", [[], [Opening(CHICAGO)], [Opening(CHICAGO, ((0, time(8), time(8)),))]], ids=["none", "no hours", "empty"]
)
def test_hours_that_nobody_knows_keep_nobody_from_being_told(clinics):
    assert next_open(clinics, NOON) == NOON


def test_duty_of_another_team_does_not_count():
    duties = {TEAM: DutyPlan((Weekly(1, 2, time(8), time(17), CHICAGO),))}
    calendar = Calendar(duties=duties)

    assert first_within(Hours.DUTY, TEAM, NOON, calendar) == at("2026-11-25 08:00")
    assert first_within(Hours.DUTY, 8, NOON, calendar) == NOON
    assert first_within(Hours.DUTY, None, NOON, calendar) == NOON


@pytest.mark.parametrize(("no", "minutes"), [(0, 0), (1, 15), (2, 60), (3, 60), (4, 15), (5, 60), (6, None)], ids=str)
def test_waits_of_a_plan_that_repeats_once(no, minutes):
    found = plan(Step(timedelta(0), Target.DUTY), ALWAYS, Step(HOUR, Target.TEAM), repeats=1)

    due = next_due(found, no, NOON, Calendar())

    assert due == (None if minutes is None else NOON + minutes * MINUTE)


def test_plan_of_one_hasty_step_leaves_a_pause():
    found = plan(Step(timedelta(0), Target.TEAM), repeats=2)

    assert [next_due(found, no, NOON, Calendar()) for no in range(4)] == [
        NOON, NOON + SHORTEST_PAUSE, NOON + SHORTEST_PAUSE, None,
    ]  # fmt: skip


def test_plan_that_was_given_later_counts_from_its_first_run():
    found = plan(ALWAYS, Step(HOUR, Target.TEAM), first=3)

    assert [found.step(no) for no in range(6)] == [None, None, None, *found.steps, None]
    assert [found.wait(no) for no in (3, 4)] == [15 * MINUTE, HOUR]


def test_step_of_its_own_team_waits_for_the_duty_of_that_team():
    duties = {team: DutyPlan((Weekly(1, day, time(8), time(17), CHICAGO),)) for team, day in ((TEAM, 1), (8, 2))}
    step = Step(timedelta(0), Target.DUTY, Hours.DUTY, team=8)

    assert next_due(plan(step), 0, NOON, Calendar(duties=duties), team=TEAM) == at("2026-11-25 08:00")
    assert next_due(plan(replace(step, team=None)), 0, NOON, Calendar(duties=duties), team=TEAM) == at(
        "2026-11-24 08:00"
    )


@pytest.mark.parametrize("frozen", [{}, {"steps": "none"}, {"steps": [{"wait": 1}]}, {"steps": None}, [], None])
def test_what_is_no_plan_is_refused(frozen):
    with pytest.raises(ValueError, match="not a plan"):
        thaw(frozen)


times = st.times().map(lambda value: value.replace(second=0, microsecond=0))
steps = st.builds(
    Step,
    wait=st.integers(0, 7 * 24 * 60).map(lambda minutes: minutes * MINUTE),
    target=st.sampled_from(Target),
    hours=st.sampled_from(Hours),
    team=st.sampled_from([None, TEAM, 8]),
)
plans = st.builds(
    Plan, st.just(1), st.just(1), st.text(max_size=5), st.integers(0, 3), st.lists(steps, max_size=4).map(tuple),
    st.integers(0, 3),
)  # fmt: skip
zones = st.sampled_from([CHICAGO, NEW_YORK, AUCKLAND, ZoneInfo("Europe/London"), ZoneInfo("UTC")])
dates = st.dates(date(2026, 10, 1), date(2027, 5, 1))
openings = st.builds(
    Opening,
    zones,
    st.lists(st.tuples(st.integers(0, 6), times, times).filter(lambda row: row[1] < row[2]), max_size=4).map(tuple),
    st.frozensets(dates, max_size=5),
)
weekly = st.builds(Weekly, st.integers(1, 3), st.integers(0, 6), times, times, zones).filter(
    lambda row: row.starts < row.ends
)
swaps = st.builds(Swap, st.none() | st.integers(1, 3), dates, times, times, zones).filter(
    lambda row: row.starts < row.ends
)
duties = st.builds(DutyPlan, st.lists(weekly, max_size=3).map(tuple), st.lists(swaps, max_size=2).map(tuple))
calendars = st.builds(
    Calendar, st.lists(openings, max_size=3).map(tuple), st.dictionaries(st.sampled_from([TEAM, 8]), duties)
)
moments = st.datetimes(datetime(2026, 10, 20), datetime(2027, 4, 1)).map(lambda value: value.replace(tzinfo=UTC))  # noqa: DTZ001 - made aware here


def is_within(step, moment, calendar):
    """Asked of the calendar itself; hours that nobody knows, or that never come, hold nobody up."""
    if step.hours == Hours.CLINIC:
        days = [clinic.on(moment.astimezone(clinic.zone).date()) for clinic in calendar.clinics]
        return any(begins <= moment < ends for day in days for begins, ends in day)
    return step.hours == Hours.ALWAYS or bool(on_duty(calendar.duties.get(step.team or TEAM, DutyPlan()), moment))


def never_comes(step, moment, calendar):
    """Whether nobody is on duty, or no clinic open, in the two months to come."""
    if step.hours == Hours.CLINIC:
        first = moment.date() - DAY
        days = [clinic.on(first + DAY * number) for clinic in calendar.clinics for number in range(60)]
        return not any(begins < ends and ends > moment for day in days for begins, ends in day)
    plan_of_team = calendar.duties.get(step.team or TEAM, DutyPlan())
    return not any(on_duty(plan_of_team, moment + number * HOUR / 2) for number in range(14 * 48))


@given(plans, calendars, moments)
def test_any_plan_on_any_calendar_is_due_in_order_within_its_hours_and_comes_to_an_end(any_plan, calendar, since):
    due = []
    no, moment = any_plan.first, since
    while (next_moment := next_due(any_plan, no, moment, calendar, team=TEAM)) is not None:
        step = any_plan.step(no)
        assert step is not None
        assert next_moment >= moment + any_plan.wait(no)
        assert is_within(step, next_moment, calendar) or never_comes(step, next_moment, calendar)
        due.append(next_moment)
        no, moment = no + 1, next_moment

    assert due == sorted(due)
    assert len(due) == len(any_plan.steps) * (any_plan.repeats + 1)


@given(openings.filter(lambda opening: opening.hours), moments)
def test_no_open_moment_lies_before_the_next_opening(opening, after):
    """Every half hour before it is looked at, over a week."""
    found = next_open([opening], after)
    step = Step(timedelta(0), Target.TEAM, Hours.CLINIC)

    if found > after:
        probes = min((found - after) // (HOUR / 2), 7 * 48)
        assert not any(is_within(step, after + number * HOUR / 2, Calendar((opening,))) for number in range(probes))


@given(plans)
def test_frozen_plan_reads_back_as_it_was(any_plan):
    assert thaw(freeze(any_plan)) == any_plan
