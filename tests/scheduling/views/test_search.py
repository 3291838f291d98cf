"""Search is a POST that yields a token; nothing typed stands in an address or in the trail."""

import pytest
import time_machine

from accounts.models import AuditEntry
from accounts.vocabulary import Role
from scheduling.models import Patient
from scheduling.selectors.search import ways_to_write
from tests.support.desk import NOW
from tests.support.messages import adt


def search(client, text):
    return client.post("/search/", {"text": text})


def found_by(client, text):
    response = search(client, text)
    assert response.status_code == 302
    assert text not in response["Location"]
    if "found=" not in response["Location"]:
        return []
    return [row.pk for row in client.get(response["Location"]).context["rows"]]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("N-1", True), ("n-1", True), ("N-", False), ("Quill", True), ("ada qui", True), ("Ada Okafor", False),
        ("uill", False), ("(312) 555-0142", True), ("312.555.0142", True), ("+1 312 555 0142", True),
        ("5550142", False), ("V1", True),
    ],
)  # fmt: skip
def test_patients_are_found_by_mrn_name_or_number_and_visits_by_theirs(clients, book, text, is_found):
    visit = book("V1")

    assert found_by(clients.card, text) == ([visit.pk] if is_found else [])


def test_a_restricted_person_is_found_by_their_mrn_only_and_stays_masked(clients, book):
    visit = book("V1")
    Patient.objects.filter(pk=visit.patient_id).update(vip="R")

    assert found_by(clients.card, "Quill") == []
    assert found_by(clients.card, "3125550142") == []
    assert found_by(clients.card, "N-1") == [visit.pk]


def test_another_clinics_patient_is_not_found(clients, book):
    book("V1", clinic="DERM")

    assert found_by(clients.card, "Quill") == []
    assert found_by(clients.card, "V1") == []


def test_a_search_is_audited_without_its_words(clients, book):
    visit = book("V1")

    search(clients.card, "Quill")

    entry = AuditEntry.objects.get(action="searched")
    assert (entry.patients, entry.detail) == ([visit.patient_id], {"patients": 1, "visits": []})


def test_a_search_ends_after_ten_minutes(clients, book):
    book("V1")
    address = search(clients.card, "Quill")["Location"]

    with time_machine.travel(NOW.timestamp() + 599, tick=False):
        alive = clients.card.get(address)
    with time_machine.travel(NOW.timestamp() + 601, tick=False):
        over = clients.card.get(address)

    assert len(alive.context["rows"]) == 1
    assert over.context["rows"] == []
    assert "This search has ended." in over.content.decode()


def test_another_persons_token_finds_nothing(clients, book, person, signed_in, desk):
    book("V1")
    address = search(clients.card, "Quill")["Location"]

    response = signed_in(person(Role.ACCESS, clinic=desk.clinics["CARD"])).get(address)

    assert response.context["rows"] == []


def test_a_found_patient_out_of_scope_by_now_shows_nothing(clients, book, desk):
    book("V1")
    address = search(clients.card, "Quill")["Location"]
    visit = desk.visit("V1")
    visit.clinic = desk.clinics["DERM"]
    visit.save(update_fields=["clinic"])

    assert clients.card.get(address).context["rows"] == []


@pytest.mark.parametrize("text", ["", "N", "x" * 81], ids=["empty", "short", "long"])
def test_a_search_of_nothing_is_refused(clients, text):
    assert search(clients.card, text).status_code == 422


def test_a_search_cannot_be_an_address(clients):
    assert clients.card.get("/search/?text=Quill").status_code == 405


def test_a_patient_without_a_visit_is_found_by_the_source_and_the_list_is_empty(clients, desk):
    desk.take(adt("A28", at=NOW, patient="N-9", family="Moreau"))

    response = search(clients.whole, "Moreau")

    assert "found=" in response["Location"]
    assert clients.whole.get(response["Location"]).context["rows"] == []


def test_a_number_that_is_no_phone_number_is_written_in_no_way():
    assert ways_to_write("123-4567") == []
    assert "(312)555-0142" in ways_to_write("1-312-555-0142")
