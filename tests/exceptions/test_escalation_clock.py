"""Policies run through days, nights, holidays and changes of the clocks: exactly these notices and no other.

The real sweeps run on the real database at every step of the clock. Times are those of Chicago; 2026-11-24 is a
Tuesday, and the 26th is Thanksgiving.
"""

from datetime import time, timedelta

import pytest

from accounts.models import Closure, DutySwap
from exceptions.models import History, IntegrationException, MaintenanceWindow, StepRun
from exceptions.services.move_exception import Order, move_exception
from exceptions.vocabulary import Hours, State, Target, Verb
from tests.support.escalation import HOUR, Clock, chicago, on_duty, opening_hours, policy, step, told

ZZ8, ZZ9 = ("unmapped_status", "ZZ8"), ("unmapped_status", "ZZ9")
TEN = timedelta(seconds=10)
AT_ONCE, QUARTER = timedelta(0), timedelta(minutes=15)


@pytest.fixture
def opened(run, change, booked, people):
    """Open the exception about a code at a moment; the mapping team (Imani and Milo) owns it."""

    def open_it(moment, code=ZZ9, visit=1):
        run(change(visit, booked(code)), now=chicago(moment))
        return IntegrationException.objects.get(raw=code[1])

    return open_it


def test_night_is_waited_out_then_duty_team_and_everybody_are_told_and_once_again(opened, place, people):
    opening_hours(place.imaging)
    on_duty(place.teams["mapping"], people.milo)
    policy(
        step(AT_ONCE, Target.DUTY, Hours.CLINIC),
        step(QUARTER, hours=Hours.CLINIC),
        step(HOUR, Target.PERSON, person=people.imani),
        repeats=1,
    )
    found = opened("2026-11-24 02:00")
    assert found.next_step_at == chicago("2026-11-24 08:00")

    Clock(chicago("2026-11-24 02:00")).run_to("2026-11-25 12:00", QUARTER)

    assert told() == [
        ("Tue 08:00", "step", "Milo", "ZZ9"),
        ("Tue 08:15", "step", "Imani", "ZZ9"),
        ("Tue 08:15", "step", "Milo", "ZZ9"),
        ("Tue 09:15", "step", "Imani", "ZZ9"),
        ("Tue 10:15", "step", "Milo", "ZZ9"),
        ("Tue 10:30", "step", "Imani", "ZZ9"),
        ("Tue 10:30", "step", "Milo", "ZZ9"),
        ("Tue 11:30", "step", "Imani", "ZZ9"),
    ]
    found.refresh_from_db()
    assert (found.next_step_no, found.next_step_at) == (6, None)
    assert History.objects.filter(verb=Verb.TOLD).count() == StepRun.objects.count() == 6


def test_sweep_of_ten_seconds_tells_within_ten_seconds(opened, place, people):
    policy(step(QUARTER, Target.PERSON, person=people.milo))
    opened("2026-11-24 10:00:03")

    Clock(chicago("2026-11-24 10:00")).run_to("2026-11-24 10:16", TEN)

    assert told() == [("Tue 10:15:10", "step", "Milo", "ZZ9")]


def test_what_falls_due_after_closing_waits_over_the_holiday(opened, place, people):
    opening_hours(place.imaging)
    Closure.objects.create(clinic=place.imaging, on="2026-11-26", name="Thanksgiving")
    policy(step(HOUR, hours=Hours.CLINIC))
    opened("2026-11-25 16:30")

    Clock(chicago("2026-11-25 16:30")).run_to("2026-11-28 12:00")

    assert told() == [("Fri 08:00", "step", "Imani", "ZZ9"), ("Fri 08:00", "step", "Milo", "ZZ9")]


def test_closure_that_is_entered_while_a_step_waits_counts(opened, place, people):
    opening_hours(place.imaging)
    policy(step(AT_ONCE, Target.PERSON, Hours.CLINIC, person=people.milo))
    found = opened("2026-11-24 20:00")
    Closure.objects.create(clinic=place.imaging, on="2026-11-25", name="Burst pipe")

    Clock(chicago("2026-11-24 20:00")).run_to("2026-11-26 09:00")

    assert told() == [("Thu 08:00", "step", "Milo", "ZZ9")]
    assert StepRun.objects.get().due_at == chicago("2026-11-26 08:00")
    assert found.next_step_at == chicago("2026-11-25 08:00")


