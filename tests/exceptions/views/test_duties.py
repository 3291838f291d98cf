"""Duties: nights, swaps, gaps, who is on duty now, and who may change it."""

import re
from datetime import UTC, date, datetime, time

import pytest
import time_machine

from accounts.models import AuditEntry, Duty, DutySwap, Team
from accounts.vocabulary import Role
from tests.exceptions.views.test_routing import text_of

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)  # Tuesday 09:41 in Chicago
CHICAGO = "America/Chicago"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def milo(person, source):
    return person(Role.INTEGRATION, source=source, first_name="Milo", last_name="Anselm")


@pytest.fixture
def team(milo):
    team = Team.objects.create(key="interfaces", name="Interfaces")
    team.members.add(milo)
    return team


@pytest.fixture
def page(team):
    return f"/exceptions/duties/{team.pk}/"


def night(person, **more):
    return {
        "do": "duty", "person": person.pk, "weekdays": ["4", "6"], "starts": "18:00", "ends": "08:00",
        "timezone": CHICAGO,
    } | more  # fmt: skip


def test_night_is_kept_as_two_stretches_and_sunday_goes_into_monday(milo, signed_in, team, page):
    assert signed_in(milo).post(page, night(milo)).status_code == 302

    assert list(Duty.objects.order_by("weekday", "starts").values_list("weekday", "starts", "ends", "rank")) == [
        (0, time(0), time(8), 1), (4, time(18), time(0), 1), (5, time(0), time(8), 1), (6, time(18), time(0), 1),
    ]  # fmt: skip
    entry = AuditEntry.objects.get(subject_kind="accounts.team", action="changed")
    assert (entry.actor, entry.subjects, entry.detail["verb"], len(entry.detail["rows"])) == (
        milo, [team.pk], "add duty", 4,
    )  # fmt: skip


def test_second_person_of_the_same_hours_is_told_after_the_first(milo, person, signed_in, team, page):
    other = person(first_name="Noor")
    team.members.add(other)
    client = signed_in(milo)

    client.post(page, night(milo, weekdays=["4"], ends="00:00"))
    client.post(page, night(other, weekdays=["4"], ends="00:00"))

    assert list(Duty.objects.values_list("person", "rank")) == [(milo.pk, 1), (other.pk, 2)]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"weekdays": []}, "Tick at least one day."),
        ({"timezone": "Chicago"}, "This is not a time zone name"),
        ({"starts": ""}, "This field is required."),
        ({"starts": "19:00", "ends": "20:00", "weekdays": ["4"]}, "is on duty at these hours already."),
    ],
    ids=["no day", "no zone", "no hour", "there already"],
)
def test_stretch_without_sense_is_said(milo, signed_in, team, page, more, told):
    Duty.objects.create(team=team, person=milo, weekday=4, starts=time(18), ends=time(0), timezone=CHICAGO)

    answer = signed_in(milo).post(page, night(milo, **more))

    assert (answer.status_code, told in text_of(answer), Duty.objects.count()) == (422, True, 1)


def test_swap_of_nobody_is_kept_and_a_second_one_of_these_hours_refused(milo, signed_in, team, page):
    swap = {
        "do": "swap", "person": "0", "on": "2026-11-26", "starts": "10:00", "ends": "12:00", "timezone": CHICAGO,
        "reason": "Staff meeting",
    }  # fmt: skip
    client = signed_in(milo)

    assert client.post(page, swap).status_code == 302
    refused = client.post(page, swap | {"starts": "11:00", "ends": "13:00", "person": milo.pk})

    assert (refused.status_code, "Another swap covers these hours." in text_of(refused)) == (422, True)
    kept = DutySwap.objects.get()
    assert (kept.person, kept.on, kept.reason) == (None, date(2026, 11, 26), "Staff meeting")


@pytest.mark.parametrize("on", ["2026-11-20", "2028-01-01"], ids=["past", "far"])
def test_swap_of_a_past_or_far_date_is_refused(milo, signed_in, team, page, on):
    swap = {"do": "swap", "person": "0", "on": on, "starts": "10:00", "ends": "12:00", "timezone": CHICAGO}

    assert signed_in(milo).post(page, swap).status_code == 422


def test_taking_out_what_is_gone_is_stale(milo, signed_in, team, page):
    duty = Duty.objects.create(team=team, person=milo, weekday=4, starts=time(18), ends=time(0), timezone=CHICAGO)
    client = signed_in(milo)

    statuses = [client.post(page, {"do": "drop duty", "row": duty.pk}).status_code for _ in range(2)]

    assert (statuses, Duty.objects.count()) == ([302, 409], 0)
    assert client.post(page, {"do": "drop swap", "row": 77}).status_code == 409


def test_page_says_who_is_on_duty_next_and_what_nobody_has(milo, signed_in, team, page):
    for weekday in range(5):
        Duty.objects.create(team=team, person=milo, weekday=weekday, starts=time(8), ends=time(18), timezone=CHICAGO)

    words = text_of(signed_in(milo).get(page))

    assert "Interfaces Milo Anselm until 18:00 CST Milo Anselm from Wed 08:00 CST" in words
    assert "from Fri 18:00 to Mon 08:00" in re.sub(r"\s+", " ", words)
    assert "118 h nobody has" in words


@pytest.mark.parametrize("role", Role)
def test_duties_are_changed_everywhere_or_by_setters_of_the_team(person, signed_in, source, team, page, milo, role):
    stranger = person(role, source=source)
    client = signed_in(stranger)
    assert client.get(page).status_code == 200
    assert client.post(page, night(milo)).status_code == 403

    team.members.add(stranger)

    may = role in {Role.ADMIN, Role.INTEGRATION}
    assert client.post(page, night(milo)).status_code == (302 if may else 403)


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_rows(milo, signed_in, team, page, django_assert_num_queries, rows):
    for number in range(rows):
        other = Team.objects.create(key=f"t{number}", name=f"T{number}")
        for one in (team, other):
            Duty.objects.create(team=one, person=milo, weekday=number, starts=time(8), ends=time(9), timezone=CHICAGO)
            DutySwap.objects.create(
                team=one, person=milo, on=date(2026, 11, 26 + number), starts=time(8), ends=time(9), timezone=CHICAGO
            )
    client = signed_in(milo)
    client.get(page)

    with django_assert_num_queries(6):
        client.get(page)
