"""Escalation policies: steps, versions, a preview through nights and the change of clocks, and older plans renewed."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine

from accounts.models import ClinicHours, Duty, Team
from accounts.vocabulary import Role
from exceptions.escalation import freeze
from exceptions.models import EscalationPolicy, EscalationStep, IntegrationException, PlanChange
from exceptions.selectors.policy_page import plan_of
from exceptions.vocabulary import Severity, State
from tests.exceptions.views.test_routing import item, text_of

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
PAGE = "/exceptions/policies/"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def team(db):
    return Team.objects.create(key="mapping", name="Mapping")


@pytest.fixture
def admin(person, team):
    admin = person(Role.ADMIN, first_name="Ada", last_name="Marsh")
    team.members.add(admin)
    return admin


@pytest.fixture
def policy(db):
    policy = EscalationPolicy.objects.create(name="Office hours", version=4)
    EscalationStep.objects.create(policy=policy, no=0, wait=timedelta(minutes=30), target="duty", hours="clinic")
    EscalationStep.objects.create(policy=policy, no=1, wait=timedelta(hours=1), target="team")
    return policy


def form_of(client, policy):
    """The fields of the page's form as a browser would send them."""
    text = client.get(f"{PAGE}{policy.pk}/").content.decode().split('id="change"')[1]
    found = dict(re.findall(r'<input type="(?:hidden|text|number)" name="([\w]+)" value="([^"]*)"', text))
    for name, options in re.findall(r'<select name="([\w]+)"(.*?)</select>', text, re.DOTALL):
        found[name] = (re.findall(r'value="([^"]*)" selected', options) or [""])[0]
    return found | {"is_active": "on"}


def test_change_is_a_new_version_with_history(admin, signed_in, policy):
    client = signed_in(admin)

    answer = client.post(f"{PAGE}{policy.pk}/", form_of(client, policy) | {"step1_wait": "2", "reason": "Quieter"})

    assert answer.status_code == 302
    policy.refresh_from_db()
    assert (policy.version, [step.wait for step in policy.steps.all()]) == (
        5, [timedelta(minutes=30), timedelta(hours=2)],
    )  # fmt: skip
    assert PlanChange.objects.values_list("policy", "version", "actor", "reason").get() == (
        policy.pk, 5, admin.pk, "Quieter",
    )  # fmt: skip


def test_saving_what_it_says_already_is_no_change(admin, signed_in, policy):
    client = signed_in(admin)

    client.post(f"{PAGE}{policy.pk}/", form_of(client, policy))

    policy.refresh_from_db()
    assert (policy.version, PlanChange.objects.count(), policy.steps.count()) == (4, 0, 2)


def test_second_of_two_gets_both_versions(admin, signed_in, policy):
    client = signed_in(admin)
    typed = form_of(client, policy)
    policy.steps.filter(no=1).update(wait=timedelta(hours=3))
    EscalationPolicy.objects.update(version=5)

    refused = client.post(f"{PAGE}{policy.pk}/", typed | {"name": "By day", "reason": "Quieter"})

    words = text_of(refused)
    assert refused.status_code == 409
    assert [word for word in ("By day", "3 h: All of its team", "Keep both") if word in words] == [
        "By day", "3 h: All of its team", "Keep both",
    ]  # fmt: skip
    # Once in the form that keeps both, once in the one that keeps mine.
    assert re.findall(r'name="reason" value="([^"]*)"', refused.content.decode()) == ["Quieter", "Quieter"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"step0_whom": "", "step1_whom": ""}, "Say in at least one step who is told."),
        ({"step0_wait": "8", "step0_unit": "1440"}, "A step waits a week at most."),
        ({"repeats": "11"}, "less than or equal to 10"),
        ({"name": "Taken"}, "Another policy has this name"),
    ],
    ids=["nobody", "too long", "too often", "name of another"],
)
def test_policy_without_sense_is_said(admin, signed_in, policy, more, told):
    EscalationPolicy.objects.create(name="Taken")
    client = signed_in(admin)

    answer = client.post(f"{PAGE}{policy.pk}/", form_of(client, policy) | more)

    assert (answer.status_code, told in text_of(answer)) == (422, True)


