"""The patient page: every fact with the message that said it."""

import pytest

from scheduling.models import Consent, Patient
from scheduling.selectors.codes import Value
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import adt, merge


def page_of(client, pk):
    return client.get(f"/patients/{pk}/").context["page"]


def test_every_fact_names_the_message_that_said_it_last(clients, book, desk):
    visit = book("V1", at=NOW - DAY)
    [changed] = desk.take(adt("A08", at=NOW - HOUR, family="Quell"))

    page = page_of(clients.card, visit.patient_id)

    assert {fact.aspect: fact.values for fact in page.aspects}["name"] == [Value("Ada Quell")]
    assert {fact.aspect: fact.said.message_id for fact in page.aspects}["name"] == changed
    assert {fact.aspect: fact.values for fact in page.aspects}["phones_home"] == [Value("Home phone ••••••0142")]


def test_a_fact_repeated_by_a_later_message_keeps_its_first_origin(clients, book, desk):
    visit = book("V1", at=NOW - DAY)
    first = page_of(clients.card, visit.patient_id).aspects[0].said
    desk.take(adt("A08", at=NOW - HOUR))

    assert page_of(clients.card, visit.patient_id).aspects[0].said == first


def test_a_merged_record_points_on_and_the_survivor_lists_its_visits(clients, book, desk):
    visit = book("V1", patient="N-2")
    desk.take(merge(at=NOW, survivor="N-1", retired="N-2"))
    survivor = Patient.objects.get(mrn="N-1")

    retired = page_of(clients.whole, visit.patient_id)
    page = page_of(clients.whole, survivor.pk)

    assert retired.sentence == "This record was merged into another one. Use that one."
    assert ([record.pk for record in page.retired], [row.pk for row in page.visits]) == (
        [visit.patient_id],
        [visit.pk],
    )


def test_a_refusal_is_the_first_thing_said(clients, book):
    visit = book("V1")
    lines = [("text", True, NOW - DAY), ("text", False, NOW - HOUR), ("call", False, NOW - DAY), ("call", True, NOW)]
    for channel, is_allowed, at in lines:
        Consent.objects.create(
            patient_id=visit.patient_id, channel=channel, is_allowed=is_allowed, valid_from=at, recorded_at=at
        )

    page = page_of(clients.card, visit.patient_id)

    assert page.sentence == "Has refused contact by text."
    assert page.consents[0].words == "Call: allowed"


def test_a_restricted_person_is_masked(clients, book):
    visit = book("V1")
    Patient.objects.filter(pk=visit.patient_id).update(vip="R")

    text = clients.card.get(f"/patients/{visit.patient_id}/").content.decode()

    assert [secret for secret in ("Quill", "N-1", "1980", "0142", "Echocardiogram") if secret in text] == []
    assert "Seeing more takes a reason" in text


@pytest.mark.parametrize("who", ["card", "stranger"])
def test_another_clinics_patient_is_a_404_and_a_denied_audit_row(clients, book, trail, who):
    visit = book("V1", clinic="DERM")

    assert getattr(clients, who).get(f"/patients/{visit.patient_id}/").status_code == 404
    assert trail() == [("denied", "scheduling.patient", [visit.patient_id], [])]


def test_the_page_lists_only_visits_in_scope(clients, book):
    mine = book("V1")
    book("V2", clinic="DERM")

    assert [row.pk for row in page_of(clients.card, mine.patient_id).visits] == [mine.pk]
