"""A message about a patient who is not named is refused in sight: it could be anybody's (I2, I4)."""

import pytest

from exceptions.models import IntegrationException
from scheduling.models import Patient, Receipt
from scheduling.vocabulary import FeedFormat, MessageKind, Transport
from tests.support.desk import DAY, NOW
from tests.support.messages import adt, siu

NOBODY = b'{"resourceType": "Patient", "id": "p", "name": [{"family": "Quill"}], "birthDate": "1980-01-02"}'


def nameless(trigger):
    return adt(trigger, at=NOW, patient="").replace(b"^^^NSD^MR", b"")


@pytest.mark.parametrize("trigger", ["A04", "A08", "A28", "A31"])
def test_patient_message_without_a_number_is_refused_and_found(desk, trigger):
    [message_id] = desk.take(nameless(trigger))

    receipt = Receipt.objects.get()
    assert (receipt.message_id, receipt.outcome, receipt.reason) == (message_id, "rejected", "no_patient_id")
    assert receipt.sentence == (
        "The message is about a patient, but names no record in the fields this feed is read by."
    )
    assert (receipt.patient_id, Patient.objects.count()) == (None, 0)
    found = IntegrationException.objects.get(check_id="unreadable_message")
    assert (found.raw, found.occurrences, found.last_samples or found.first_samples) == (
        "no_patient_id",
        1,
        [message_id],
    )
    assert desk.ledger() == {"received": 1, "rejected": 1}


def test_patient_message_without_a_patient_segment_is_refused_too(desk):
    body = b"\r".join(line for line in nameless("A08").split(b"\r") if not line.startswith(b"PID"))

    desk.take(body)

    assert Receipt.objects.get().reason == "no_patient_id"
    assert desk.ledger() == {"received": 1, "rejected": 1}


def test_patient_resource_without_a_number_is_refused_and_found(desk):
    feed = desk.feed_of(FeedFormat.FHIR, Transport.HTTP, {})

    desk.take(NOBODY.replace(b'"id": "p", ', b""), feed=feed)

    assert Receipt.objects.get().reason == "no_patient_id"
    assert desk.ledger(feed) == {"received": 1, "rejected": 1}


def test_patient_message_with_a_number_is_applied(desk):
    desk.take(adt("A08", at=NOW))

    assert Receipt.objects.get().kind == MessageKind.PATIENT
    assert not IntegrationException.objects.exists()
    assert desk.ledger() == {"received": 1, "applied": 1}


def test_visit_of_an_unnamed_patient_is_still_applied(desk):
    desk.take(siu("S12", visit="V1", at=NOW, starts_at=NOW + DAY, patient=None))

    assert (desk.visit("V1").status, desk.visit("V1").patient_id) == ("booked", None)
    assert desk.ledger() == {"received": 1, "applied": 1}
