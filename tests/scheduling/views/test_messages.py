"""The message page: masked until a reason is given, and only for those whose clinic it speaks of."""

import orjson
import pytest

from accounts.models import AuditEntry
from scheduling.models import Message
from scheduling.vocabulary import FeedFormat, Transport
from tests.support.desk import DAY, NOW
from tests.support.messages import adt, siu

SECRETS = ("Quill", "Ada", "N-1", "19800102", "3125550142")
REASON = "Exception 12: source asks what we received"


def page_of(client, pk, **posted):
    response = client.post(f"/messages/{pk}/values/", posted) if posted else client.get(f"/messages/{pk}/")
    return response, response.content.decode()


@pytest.fixture
def message(book):
    """An HL7 booking in the clinic CARD."""
    book("V1")
    return Message.objects.get()


def test_a_message_is_shown_masked_with_what_became_of_it(clients, message, trail):
    response, text = page_of(clients.card, message.pk)

    page = response.context["page"]
    assert (page.fate.outcome, [entry.what for entry in page.entries]) == ("applied", ["Created, booked"])
    assert [secret for secret in SECRETS if secret in text] == []
    assert "<b>PID</b>" in text
    assert trail() == [("read", "scheduling.message", [message.pk], page.fate.patients)]
    assert len(page.fate.patients) == 1


def test_values_are_shown_for_a_reason_and_only_in_that_answer(clients, message):
    response, text = page_of(clients.card, message.pk, reason=REASON)
    _, after = page_of(clients.card, message.pk)

    assert [secret for secret in SECRETS if secret not in text] == []
    assert response["Cache-Control"] == "no-store"
    assert [secret for secret in SECRETS if secret in after] == []
    entry = AuditEntry.objects.get(action="revealed")
    assert (entry.subjects, entry.detail, len(entry.patients)) == ([message.pk], {"reason": REASON}, 1)


def test_values_without_a_reason_are_refused_and_nothing_is_shown(clients, message):
    response, text = page_of(clients.card, message.pk, reason=" why ")

    assert response.status_code == 422
    assert "Say it in at least 5 characters." in text
    assert [secret for secret in SECRETS if secret in text] == []
    assert not AuditEntry.objects.filter(action="revealed").exists()


def test_values_cannot_be_an_address(clients, message):
    assert clients.card.get(f"/messages/{message.pk}/values/").status_code == 405


@pytest.mark.parametrize("posted", [{}, {"reason": REASON}], ids=["read", "reveal"])
def test_a_message_of_another_clinic_is_a_404_and_a_denied_audit_row(clients, book, trail, posted):
    book("V2", clinic="DERM")
    message = Message.objects.get()

    for client in (clients.card, clients.stranger):
        response, _ = page_of(client, message.pk, **posted)
        assert response.status_code == 404

    assert trail() == [("denied", "scheduling.message", [message.pk], [])] * 2


def test_a_message_about_a_patient_is_open_to_the_clinic_that_sees_the_patient(clients, book, desk):
    book("V1")
    mine, other = desk.take(adt("A08", at=NOW, family="Quell"), adt("A28", at=NOW, patient="N-9", family="Moreau"))

    assert page_of(clients.card, mine)[0].status_code == 200
    assert page_of(clients.card, other)[0].status_code == 404


def test_a_rejected_message_follows_the_sources_grants_and_is_masked_whole(clients, desk):
    [pk] = desk.take(b"HELLO Ada Quill")

    assert page_of(clients.card, pk)[0].status_code == 404
    response, text = page_of(clients.whole, pk)
    assert response.context["page"].fate.outcome == "rejected"
    assert "Quill" not in text


def test_a_held_message_underlines_what_has_no_meaning(clients, book):
    book("V1", status="ZZ9")

    _, text = page_of(clients.card, Message.objects.get().pk)

    assert "<mark>ZZ9</mark>" in text


def test_a_repeated_message_names_the_one_it_repeats(clients, message, desk):
    [repeat] = desk.take(bytes(message.body))

    response, text = page_of(clients.whole, repeat)

    assert response.context["page"].repeats == message.pk
    assert f'It repeats <a href="/messages/{message.pk}/">' in text


def test_a_waiting_message_says_so(clients, desk):
    [pk] = desk.receive(siu("S12", visit="V1", at=NOW, starts_at=NOW))

    assert page_of(clients.whole, pk)[0].context["page"].fate.outcome == "waiting"


