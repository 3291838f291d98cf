"""Maintenance windows: always with an end, seen where they hold, ended early, and said on other pages."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import caches

from accounts.models import AuditEntry
from accounts.vocabulary import Role
from exceptions.models import MaintenanceWindow
from tests.exceptions.views.test_routing import item, teams, text_of

__all__ = ["teams"]  # a fixture
NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)  # Tuesday 09:41 in Chicago
HOUR = timedelta(hours=1)
PAGE = "/exceptions/maintenance/"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def milo(person, source):
    return person(Role.INTEGRATION, source=source, first_name="Milo", last_name="Anselm")


def said(source, **more):
    return {"name": "Upgrade", "place": f"source-{source.pk}", "begin": "now", "hours": "2"} | more


def window(source, begins=-1, hours=3, **more):
    return MaintenanceWindow.objects.create(
        name="Upgrade", source=source, starts_at=NOW + begins * HOUR, ends_at=NOW + (begins + hours) * HOUR,
        made_at=NOW, **more,
    )  # fmt: skip


def test_window_that_starts_now_ends_by_itself(milo, signed_in, source):
    assert signed_in(milo).post(PAGE, said(source)).status_code == 302

    assert MaintenanceWindow.objects.values_list("source", "starts_at", "ends_at", "made_by").get() == (
        source.pk, NOW, NOW + 2 * HOUR, milo.pk,
    )  # fmt: skip
    entry = AuditEntry.objects.get(subject_kind="exceptions.maintenancewindow")
    assert (entry.actor, entry.detail["verb"]) == (milo, "plan")


def test_planned_window_is_in_local_time_of_the_clinic(milo, signed_in, source, clinic):
    sent = said(source, place=f"clinic-{clinic.pk}", begin="later", moment="2026-11-28T18:00", hours="336")

    assert signed_in(milo).post(PAGE, sent).status_code == 302

    assert MaintenanceWindow.objects.values_list("clinic", "starts_at", "ends_at").get() == (
        clinic.pk, datetime(2026, 11, 29, 0, tzinfo=UTC), datetime(2026, 12, 13, 0, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"hours": ""}, "This field is required."),
        ({"hours": "337"}, "less than or equal to 336"),
        ({"begin": "later"}, "Say when it starts."),
        ({"begin": "later", "moment": "2026-11-23T18:00"}, "Choose a time in the next 90 days."),
        ({"begin": "later", "moment": "2027-03-14T02:30"}, "it happens twice or never"),
        ({"place": "source-0"}, "Select a valid choice."),
    ],
    ids=["no end", "over 14 days", "no time", "past", "hour that never comes", "elsewhere"],
)
def test_window_without_sense_is_said(milo, signed_in, source, more, told):
    answer = signed_in(milo).post(PAGE, said(source, **more))

    assert (answer.status_code, told in text_of(answer), MaintenanceWindow.objects.count()) == (422, True, 0)


def test_running_window_counts_what_it_silences_and_is_ended_once(milo, signed_in, source, clinic, teams):
    running = window(source, clinic=clinic)
    for number in range(2):
        item(source, clinic, number, teams["mapping"])
    item(source, None, 2, teams["mapping"])
    client = signed_in(milo)
    words = text_of(client.get(PAGE))
    assert "Running 2 h left" in words
    assert f'?source={source.pk}&amp;clinic={clinic.pk}">2</a>' in client.get(PAGE).content.decode()

    statuses = [client.post(f"{PAGE}{running.pk}/end/").status_code for _ in range(2)]

    running.refresh_from_db()
    assert (statuses, running.ended_at, running.rechecked_at) == ([302, 409], NOW, None)


def test_planned_window_that_is_called_off_is_never_looked_at(milo, signed_in, source):
    planned = window(source, begins=5)

    assert signed_in(milo).post(f"{PAGE}{planned.pk}/end/").status_code == 302

    planned.refresh_from_db()
    assert (planned.ended_at, planned.rechecked_at) == (NOW, NOW)
    assert "Called off it never began" in text_of(signed_in(milo).get(PAGE))


def test_over_says_whether_it_was_looked_at(milo, signed_in, source):
    window(source, begins=-5, hours=2, rechecked_at=NOW - 3 * HOUR)

    assert "Over looked at 3 h ago" in text_of(signed_in(milo).get(PAGE))


@pytest.mark.parametrize("path", ["/exceptions/", "/feeds/"])
def test_other_pages_say_that_it_runs_to_those_whom_it_concerns(
    person, signed_in, source, clinic, other_source, other_clinic, path
):  # fmt: skip
    window(source, clinic=clinic)
    concerned, stranger = person(Role.INTEGRATION, clinic=clinic), person(Role.INTEGRATION, clinic=other_clinic)

    said_to = ["nobody is told until it ends" in text_of(signed_in(one).get(path)) for one in (concerned, stranger)]

    assert said_to == [True, False]
    with time_machine.travel(NOW + 2 * HOUR, tick=False):
        assert "nobody is told" not in text_of(signed_in(concerned).get(path))


@pytest.mark.parametrize("role", Role)
def test_windows_are_read_by_all_and_ended_by_setters_of_the_source(
    person, signed_in, source, clinic, other_clinic, role
):
    running = window(source, clinic=clinic)
    may = role in {Role.ADMIN, Role.INTEGRATION}
    at_clinic, elsewhere, everywhere = (
        signed_in(person(role, clinic=clinic)), signed_in(person(role, clinic=other_clinic)), signed_in(person(role)),
    )  # fmt: skip

    assert [("Upgrade" in text_of(one.get(PAGE))) for one in (at_clinic, elsewhere, everywhere)] == [True, False, True]
    ended = [one.post(f"{PAGE}{running.pk}/end/").status_code for one in (at_clinic, elsewhere, everywhere)]
    assert ended == [403, 404, 302 if may else 403]


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_rows(milo, signed_in, source, clinic, django_assert_num_queries, rows):
    for number in range(rows):
        for begins in (-1, 5, -50):
            window(source, begins=begins + number, clinic=clinic, made_by=milo)
    client = signed_in(milo)
    client.get(PAGE)
    caches["local"].clear()

    with django_assert_num_queries(9):
        client.get(PAGE)
