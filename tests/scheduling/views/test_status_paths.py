"""The status path page: who sees what, what it says first, examples and their audit."""

from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.vocabulary import Role
from scheduling.models import Appointment, Patient
from scheduling.selectors import status_paths
from scheduling.vocabulary import EventKind, Outcome
from tests.support.desk import DAY, HOUR
from tests.support.histories import tell
from tests.support.messages import siu

URL = "/mappings/desk/path/"


@pytest.fixture
def told(desk):
    """Two visits of Card, one of them impossible, and one of Derm."""
    return SimpleNamespace(
        kept=tell(desk, "V1", [(3 * DAY, "booked"), (2 * DAY, "confirmed"), (DAY, "checked_in")]),
        odd=tell(desk, "V2", [(3 * DAY, "booked"), (2 * DAY, "cancelled"), (2 * DAY - 3 * HOUR, "completed")]),
        derm=tell(desk, "V3", [(3 * DAY, "booked"), (DAY, "missed")], clinic="DERM"),
    )


def rows(response):
    return [(row.before, row.after, row.move.count, row.median) for row in response.context["page"].rows]


def test_impossible_changes_are_said_first_in_words(clients, told):
    response = clients.whole.get(URL)

    html = response.content.decode()
    assert rows(response)[0] == ("Cancelled", "Completed", 1, "3 h")
    assert "1 change between statuses cannot happen to a visit." in html
    assert 'aria-label="Impossible: Cancelled to Completed, 1 time, half of them within 3 h"' in html


def test_a_clinics_person_sees_their_clinic_and_is_offered_no_other(clients, told):
    response = clients.card.get(URL)

    assert ("Booked", "Missed") not in [(before, after) for before, after, *_ in rows(response)]
    assert [option.label for option in response.context["menu"].options] == ["All", "Card"]
    assert [clinic.name for clinic in response.context["page"].heard.clinics] == ["Card"]


def test_people_of_different_scope_do_not_share_what_was_counted(clients, told):
    first = [rows(client.get(URL)) for client in (clients.whole, clients.card)]
    again = [rows(client.get(URL)) for client in (clients.whole, clients.card)]

    assert first == again
    assert len(first[0]) > len(first[1])


def test_a_clinic_can_be_chosen(desk, clients, told):
    response = clients.whole.get(URL, {"clinic": desk.clinics["DERM"].pk})

    assert [(before, after) for before, after, *_ in rows(response)] == [
        ("Nothing yet", "Booked"),
        ("Booked", "Missed"),
    ]


@pytest.mark.parametrize(("days", "first_words"), [("7", 3), ("", 4), ("90", 5), ("12", 4), ("x", 4)])
def test_the_window_is_7_30_or_90_days(desk, clients, told, days, first_words):
    tell(desk, "V8", [(20 * DAY, "booked")])
    tell(desk, "V9", [(60 * DAY, "booked")])

    response = clients.whole.get(URL, {"days": days})

    assert next(row.move.count for row in response.context["page"].rows if row.move.before is None) == first_words


def test_what_was_counted_is_kept_a_minute_and_costs_no_count_again(desk, clients, told):
    clients.whole.get(URL)
    tell(desk, "V8", [(DAY, "pending")])
    with CaptureQueriesContext(
        connection,
    ) as asked:
        kept = clients.whole.get(URL)
    caches["local"].clear()

    assert not any("scheduling_mappedevent" in query["sql"] for query in asked.captured_queries)
    assert ("Nothing yet", "Pending") not in [row[:2] for row in rows(kept)]
    assert ("Nothing yet", "Pending") in [row[:2] for row in rows(clients.whole.get(URL))]


def test_a_stranger_gets_a_404_and_leaves_a_denied_row(desk, clients, trail):
    assert clients.stranger.get(URL).status_code == 404
    assert trail() == [("denied", "accounts.source", [desk.source.pk], [])]


def test_another_clinic_of_the_source_is_a_404_and_a_denied_row(desk, clients, told, trail):
    derm = desk.clinics["DERM"]

    assert clients.card.get(URL, {"clinic": derm.pk}).status_code == 404
    assert trail() == [("denied", "accounts.clinic", [derm.pk], [])]