@pytest.mark.parametrize(
    ("opens", "lines"),
    [
        ("2026-11-24T09:00", ["Tue 24 Nov, 09:30 CST", "Tue 24 Nov, 10:30 CST"]),
        ("2026-11-24T16:30", ["Wed 25 Nov, 08:00 CST", "Wed 25 Nov, 09:00 CST"]),
        ("2026-10-30T17:30", ["Mon 2 Nov, 08:00 CST", "Mon 2 Nov, 09:00 CST"]),
    ],
    ids=["by day", "at closing", "over the week-end of the clocks"],
)
def test_preview_waits_for_the_clinic(admin, signed_in, policy, clinic, team, opens, lines):
    for weekday in range(5):
        ClinicHours.objects.create(clinic=clinic, weekday=weekday, opens=time(8), closes=time(17))
        Duty.objects.create(
            team=team, person=admin, weekday=weekday, starts=time(8), ends=time(18), timezone="America/Chicago"
        )

    words = text_of(signed_in(admin).get(f"{PAGE}{policy.pk}/?opens={opens}&clinic={clinic.pk}&team={team.pk}"))

    assert re.findall(r"\w{3} \d+ \w{3}, \d\d:\d\d C[SD]T", words)[1:3] == lines
    assert "Ada Marsh whoever is on duty, Mapping" in words


def test_preview_of_an_hour_that_happens_twice_is_refused(admin, signed_in, policy, clinic, team):
    address = f"{PAGE}{policy.pk}/?opens=2026-11-01T01:30&clinic={clinic.pk}&team={team.pk}"

    assert "it happens twice or never" in text_of(signed_in(admin).get(address))


def test_older_plans_are_counted_and_renewed_unless_somebody_took_them(
    admin, signed_in, policy, source, clinic, team
):  # fmt: skip
    old = freeze(plan_of(policy)) | {"version": 3}
    made = [item(source, clinic, n, team, policy=old, next_step_no=1) for n in range(3)]
    IntegrationException.objects.filter(pk=made[0].pk).update(state=State.TAKEN, taken_at=NOW)
    client = signed_in(admin)
    assert "3 open items keep version 3" in text_of(client.get(f"{PAGE}{policy.pk}/"))

    done = client.post(f"{PAGE}{policy.pk}/renew/", follow=True)

    assert "2 have version 4 now." in text_of(done)
    rows = IntegrationException.objects.order_by("pk").values_list("policy__version", "policy__first", "next_step_at")
    assert list(rows) == [(3, 0, None), (4, 1, NOW + timedelta(minutes=30)), (4, 1, NOW + timedelta(minutes=30))]


@pytest.mark.parametrize("role", Role)
def test_policies_are_read_by_all_and_changed_only_everywhere(person, signed_in, source, policy, role):
    client = signed_in(person(role, source=source))

    assert client.get(f"{PAGE}{policy.pk}/").status_code == 200
    assert client.post(f"{PAGE}{policy.pk}/", {"name": "Mine"}).status_code == 403
    assert client.post(f"{PAGE}new/", {"name": "Mine"}).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_rows(admin, signed_in, source, clinic, team, django_assert_num_queries, rows):
    for number in range(rows):
        one = EscalationPolicy.objects.create(name=f"P{number}", default_for=Severity(number + 1))
        EscalationStep.objects.create(policy=one, no=0, wait=timedelta(), target="team")
        item(source, clinic, number, team, policy=freeze(plan_of(one)))
    client = signed_in(admin)
    client.get(PAGE)

    with django_assert_num_queries(8):
        client.get(PAGE)