def test_autumn_night_tells_in_the_first_of_the_two_hours_and_the_day_by_its_own_clock(opened, place, people):
    opening_hours(place.imaging, days=[6])
    on_duty(place.teams["mapping"], people.milo, time(1, 30), time(6), days=[6])
    policy(step(AT_ONCE, Target.DUTY, Hours.DUTY), step(AT_ONCE, Target.PERSON, Hours.CLINIC, person=people.imani))
    opened("2026-10-31 20:00")

    Clock(chicago("2026-10-31 20:00")).run_to("2026-11-01 12:00")

    assert told() == [("Sun 01:30", "step", "Milo", "ZZ9"), ("Sun 08:00", "step", "Imani", "ZZ9")]
    assert [run.ran_at.hour for run in StepRun.objects.order_by("no")] == [6, 14]  # UTC: still CDT, then CST


def test_spring_night_begins_a_duty_that_is_leapt_over_with_the_leap(opened, place, people):
    on_duty(place.teams["mapping"], people.milo, time(2, 30), time(6), days=[6])
    policy(step(AT_ONCE, Target.DUTY, Hours.DUTY))
    opened("2027-03-13 20:00")

    Clock(chicago("2027-03-13 20:00")).run_to("2027-03-14 12:00")

    assert told() == [("Sun 03:00", "step", "Milo", "ZZ9")]


def test_swap_comes_before_the_weekly_duty(opened, place, people):
    on_duty(place.teams["mapping"], people.milo)
    DutySwap.objects.create(
        team=place.teams["mapping"], person=people.imani, on="2026-11-24", starts=time(8), ends=time(12),
        timezone="America/Chicago",
    )  # fmt: skip
    policy(step(AT_ONCE, Target.DUTY), step(4 * HOUR, Target.DUTY))
    opened("2026-11-24 09:00")

    Clock(chicago("2026-11-24 09:00")).run_to("2026-11-24 18:00")

    assert told() == [("Tue 09:00", "step", "Imani", "ZZ9"), ("Tue 13:00", "step", "Milo", "ZZ9")]


def test_take_stops_the_plan_and_its_end_resumes_it_and_tells_whoever_forgot(opened, place, people):
    policy(step(AT_ONCE, Target.PERSON, person=people.imani), step(HOUR))
    found = opened("2026-11-24 10:00")
    clock = Clock(chicago("2026-11-24 10:00"))
    clock.run_to("2026-11-24 10:30")
    move_exception(found, Verb.TAKE, actor=people.milo, now=clock.now)

    clock.run_to("2026-11-25 18:00")

    assert told() == [
        ("Tue 10:00", "step", "Imani", "ZZ9"),
        ("Wed 10:30", "ended", "Milo", "ZZ9"),
        ("Wed 10:30", "step", "Imani", "ZZ9"),
        ("Wed 10:30", "step", "Milo", "ZZ9"),
    ]
    found.refresh_from_db()
    assert (found.state, found.owner, found.taken_at, found.taken_until) == (State.OPEN, None, None, None)


def test_take_is_renewed_by_a_comment_of_its_owner_and_by_nobody_else(opened, place, people):
    policy(step(HOUR))
    found = opened("2026-11-24 10:00")
    move_exception(found, Verb.TAKE, actor=people.milo, now=chicago("2026-11-24 10:00"))
    move_exception(found, Verb.COMMENT, Order(reason="Vendor"), actor=people.milo, now=chicago("2026-11-24 15:00"))
    move_exception(found, Verb.COMMENT, Order(reason="Seen"), actor=people.imani, now=chicago("2026-11-24 22:00"))

    Clock(chicago("2026-11-24 22:00")).run_to("2026-11-25 15:30")

    assert told() == [
        ("Wed 15:00", "ended", "Milo", "ZZ9"),
        ("Wed 15:00", "step", "Imani", "ZZ9"),
        ("Wed 15:00", "step", "Milo", "ZZ9"),
    ]


def test_letting_go_begins_the_wait_of_the_next_step_anew(opened, place, people):
    policy(step(HOUR, Target.PERSON, person=people.imani))
    found = opened("2026-11-24 10:00")
    move_exception(found, Verb.TAKE, actor=people.milo, now=chicago("2026-11-24 10:30"))
    move_exception(found, Verb.RELEASE, actor=people.milo, now=chicago("2026-11-24 12:00"))

    Clock(chicago("2026-11-24 12:00")).run_to("2026-11-24 18:00")

    assert told() == [("Tue 13:00", "step", "Imani", "ZZ9")]