@pytest.mark.parametrize("clinic", ["x", "-1", "99999999999999999999", "0"])
def test_a_clinic_that_is_none_is_a_404(clients, clinic):
    assert clients.whole.get(URL, {"clinic": clinic}).status_code == 404


def test_visits_of_another_source_are_no_clinic_of_this_one(clients, other_clinic):
    assert clients.whole.get(URL, {"clinic": other_clinic.pk}).status_code == 404


def test_every_role_with_a_grant_may_read(desk, person, signed_in):
    answers = {role: signed_in(person(role, source=desk.source)).get(URL).status_code for role in Role}

    assert set(answers.values()) == {200}


def test_examples_are_listed_and_audited(desk, clients, trail):
    desk.take(
        siu("S12", visit="V1", at=desk.now - DAY, starts_at=desk.now + DAY),
        siu("S15", visit="V1", at=desk.now - HOUR, status="Cancelled"),
    )
    visit = desk.visit("V1")

    response = clients.whole.get(URL, {"from": "booked", "to": "cancelled"})

    html = response.content.decode()
    assert f'href="/appointments/{visit.pk}/"' in html
    assert [(row.who, row.clinic, row.gap) for row in response.context["examples"]] == [("Ada Quill", "Card", "23 h")]
    assert trail() == [("listed", "scheduling.appointment", [visit.pk], [visit.patient_id])]


def test_without_a_change_chosen_nobody_is_shown_or_audited(clients, told, trail):
    response = clients.whole.get(URL)

    assert (response.context["examples"], trail()) == ([], [])


def test_examples_stay_in_scope(clients, told, trail):
    response = clients.card.get(URL, {"from": "booked", "to": "missed"})

    assert (response.context["examples"], trail()) == ([], [])


def test_a_restricted_patient_is_masked(desk, clients):
    visit = tell(desk, "V1", [(DAY, "booked"), (HOUR, "missed")])
    hidden = Patient.objects.create(
        source=desk.source, authority="NSD", mrn="N-9", given="Hide", family="Mee", vip="VIP", as_of=b""
    )
    Appointment.objects.filter(pk=visit).update(patient=hidden)

    response = clients.whole.get(URL, {"from": "booked", "to": "missed"})

    assert hidden.is_restricted
    assert "Mee" not in response.content.decode()
    assert [row.is_masked for row in response.context["examples"]] == [True]


@pytest.mark.parametrize("query", ["from=x&to=booked", "from=booked&to=x", "to=", "from=booked"])
def test_what_is_no_status_lists_nobody(clients, told, query):
    response = clients.whole.get(f"{URL}?{query}")

    assert (response.status_code, response.context["examples"]) == (200, [])


def test_an_empty_window_says_what_to_do(clients):
    html = clients.whole.get(URL).content.decode()

    assert "No status was heard in the last 30 days." in html
    assert 'href="?days=90"' in html
    assert "Nothing at all was heard from Card and Derm in the last 30 days." in html


def test_held_events_are_counted_and_not_drawn(desk, clients, told):
    tell(desk, "H1", [(DAY, None)], outcome=Outcome.HELD, mapping="unmapped", kind=None)

    assert "1 event is held and not drawn" in clients.whole.get(URL).content.decode()


def test_never_is_said_with_what_it_means(clients, told):
    html = clients.card.get(URL).content.decode()

    assert "No missed visit was heard from Card: patients who did not come are never called." in html


def test_a_window_that_takes_too_long_says_so(clients, told, monkeypatch):
    monkeypatch.setattr(status_paths, "_COUNTED", "SELECT pg_sleep(20), %(since)s")
    monkeypatch.setattr(status_paths, "MOST_TIME", HOUR / 3600 / 10)

    html = clients.whole.get(URL).content.decode()

    assert "Choose fewer days or one clinic." in html


def test_the_page_costs_the_same_queries_however_much_was_heard(desk, clients, told):
    clients.whole.get(URL)
    counts = []
    for number in range(2):
        tell(desk, f"N{number}", [(DAY, "requested"), (HOUR, "waitlisted")], kind=EventKind.CHANGED)
        caches["local"].clear()
        with CaptureQueriesContext(connection) as asked:
            clients.whole.get(URL, {"from": "booked", "to": "confirmed"})
        counts.append(len(asked))

    assert counts[0] == counts[1] <= 20
