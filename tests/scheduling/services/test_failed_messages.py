"""Messages that an error of ours stopped go back into the inbox, each once, and the ledger adds up throughout (I2)."""

from threading import Thread

import pytest
from django.db import connection, transaction

from accounts.models import AuditEntry
from config.digesting import Digester
from scheduling.models import Receipt, Waiting
from scheduling.services.failed_messages import failed_receipts, process_again
from scheduling.vocabulary import FeedFormat, Transport
from tests.support.desk import DAY, NOW
from tests.support.messages import siu
from tests.support.sessions import on_insert

BROKEN = "IF NEW.external_id LIKE 'V%' THEN RAISE EXCEPTION 'No row.'; END IF;"


@pytest.fixture
def failed(desk):
    """Two messages that the database refused, and one that is fine."""
    on_insert("scheduling_appointment", BROKEN)
    ids = desk.receive(*(siu("S12", visit=visit, at=NOW - DAY, starts_at=NOW + DAY) for visit in ("V1", "V2", "W3")))
    Digester().drain()
    assert desk.ledger() == {"received": 3, "applied": 1, "failed": 2}
    return ids


def mend():
    on_insert("scheduling_appointment", "")


def again(desk, ids, **more):
    return process_again(desk.feed, ids, **{"actor": desk.people[0], "now": NOW} | more)


def test_failed_messages_wait_again_and_are_applied(desk, failed):
    mend()

    assert again(desk, failed) == failed[:2]

    assert desk.ledger() == {"received": 3, "applied": 1, "waiting": 2}
    Digester().drain()
    assert desk.ledger() == {"received": 3, "applied": 3}
    assert desk.visit("V2").status == "booked"


def test_what_waits_again_stands_in_the_lane_that_intake_chose(desk, failed):
    mend()
    fresh = desk.receive(siu("S14", visit="V1", at=NOW - DAY, starts_at=NOW + DAY))
    again(desk, failed[:1])

    lanes = Waiting.objects.filter(pk__in=[*fresh, failed[0]]).values_list("lane", "patient_hash")

    assert len(set(lanes)) == 1


def test_pressing_twice_changes_nothing(desk, failed):
    mend()
    first, second = again(desk, failed), again(desk, failed)

    assert (first, second) == (failed[:2], [])
    assert desk.ledger() == {"received": 3, "applied": 1, "waiting": 2}
    rows = AuditEntry.objects.filter(subject_kind="scheduling.message")
    assert list(rows.values_list("subjects", "detail")) == [(failed[:2], {"verb": "process_again"})]


def test_what_fails_again_has_its_receipt_again(desk, failed):
    again(desk, failed)
    Digester().drain()

    assert desk.ledger() == {"received": 3, "applied": 1, "failed": 2}


def test_messages_of_another_feed_are_left_alone(desk, failed):
    other = desk.feed_of(FeedFormat.FHIR, Transport.HTTP, {})

    assert process_again(other, failed, actor=None, now=NOW) == []
    assert desk.ledger() == {"received": 3, "applied": 1, "failed": 2}


def test_failed_receipts_are_those_of_one_error_in_its_time(desk, failed):
    receipts = Receipt.objects.all()
    at = receipts[0].received_at
    error = receipts[0].sentence.removeprefix("Digesting it raised ").partition(";")[0]

    def ids(name=error, since=at, until=at):
        found = failed_receipts(desk.feed.pk, name, since=since, until=until)
        return sorted(found.values_list("pk", flat=True))

    assert ids() == failed[:2]
    assert ids(name="KeyError") == []
    assert ids(since=at + DAY, until=at + 2 * DAY) == []


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_put_each_message_back_once(desk, failed):
    mend()
    found: list[list[int]] = []

    def press() -> None:
        try:
            found.append(again(desk, failed, actor=None))
        finally:
            connection.close()

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == [[], failed[:2]]
    assert desk.ledger() == {"received": 3, "applied": 1, "waiting": 2}


def test_what_does_not_commit_leaves_the_receipts(desk, failed):
    with transaction.atomic():
        again(desk, failed)
        transaction.set_rollback(True)  # as when the process ends before its commit

    assert desk.ledger() == {"received": 3, "applied": 1, "failed": 2}
