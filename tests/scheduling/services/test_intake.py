"""The durable inbox (I1): what is stored, counted and put in a lane, and what is not."""

import pytest
from django.db import DatabaseError, connection

from scheduling.facts import UnreadableMessageError
from scheduling.models import EnvelopeNote, IntakeTally, LaneLink, Message, Waiting
from scheduling.services.intake import FeedRef, arrive, control_hash, patient_hash, store
from scheduling.vocabulary import FeedFormat, Transport
from tests.support.desk import DAY, NOW
from tests.support.messages import adt, merge, siu

BOOKING = siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY, control="C-1")


def test_bytes_are_kept_as_they_came(desk):
    odd = BOOKING.replace(b"Quill", b"Qu\xe9\x00ill")

    (message_id,) = desk.receive(odd)

    message = Message.objects.get(pk=message_id)
    assert bytes(message.body) == odd
    assert (message.control_id, message.control_hash) == ("C-1", control_hash("C-1"))
    assert (message.received_at, message.transport) == (NOW, Transport.MLLP)


def test_everything_stored_waits_in_the_lane_of_its_patient(desk):
    ids = desk.receive(BOOKING, adt("A08", at=NOW), siu("S12", visit="V2", at=NOW, patient="N-2"))

    waiting = list(Waiting.objects.order_by("message_id").values_list("message_id", "patient_hash", "lane"))
    hashes = [patient_hash("N-1"), patient_hash("N-1"), patient_hash("N-2")]
    assert waiting == [(number, hashed, hashed % 64) for number, hashed in zip(ids, hashes, strict=True)]


def test_merge_joins_the_lanes_of_its_records(desk):
    def links():
        return dict(LaneLink.objects.values_list("patient_hash", "survivor_hash"))

    one, two, three = (patient_hash(f"N-{number}") for number in (1, 2, 3))

    desk.receive(BOOKING, merge(at=NOW, survivor="N-1", retired="N-1"))
    assert links() == {}

    [message_id] = desk.receive(merge(at=NOW, survivor="N-1", retired="N-2"))
    assert links() == {two: one}
    assert Waiting.objects.get(pk=message_id).lane == one % 64

    desk.receive(
        merge(at=NOW, survivor="N-1", retired="N-2"),
        merge(at=NOW, survivor="N-3", retired="N-2"),
        merge(at=NOW, survivor="N-2", retired="N-1"),
    )
    assert links() == {two: three, one: two}


def test_received_is_counted_once_a_message(desk):
    batch = b"BHS|^~\\&\r" + BOOKING + adt("A08", at=NOW) + b"BTS|2\r"

    desk.receive(batch, BOOKING)

    assert list(IntakeTally.objects.values_list("on", "received")) == [(NOW.date(), 3)]
    assert desk.ledger() == {"received": 3, "waiting": 3}


def test_wrong_count_of_a_batch_is_noted_and_raised(desk):
    ids = desk.receive(b"BHS|^~\\&\r" + BOOKING + b"BTS|5\r")
    assert list(EnvelopeNote.objects.values_list("kind", "message_id")) == [("batch_count", ids[0])]

    desk.digest()

    assert EnvelopeNote.objects.count() == 0
    assert desk.ledger() == {"received": 1, "applied": 1}


def test_too_large_a_body_is_refused_before_anything_is_stored(desk):
    ref = FeedRef(desk.feed.pk, FeedFormat.HL7V2, Transport.MLLP)

    with pytest.raises(UnreadableMessageError) as refused:
        arrive(ref, BOOKING, profile={"max_bytes": 100}, now=NOW)

    assert refused.value.reason == "too_large"


@pytest.mark.django_db(transaction=True)
def test_a_group_is_stored_whole_or_not_at_all(desk):
    ref = FeedRef(desk.feed.pk, FeedFormat.HL7V2, Transport.MLLP)
    group = [arrive(ref, BOOKING, profile={}, now=NOW), arrive(ref, BOOKING, profile={}, now=NOW)]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE scheduling_waiting ADD CONSTRAINT one_at_most CHECK (lane < 0) NOT VALID")
    try:
        with pytest.raises(DatabaseError):
            store(group)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE scheduling_waiting DROP CONSTRAINT one_at_most")

    assert (Message.objects.count(), Waiting.objects.count(), IntakeTally.objects.count()) == (0, 0, 0)


def test_same_message_again_is_a_duplicate_and_same_id_with_another_body_a_finding(desk):
    other = siu("S12", visit="V2", at=NOW - DAY, starts_at=NOW + DAY, control="C-1")

    desk.take(BOOKING)
    desk.take(BOOKING, other)

    assert desk.ledger() == {"received": 3, "applied": 2, "duplicate": 1}


def test_message_without_any_header_is_stored_and_rejected(desk):
    desk.take(b"hello?")

    assert desk.ledger() == {"received": 1, "rejected": 1}