def test_a_fhir_resource_is_masked_by_element(clients, desk):
    feed = desk.feed_of(FeedFormat.FHIR, Transport.HTTP, {})
    resource = {
        "resourceType": "Appointment",
        "id": "A1",
        "status": "booked",
        "description": "Ada's knee",
        "participant": [
            {"actor": {"reference": "Patient/N-1", "display": "Ada Quill"}, "status": "accepted"},
            {"actor": {"reference": "Practitioner/P7", "display": "Dr Okafor"}, "status": "accepted"},
        ],
    }
    [pk] = desk.take(orjson.dumps(resource), feed=feed)

    _, masked = page_of(clients.whole, pk)
    _, shown = page_of(clients.whole, pk, reason=REASON)

    assert [word in masked for word in ("Quill", "Patient/N-1", "knee", "Dr Okafor", "booked")] == [
        False, False, False, True, True,
    ]  # fmt: skip
    assert [word in shown for word in ("Ada Quill", "Patient/N-1", "knee")] == [True, True, True]


def test_a_rejected_fhir_resource_says_what_is_wrong(clients, desk):
    feed = desk.feed_of(FeedFormat.FHIR, Transport.HTTP, {})
    [pk] = desk.take(b'{"resourceType":"Appointment","status":"booked","participant":[{}]}', feed=feed)

    page = page_of(clients.whole, pk)[0].context["page"]

    assert page.fate.outcome == "rejected"
    assert page.faults == ["Appointment.participant[0].status: Value for the field 'status' is required."]


def test_a_row_of_an_extract_is_a_table_with_the_persons_columns_masked(clients, desk):
    feed = desk.feed_of(FeedFormat.CSV, Transport.FILE, {})
    header = b"appointment_id,status,starts,clinic,patient_id,family,colour\n"
    rows = header + b"V7,Booked,2026-11-30T10:00,CARD,N-1,Quill,blue\n"
    [pk] = desk.take(rows, feed=feed)

    response, text = page_of(clients.whole, pk)

    cells = {column: part.text for column, part in response.context["page"].cells}
    assert cells == {
        "appointment_id": "V7", "status": "Booked", "starts": "2026-11-30T10:00", "clinic": "CARD",
        "patient_id": "•••", "family": "•••••", "colour": "••••",
    }  # fmt: skip
    assert "Quill" not in text


def two_visits():
    """One message about two visits of one patient, the first in Card, the second in Derm."""
    first = siu("S12", visit="V1", at=NOW, starts_at=NOW + DAY, clinic="CARD").decode()
    second = siu("S12", visit="V2", at=NOW, starts_at=NOW + 2 * DAY, clinic="DERM").decode().split("\r")
    return "\r".join(
        [first.rstrip("\r"), *(line for line in second if line[:3] in {"SCH", "AIS", "AIL", "AIP"}), ""]
    ).encode()


def test_a_message_about_visits_of_two_clinics_tells_each_clinic_of_its_own(clients, desk):
    [message_id] = desk.take(two_visits())

    _, of_card = page_of(clients.card, message_id)
    _, of_source = page_of(clients.whole, message_id)

    pages = {
        name: [visit for visit in ("V1", "V2") if f"Appointment {visit}" in text]
        for name, text in (("card", of_card), ("source", of_source))
    }
    assert pages == {"card": ["V1"], "source": ["V1", "V2"]}
    assert desk.visit("V2").get_absolute_url() not in of_card


def test_neighbours_are_offered_where_they_may_be_opened(clients, desk):
    before, this, after = (
        desk.take(siu("S12", visit=visit, at=NOW, starts_at=NOW + DAY, clinic=clinic, patient=f"N-{visit}"))[0]
        for visit, clinic in (("V1", "CARD"), ("V2", "CARD"), ("V3", "DERM"))
    )

    of_card, _ = page_of(clients.card, this)
    of_source, _ = page_of(clients.whole, this)

    assert of_card.context["page"].neighbours == {"before": before}
    assert of_source.context["page"].neighbours == {"before": before, "after": after}


def test_what_became_of_a_restricted_persons_message_names_no_visit_type(clients, desk):
    body = siu("S12", visit="V1", at=NOW, starts_at=NOW + DAY, reason="|CHEMO|ONC")  # SCH-7 and SCH-8
    [message_id] = desk.take(body.replace(b"|ONC||", b"|ONC", 1).replace(b"\rAIS|", b"\rPD1||||||||||||Y\rAIS|"))

    response, _ = page_of(clients.card, message_id)

    [entry] = response.context["page"].entries
    assert [signal.label for signal in entry.signals] == ["event", "status"]