def test_mute_silences_until_its_end_and_tells_whoever_muted(opened, place, people):
    policy(step(AT_ONCE, Target.PERSON, person=people.imani), step(HOUR, Target.PERSON, person=people.imani))
    found = opened("2026-11-24 10:00")
    clock = Clock(chicago("2026-11-24 10:00"))
    clock.run_to("2026-11-24 10:30")
    order = Order(reason="Known", until=chicago("2026-11-25 09:00"))
    move_exception(found, Verb.MUTE, order, actor=people.milo, now=clock.now)

    clock.run_to("2026-11-25 12:00")

    assert told() == [
        ("Tue 10:00", "step", "Imani", "ZZ9"),
        ("Wed 09:00", "ended", "Milo", "ZZ9"),
        ("Wed 09:00", "step", "Imani", "ZZ9"),
    ]


def test_waiver_silences_until_its_end_even_where_a_mute_ends_before(opened, place, people):
    policy(step(HOUR, Target.PERSON, person=people.imani))
    found = opened("2026-11-24 10:00")
    waive = Order(reason="Accepted", until=chicago("2026-11-25 09:00"))
    move_exception(found, Verb.WAIVE, waive, actor=people.milo, now=chicago("2026-11-24 10:10"))
    mute = Order(reason="Known", until=chicago("2026-11-24 15:00"))
    move_exception(found, Verb.MUTE, mute, actor=people.imani, now=chicago("2026-11-24 10:20"))

    Clock(chicago("2026-11-24 10:30")).run_to("2026-11-25 12:00")

    assert told() == [
        ("Tue 15:00", "ended", "Imani", "ZZ9"),
        ("Wed 09:00", "ended", "Milo", "ZZ9"),
        ("Wed 09:00", "step", "Imani", "ZZ9"),
    ]
    assert History.objects.filter(verb=Verb.WAIVER_ENDED).count() == 1


def window(place, starts, ends, **where):
    return MaintenanceWindow.objects.create(
        name="Upgrade", source=place.lakeview, starts_at=chicago(starts), ends_at=chicago(ends),
        made_at=chicago(starts), **where,
    )  # fmt: skip


def test_maintenance_postpones_steps_and_its_end_looks_at_what_is_still_open(
    opened, place, people, run, change, booked
):
    window(place, "2026-11-24 09:00", "2026-11-24 14:00")
    policy(step(HOUR, Target.PERSON, person=people.milo), step(6 * HOUR, Target.PERSON, person=people.imani))
    opened("2026-11-24 08:30")
    closed = opened("2026-11-24 10:00", ZZ8, visit=2)
    run(change(2, booked(), before=booked(ZZ8)), now=chicago("2026-11-24 11:00"))
    move_exception(closed, Verb.RESOLVE, Order(reason="Seen"), actor=people.milo, now=chicago("2026-11-24 11:30"))

    Clock(chicago("2026-11-24 08:30")).run_to("2026-11-24 23:00")

    assert told() == [("Tue 14:00", "step", "Milo", "ZZ9"), ("Tue 20:00", "step", "Imani", "ZZ9")]
    assert list(History.objects.filter(verb=Verb.RECHECKED).values_list("exception__raw", "at", "reason")) == [
        ("ZZ9", chicago("2026-11-24 14:00"), "Upgrade")
    ]


def test_maintenance_of_another_clinic_silences_nobody(opened, place, people):
    window(place, "2026-11-24 07:00", "2026-11-24 14:00", clinic=place.cardiology)
    policy(step(HOUR, Target.PERSON, person=people.milo))
    opened("2026-11-24 08:30")

    Clock(chicago("2026-11-24 08:30")).run_to("2026-11-24 16:00")

    assert told() == [("Tue 09:30", "step", "Milo", "ZZ9")]


def test_maintenance_ended_early_is_looked_at_then(opened, place, people):
    upgrade = window(place, "2026-11-24 08:00", "2026-11-24 20:00")
    policy(step(HOUR, Target.PERSON, person=people.milo))
    opened("2026-11-24 08:30")
    clock = Clock(chicago("2026-11-24 08:30"))
    clock.run_to("2026-11-24 12:00")
    MaintenanceWindow.objects.filter(pk=upgrade.pk).update(ended_at=clock.now)

    clock.run_to("2026-11-24 22:00")

    assert told() == [("Tue 12:00", "step", "Milo", "ZZ9")]


def test_step_without_anybody_is_noted_and_the_next_is_run_at_once(opened, place, people):
    policy(step(HOUR, team=place.teams["it"]), step(8 * HOUR, Target.PERSON, person=people.milo))
    opened("2026-11-24 10:00")

    Clock(chicago("2026-11-24 10:00")).run_to("2026-11-24 20:00")

    assert told() == [("Tue 11:30", "step", "Milo", "ZZ9")]
    assert list(StepRun.objects.order_by("no").values_list("told", "note")) == [
        ([], "Nobody there could be told."),
        ([people.milo.pk], ""),
    ]


