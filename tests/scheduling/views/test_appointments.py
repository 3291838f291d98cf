"""The list of appointments, the pane, and the appointment page."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.models import MappedEvent, Patient
from scheduling.panels import HoldOwner, Panel, _panels, register_panel
from scheduling.selectors.places import start_of_day
from scheduling.vocabulary import MappingOutcome
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import merge, siu

LIST = "/appointments/"


def ids(response):
    return [row.pk for row in response.context["rows"]]


def texts(response):
    return [(row.start, row.patient, row.visit, row.clinic, row.status, row.note) for row in response.context["rows"]]


def queries(client, path):
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)


def test_the_list_starts_today_and_follows_the_start(clients, book):
    book("past", NOW - DAY)
    later, sooner = book("later", NOW + 2 * DAY), book("sooner", NOW + HOUR)

    response = clients.card.get(LIST)

    assert ids(response) == [sooner.pk, later.pk]
    assert texts(response)[0] == ("10:41 CST", "Ada Quill", "Echocardiogram · Ruth Okafor", "Card", "Booked", "")


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ("", ["morning", "tomorrow", "cancelled", "unclear", "next_month"]),
        ("today", ["morning"]),
        ("week", ["morning", "tomorrow", "cancelled", "unclear"]),
        ("uncertain", ["unclear"]),
        ("lost", ["cancelled"]),
        ("missed", ["missed"]),
        ("untimed", ["untimed"]),
        ("all", ["missed", "morning", "tomorrow", "cancelled", "unclear", "next_month"]),
        ("nonsense", ["morning", "tomorrow", "cancelled", "unclear", "next_month"]),
    ],
)
def test_a_split_keeps_its_visits(clients, book, desk, split, expected):
    book("morning", NOW + HOUR)
    book("tomorrow", NOW + DAY)
    book("cancelled", NOW + 2 * DAY)
    book("cancelled", NOW + 2 * DAY, trigger="S15", at=NOW - HOUR, status="Cancelled")
    book("unclear", NOW + 3 * DAY, status="ZZ9")
    book("next_month", NOW + 30 * DAY)
    book("missed", NOW - 2 * DAY, trigger="S14", status="Noshow", at=NOW - DAY)
    book("untimed", None)
    wanted = [desk.visit(name).pk for name in expected]

    assert ids(clients.card.get(f"{LIST}?split={split}")) == wanted


def test_filters_narrow_the_list(clients, book, desk):
    card = book("card", NOW + HOUR)
    derm = book("derm", NOW + 2 * HOUR, clinic="DERM", status="Confirmed")
    unclear = book("unclear", NOW + 3 * DAY, status="ZZ9", clinic="DERM")
    event = MappedEvent.objects.exclude(mapping=MappingOutcome.MAPPED).get()

    found = {
        query: ids(clients.whole.get(f"{LIST}?{query}"))
        for query in (
            f"clinic={desk.clinics['CARD'].pk}",
            "status=confirmed",
            "status=none",
            "certain=no",
            "certain=yes",
            "since=2026-11-25",
            "since=2026-11-24&until=2026-11-24",
            f"like={event.pk}",
            "like=999999",
        )
    }

    assert list(found.values()) == [
        [card.pk], [derm.pk], [unclear.pk], [unclear.pk], [card.pk, derm.pk], [unclear.pk], [card.pk, derm.pk],
        [unclear.pk], [],
    ]  # fmt: skip


def test_the_list_pages_by_key_without_gap_or_repeat(clients, book, desk):
    desk.take(*(siu("S12", visit=f"V{n}", at=NOW - DAY, starts_at=NOW + n * HOUR) for n in range(1, 53)))

    first = clients.card.get(LIST)
    second = clients.card.get(f"{LIST}?after={first.context['page'].next_cursor}")

    assert (len(ids(first)), len(ids(second))) == (50, 2)
    assert len({*ids(first), *ids(second)}) == 52


def test_the_list_costs_the_same_queries_for_one_row_and_for_three(clients, book):
    book("one", NOW + HOUR)
    for_one = queries(clients.card, LIST)
    book("two", NOW + HOUR)
    book("three", NOW + HOUR, patient="N-3")

    assert queries(clients.card, LIST) == for_one
    assert for_one <= 10


def test_a_page_of_the_list_leaves_one_audit_row(clients, book, trail):
    visit = book("V1", NOW + HOUR)

    clients.card.get(LIST)

    assert trail() == [("listed", "scheduling.appointment", [visit.pk], [visit.patient_id])]


def test_an_empty_list_says_what_to_do_and_leaves_no_audit_row(clients, trail):
    response = clients.card.get(LIST)

    assert "No visit from today on." in response.content.decode()
    assert trail() == []


def test_another_clinics_visits_are_not_listed(clients, book):
    book("derm", clinic="DERM")

    assert ids(clients.card.get(LIST)) == []
    assert ids(clients.stranger.get(LIST)) == []


def test_a_visit_of_an_unknown_clinic_follows_the_sources_grants(clients, book):
    lost = book("lost", clinic="NOWHERE")

    assert ids(clients.card.get(LIST)) == []
    assert ids(clients.whole.get(LIST)) == [lost.pk]


@pytest.mark.parametrize("path", ["/appointments/{pk}/", "/appointments/?item={pk}"], ids=["page", "pane"])
def test_another_clinics_visit_is_a_404_and_a_denied_audit_row(clients, book, trail, path):
    derm = book("derm", clinic="DERM")

    response = clients.card.get(path.format(pk=derm.pk))

    assert response.status_code == 404
    assert trail() == [("denied", "scheduling.appointment", [derm.pk], [])]


@pytest.mark.parametrize("path", ["/appointments/", "/appointments/{pk}/", "/appointments/?item={pk}"])
def test_a_restricted_patient_is_masked(clients, book, path):
    visit = book("V1")
    Patient.objects.filter(pk=visit.patient_id).update(protection="Y")

    page = clients.card.get(path.format(pk=visit.pk)).content.decode()

    assert "Restricted" in page
    assert [secret for secret in ("Quill", "N-1", "0142", "Echocardiogram", "ECHO", "Okafor") if secret in page] == []


def test_the_page_says_what_holds_a_visit_and_why(clients, book):
    book("V1", NOW + HOUR)
    visit = book("V1", NOW + HOUR, trigger="S14", at=NOW - HOUR, status="ZZ9")

    response = clients.card.get(f"/appointments/{visit.pk}/")

    page = response.context["page"]
    assert page.sentence == "Booked. It starts 10:41 CST, in 1 h."
    assert [(hold.label, hold.trouble.raw, hold.owner) for hold in page.holds] == [("no meaning yet", "S14 ZZ9", None)]
    entries = page.timeline
    assert [(e.what, e.outcome, [s.value for s in e.signals][:2]) for e in entries] == [
        ("No meaning yet", "Held", ["S14", "ZZ9"]),
        ("Created, booked", "Applied", ["S12", "Booked"]),
    ]
    assert entries[0].why.sentence == "No rule fits, so it is held."
    assert entries[1].why.sentence.endswith("of revision 1")
    assert f"/messages/{entries[0].event.message_id}/" in response.content.decode()


def test_the_page_names_the_messages_that_only_repeated_an_event(clients, book, desk):
    visit = book("V1")
    body = siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY)

    repeat = desk.take(body)

    page = clients.card.get(f"/appointments/{visit.pk}/").context["page"]
    assert [entry.repeats for entry in page.timeline] == [repeat]


def test_the_page_shows_the_slots_a_visit_left(clients, book):
    book("V1", NOW + DAY)
    visit = book("V1", NOW + 2 * DAY, trigger="S13", at=NOW - HOUR)

    slots = clients.card.get(f"/appointments/{visit.pk}/").context["page"].slots

    assert [(slot.left.starts_at, slot.why) for slot in slots] == [(NOW + DAY, "Rescheduled")]


def test_the_page_costs_the_same_queries_for_one_event_and_for_three(clients, book):
    visit = book("V1", status="ZZ9")
    for_one = queries(clients.card, f"/appointments/{visit.pk}/")
    book("V1", trigger="S14", at=NOW - HOUR, status="ZZ9")
    book("V1", trigger="S14", at=NOW - HOUR / 2, status="ZZ8")

    assert queries(clients.card, f"/appointments/{visit.pk}/") == for_one


def test_the_page_says_that_a_record_was_merged(clients, book, desk):
    visit = book("V1", patient="N-2")
    desk.take(merge(at=NOW - HOUR, survivor="N-1", retired="N-2"))

    page = clients.whole.get(f"/appointments/{visit.pk}/").content.decode()

    assert "This record was merged into" in page


def test_upper_floors_add_panels_and_owners(clients, book):
    visit = book("V1", status="ZZ9")
    panel = Panel("Exceptions", "components/pane-empty.html", {}, {"unmapped_status": HoldOwner("Imani", "/x/")})
    kept = dict(_panels)
    register_panel("test", lambda request, appointment: panel if appointment.pk == visit.pk else None)

    page = clients.card.get(f"/appointments/{visit.pk}/").context["page"]

    _panels.clear()
    _panels.update(kept)
    assert panel in page.panels
    assert page.holds[0].owner == HoldOwner("Imani", "/x/")


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 11, 24, 18, tzinfo=ZoneInfo("UTC")), 24),
        (datetime(2026, 11, 1, 18, tzinfo=ZoneInfo("UTC")), 25),
        (datetime(2026, 3, 8, 18, tzinfo=ZoneInfo("UTC")), 23),
    ],
    ids=["plain day", "clocks go back", "clocks go forward"],
)
def test_a_local_day_is_as_long_as_the_clock_makes_it(now, hours):
    zone = ZoneInfo("America/Chicago")
    begin, end = start_of_day(now, zone), start_of_day(now, zone, days=1)

    assert (end.timestamp() - begin.timestamp()) / 3600 == hours
    assert (begin.hour, begin.date()) == (0, now.astimezone(zone).date())
