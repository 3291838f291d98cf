"""A patient or an appointment that another worker creates between our look for it and our writing of it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from config.pipeline import digest_these
from scheduling.models import Appointment, MappedEvent, Patient, Receipt, Waiting
from tests.support.desk import DAY, HOUR, NOW, make_desk
from tests.support.messages import siu

pytestmark = pytest.mark.django_db(transaction=True)


def digest_slowly(ids, written, may_commit):
    """Digest on a connection of this thread, and commit only when told to."""
    try:
        with transaction.atomic():
            digest_these(ids, now=NOW)
            written.set()
            assert may_commit.wait(60)
    finally:
        connection.close()


def digest(ids):
    try:
        digest_these(ids, now=NOW)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("first", "second"), [("N-1", "N-1"), ("N-1", "N-2")], ids=["the patient", "the appointment of another patient"]
)
def test_record_created_by_another_worker_meanwhile_is_taken_up_and_nothing_is_lost(first, second):
    desk = make_desk()
    booked = desk.receive(siu("S12", visit="V1", at=NOW - 2 * HOUR, starts_at=NOW + DAY, patient=first))
    others = [
        siu("S12", visit=f"W{n}", at=NOW - HOUR, starts_at=NOW + 2 * DAY, patient=f"M-{n}", provider=f"P{n}")
        for n in range(3)
    ]
    moved = siu("S13", visit="V1", at=NOW - HOUR, starts_at=NOW + 3 * DAY, patient=second)
    later = desk.receive(moved, *others)
    written, may_commit = Event(), Event()

    with ThreadPoolExecutor(2) as pool:
        creator = pool.submit(digest_slowly, booked, written, may_commit)
        assert written.wait(60)
        follower = pool.submit(digest, later)
        with pytest.raises(TimeoutError):
            follower.result(timeout=1)
        may_commit.set()
        creator.result(60)
        follower.result(60)

    visit = Appointment.objects.get(external_id="V1")
    assert (visit.starts_at, visit.events) == (NOW + 3 * DAY, 2)
    assert visit.patient_id == Patient.objects.get(mrn=second).pk
    assert Patient.objects.count() == len({first, second}) + 3
    assert Appointment.objects.count() == 4
    assert MappedEvent.objects.count() == 5
    assert (Waiting.objects.count(), Receipt.objects.count()) == (0, 0)
