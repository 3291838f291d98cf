"""Who is told next and when, what stops it, and how the telling so far went."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Duty, DutySwap
from config.web.asking import answers
from exceptions.escalation import Plan, Step, freeze
from exceptions.models import (
    EscalationPolicy,
    IntegrationException,
    MaintenanceWindow,
    Notice,
    StepRun,
    WebhookEndpoint,
)
from exceptions.selectors.ahead import ahead_of, ahead_questions, ids_ahead
from exceptions.selectors.story import names_of
from exceptions.vocabulary import Hours, State, Target

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # Tuesday 06:00 in Chicago
HOUR, HALF = timedelta(hours=1), timedelta(minutes=30)
CHICAGO = ZoneInfo("America/Chicago")


@pytest.fixture
def policy(db):
    return EscalationPolicy.objects.create(name="Blocking", version=4)


@pytest.fixture
def exception(run, change, booked, policy):
    """Open since noon; its first step is due in half an hour."""
    run(change(1, booked(("unmapped_status", "S15 ZZ9"))))
    found = IntegrationException.objects.select_related("owner", "owner_team", "source", "clinic").get()
    found.next_step_at, found.next_step_no, found.policy = NOON + HALF, 0, None
    return found


def planned(exception, policy, *steps, repeats=0, **more):
    exception.policy = freeze(Plan(policy.pk, 4, "Blocking", repeats, steps))
    for name, value in more.items():
        setattr(exception, name, value)
    return exception


def ahead(exception, now=NOON):
    found = answers(ahead_questions(exception, now))
    return ahead_of(exception, found, names_of(ids_ahead(exception, found)), CHICAGO, now)


def coming(exception):
    return [(entry.at, entry.text, entry.note) for entry in ahead(exception).coming]


def test_next_step_names_a_person_and_what_comes_after(exception, policy, people):
    chat = WebhookEndpoint.objects.create(name="Ward chat", url="https://chat.example/x", secret="s")
    steps = (
        Step(HALF, Target.PERSON, person=people.milo.pk),
        Step(HOUR, Target.WEBHOOK, Hours.CLINIC, endpoint=chat.pk),
    )

    assert coming(planned(exception, policy, *steps)) == [
        (
            NOON + HALF,
            "If nobody takes it, the plan tells Milo Anselm.",
            "Then 1 h later Ward chat, while the clinic is open.",
        )
    ]


def test_last_step_says_so(exception, policy, place):
    step = Step(HALF, Target.TEAM, team=place.imaging_team.pk)

    assert coming(planned(exception, policy, step)) == [
        (NOON + HALF, "If nobody takes it, the plan tells the team Imaging interfaces.", "That is the last step.")
    ]


@pytest.mark.parametrize(
    ("hours", "whom"),
    [((6, 12), "Imani Kessler (on duty for Mapping)"), ((7, 12), "whoever is on duty for Mapping")],
    ids=["somebody is on duty then", "nobody is"],
)
def test_step_for_duty_names_who_has_it_when_it_is_due(exception, policy, people, place, hours, whom):
    team = place.teams["mapping"]
    Duty.objects.create(
        team=team, person=people.imani, weekday=1, starts=time(hours[0]), ends=time(hours[1]),
        timezone="America/Chicago",
    )  # fmt: skip

    (entry,) = coming(planned(exception, policy, Step(HALF, Target.DUTY, team=team.pk)))

    assert entry[1] == f"If nobody takes it, the plan tells {whom}."


def test_duty_of_a_person_who_may_not_sign_in_is_nobodys(exception, policy, people, place):
    team = place.teams["mapping"]
    Duty.objects.create(
        team=team, person=people.imani, weekday=1, starts=time(6), ends=time(12), timezone="America/Chicago"
    )
    people.imani.is_active = False
    people.imani.save()

    (entry,) = coming(planned(exception, policy, Step(HALF, Target.DUTY, team=team.pk)))

    assert entry[1] == "If nobody takes it, the plan tells whoever is on duty for Mapping."


def test_swap_comes_before_the_weekly_plan(exception, policy, people, place):
    team = place.teams["mapping"]
    stretch = {"team": team, "starts": time(6), "ends": time(12), "timezone": "America/Chicago"}
    Duty.objects.create(person=people.imani, weekday=1, **stretch)
    DutySwap.objects.create(person=people.milo, on=NOON.date(), **stretch)

    (entry,) = coming(planned(exception, policy, Step(HALF, Target.DUTY, team=team.pk)))

    assert entry[1] == "If nobody takes it, the plan tells Milo Anselm (on duty for Mapping)."


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({}, ""),
        ({"waived_until": NOON + HOUR}, "Waived, so nobody is told before 07:00 CST (in 1 h)."),
        ({"muted_until": NOON + HOUR}, "Muted, so nobody is told before 07:00 CST (in 1 h)."),
        ({"taken_until": NOON + HOUR}, "Milo Anselm has it, so nobody else is told before 07:00 CST (in 1 h)."),
        ({"state": State.RESOLVED}, "Closed, so nobody is told."),
        ({"state": State.TAKEN, "next_step_at": None}, "Milo Anselm has it, so nobody else is told."),
        ({"next_step_no": 1, "next_step_at": None}, "Every step has run. Nobody else is told."),
        ({"policy": None, "next_step_at": None}, "No plan of escalation is set for it, so nobody is told."),
        ({"policy": {"odd": 1}, "next_step_at": None}, "No plan of escalation is set for it, so nobody is told."),
    ],
    ids=["nothing", "waiver", "mute", "take", "closed", "taken without an end", "over", "no plan", "unreadable plan"],
)
def test_what_stops_the_next_step(exception, policy, people, changed, sentence):
    planned(exception, policy, Step(HALF, Target.TEAM))
    exception.owner = people.milo
    for name, value in changed.items():
        setattr(exception, name, value)

    assert ahead(exception).stopped == sentence


@pytest.mark.parametrize(
    ("where", "is_stopped"),
    [({}, True), ({"clinic": "imaging"}, True), ({"clinic": "cardiology"}, False), ({"ended_at": NOON}, False)],
    ids=["the source", "the clinic", "another clinic", "ended early"],
)
def test_maintenance_stops_what_it_covers(exception, policy, place, where, is_stopped):
    facts = {"clinic": getattr(place, where["clinic"])} if "clinic" in where else where
    MaintenanceWindow.objects.create(
        name="Upgrade", source=place.lakeview, starts_at=NOON - HOUR, ends_at=NOON + HOUR, made_at=NOON, **facts
    )
    planned(exception, policy, Step(HALF, Target.TEAM))

    said = ahead(exception).stopped

    assert said == ("Maintenance “Upgrade”: nobody is told before 07:00 CST (in 1 h)." if is_stopped else "")


@pytest.mark.parametrize(
    ("live", "sentence"),
    [
        ({}, ""),
        ({"version": 5}, "Plan changed since: version 4 runs here, version 5 is in force."),
        ({"is_active": False}, "Plan “Blocking” was switched off since; this one still runs."),
        (None, "Plan “Blocking” was removed since; this one still runs."),
    ],
    ids=["as frozen", "changed", "switched off", "removed"],
)
def test_plan_that_changed_since_is_said(exception, policy, live, sentence):
    planned(exception, policy, Step(HALF, Target.TEAM))
    if live is None:
        policy.delete()
    else:
        EscalationPolicy.objects.update(**live)

    assert ahead(exception).changed == sentence


def test_steps_done_say_whom_and_how_it_went(exception, policy, people):
    chat = WebhookEndpoint.objects.create(name="Ward chat", url="https://chat.example/x", secret="s")
    planned(
        exception, policy, Step(HALF, Target.PERSON, person=people.milo.pk),
        Step(HALF, Target.WEBHOOK, endpoint=chat.pk), Step(HALF, Target.TEAM),
    )  # fmt: skip
    told = [[people.milo.pk], [chat.pk], []]
    runs = [
        StepRun.objects.create(
            exception=exception, spell_no=1, no=no, due_at=NOON, ran_at=NOON + HALF * no, told=ids,
            note="" if ids else "Nobody there could be told.",
        )
        for no, ids in enumerate(told)
    ]  # fmt: skip
    fixed = {"kind": "step", "exception": exception, "sentence": "…", "created_at": NOON, "send_after": NOON}
    fixed |= {"deadline_at": NOON + HOUR, "step_run": runs[0], "person": people.milo, "settled_at": NOON}
    Notice.objects.create(key="a", channel="in_app", state="sent", read_at=NOON + HALF, **fixed)
    Notice.objects.create(key="b", channel="email", state="sent", **fixed)

    assert [(entry.at, entry.text, entry.note) for entry in ahead(exception).done] == [
        (NOON + 2 * HALF, "Step 3: nobody told.", "Nobody there could be told."),
        (NOON + HALF, "Step 2: Ward chat told.", ""),
        (NOON, "Step 1: Milo Anselm told.", "read 06:30 CST; e-mail sent"),
    ]


def test_steps_of_another_spell_are_left_out(exception, policy, people):
    planned(exception, policy, Step(HALF, Target.TEAM), spell_no=2)
    StepRun.objects.create(exception=exception, spell_no=1, no=0, due_at=NOON, ran_at=NOON, told=[people.milo.pk])

    assert ahead(exception).done == []