def test_nobody_is_told_of_what_they_may_not_see(opened, place, people):
    place.teams["mapping"].members.add(people.ruth, people.noor)
    policy(step(AT_ONCE))
    opened("2026-11-24 10:00")

    Clock(chicago("2026-11-24 10:00")).run_to("2026-11-24 11:00")

    assert told() == [("Tue 10:00", "step", "Imani", "ZZ9"), ("Tue 10:00", "step", "Milo", "ZZ9")]


def test_closing_and_happening_again_reach_those_who_were_told_and_begin_the_plan_anew(
    opened, place, people, run, change, booked
):
    policy(step(AT_ONCE, Target.PERSON, person=people.imani), step(HOUR, Target.PERSON, person=people.milo))
    found = opened("2026-11-24 10:00")
    clock = Clock(chicago("2026-11-24 10:00"))
    clock.run_to("2026-11-24 10:30")
    run(change(1, booked(), before=booked(ZZ9)), now=clock.now)
    move_exception(found, Verb.RESOLVE, Order(reason="Mapped"), actor=people.milo, now=clock.now)
    clock.run_to("2026-11-24 14:00")

    late = (*ZZ9, chicago("2026-11-24 13:50"))
    run(change(1, booked(late), before=booked()), now=clock.now)
    clock.run_to("2026-11-24 16:00")

    assert told() == [
        ("Tue 10:00", "step", "Imani", "ZZ9"),
        ("Tue 10:30", "resolved", "Imani", "ZZ9"),
        ("Tue 14:00", "reopened", "Imani", "ZZ9"),
        ("Tue 14:00", "step", "Imani", "ZZ9"),
        ("Tue 15:00", "step", "Milo", "ZZ9"),
    ]
    assert list(StepRun.objects.order_by("id").values_list("spell_no", "no")) == [(1, 0), (2, 0), (2, 1)]


def test_several_exceptions_keep_clocks_of_their_own(opened, place, people):
    policy(step(HOUR, Target.PERSON, person=people.milo), step(2 * HOUR, Target.PERSON, person=people.imani))
    opened("2026-11-24 10:00")
    second = opened("2026-11-24 10:30", ZZ8, visit=2)
    clock = Clock(chicago("2026-11-24 10:30"))
    clock.run_to("2026-11-24 12:00")
    move_exception(second, Verb.TAKE, actor=people.milo, now=clock.now)

    clock.run_to("2026-11-24 20:00")

    assert told() == [
        ("Tue 11:00", "step", "Milo", "ZZ9"),
        ("Tue 11:30", "step", "Milo", "ZZ8"),
        ("Tue 13:00", "step", "Imani", "ZZ9"),
    ]


def test_handing_over_tells_the_new_owner_and_whoever_was_there_before_stops_having_it(opened, place, people):
    policy(step(HOUR, Target.PERSON, person=people.milo))
    found = opened("2026-11-24 10:00")
    move_exception(found, Verb.TAKE, actor=people.milo, now=chicago("2026-11-24 10:10"))
    order = Order(owner=people.imani)
    move_exception(found, Verb.ASSIGN, order, actor=people.milo, now=chicago("2026-11-24 10:20"))

    Clock(chicago("2026-11-24 10:20")).run_to("2026-11-24 14:00")

    assert told() == [("Tue 10:20", "assigned", "Imani", "ZZ9"), ("Tue 11:20", "step", "Milo", "ZZ9")]
    assert found.state == State.OPEN


def test_escalating_by_hand_tells_at_any_hour_and_the_plan_goes_on_from_there(opened, place, people):
    opening_hours(place.imaging)
    policy(
        step(AT_ONCE, Target.PERSON, Hours.CLINIC, person=people.milo), step(HOUR, Target.PERSON, person=people.imani)
    )
    found = opened("2026-11-24 02:00")
    move_exception(found, Verb.ESCALATE, actor=people.imani, now=chicago("2026-11-24 02:30"))

    Clock(chicago("2026-11-24 02:30")).run_to("2026-11-24 12:00")

    assert told() == [("Tue 02:30", "step", "Milo", "ZZ9"), ("Tue 03:30", "step", "Imani", "ZZ9")]
    kept = History.objects.get(verb=Verb.ESCALATE)
    assert (kept.actor, kept.detail) == (people.imani, {"step": 0, "people": [people.milo.pk]})


def test_without_a_policy_nobody_is_told(opened):
    opened("2026-11-24 10:00")

    Clock(chicago("2026-11-24 10:00")).run_to("2026-11-25 10:00")

    assert told() == []
