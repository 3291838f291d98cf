"""A message that no batch can digest: found by halving, marked failed, and nothing else waits for it."""

import re

import pytest
from django.db import connection, transaction

from config.digesting import Digester
from config.pipeline import BatchFailedError
from exceptions.models import IntegrationException
from scheduling.mapping.rules import Rule
from scheduling.models import Receipt, RefoldRequest, Waiting
from scheduling.vocabulary import Status
from tests.support.desk import DAY, NOW
from tests.support.messages import siu

POISON = """
CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.external_id = 'POISON' THEN RAISE EXCEPTION 'No row for this one.'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_poison BEFORE INSERT ON scheduling_appointment FOR EACH ROW EXECUTE FUNCTION refuse_poison();
"""


def booking(visit):
    return siu("S12", visit=visit, at=NOW - DAY, starts_at=NOW + DAY)


@pytest.fixture
def poisoned(desk):
    """A database that refuses one visit: no stage knows of it."""
    with connection.cursor() as cursor:
        cursor.execute(POISON)
    return desk


def test_batch_with_poison_fails_whole(poisoned):
    ids = poisoned.receive(booking("V1"), booking("POISON"))

    with pytest.raises(BatchFailedError) as failed:
        poisoned.digest()

    assert failed.value.message_ids == tuple(ids)
    assert poisoned.ledger() == {"received": 2, "waiting": 2}


@pytest.mark.parametrize("place", [0, 3, 6], ids=["first", "middle", "last"])
def test_poison_is_found_and_everything_else_commits(poisoned, place):
    visits = [f"V{number}" for number in range(6)]
    visits.insert(place, "POISON")
    ids = poisoned.receive(*(booking(visit) for visit in visits))

    Digester().drain()

    assert poisoned.ledger() == {"received": 7, "applied": 6, "failed": 1}
    receipt = Receipt.objects.get()
    assert (receipt.message_id, receipt.outcome) == (ids[place], "failed")
    assert re.fullmatch(r"[0-9a-f-]{36}", receipt.traceback_id)
    assert receipt.sentence == "Digesting it raised ProgrammingError; the log has the traceback."


def test_poison_is_an_exception_of_its_own_and_its_traceback_is_logged(poisoned, caplog):
    poisoned.receive(booking("POISON"))

    Digester().drain()

    found = IntegrationException.objects.get()
    assert (found.check_id, found.raw, found.occurrences) == ("processing_failed", "ProgrammingError", 1)
    logged = [record for record in caplog.records if Receipt.objects.get().traceback_id in str(record.msg)]
    assert len(logged) == 1


def test_two_poisons_far_apart_are_both_found(poisoned):
    others = [booking(f"V{number}") for number in range(9)]
    poisoned.receive(booking("POISON"), *others, siu("S14", visit="POISON", at=NOW, starts_at=NOW + DAY))

    Digester().drain()

    assert poisoned.ledger() == {"received": 11, "applied": 9, "failed": 2}


POISONED_UPDATE = """
CREATE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.external_id = 'V2' THEN RAISE EXCEPTION 'No new picture for this one.'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_update BEFORE UPDATE ON scheduling_appointment FOR EACH ROW EXECUTE FUNCTION refuse_update();
"""


def test_visit_that_cannot_be_folded_anew_does_not_hold_up_the_others(desk):
    desk.take(
        *(siu("S12", visit=f"V{number}", at=NOW - DAY, starts_at=NOW + DAY, status="ZZ9") for number in (1, 2, 3))
    )
    with connection.cursor() as cursor:
        cursor.execute(POISONED_UPDATE)
    desk.publish(Rule(0, filler_status="ZZ9", status=Status.CONFIRMED))
    desk.receive(booking("V4"))

    Digester().drain()

    assert [desk.visit(f"V{number}").status for number in (1, 2, 3, 4)] == ["confirmed", None, "confirmed", "booked"]
    assert RefoldRequest.objects.count() == 0
    found = IntegrationException.objects.get(check_id="processing_failed")
    assert (found.raw, found.live_count, found.is_resolved) == ("ProgrammingError", 0, False)


@pytest.mark.parametrize("workers", [1, 2, 3, 5, 7, 64])
def test_drain_looks_into_every_lane_whatever_the_number_of_workers(desk, workers):
    desk.receive(booking("V1"))
    for lane in (0, 31, 63):
        Waiting.objects.update(lane=lane)

        with transaction.atomic():
            assert Digester(workers=workers).drain() == 1
            transaction.set_rollback(True)


def test_isolating_settles_every_message_of_the_batch(poisoned):
    ids = poisoned.receive(booking("POISON"), *(booking(f"V{number}") for number in range(5)))

    poisoned.settle(ids)

    assert poisoned.ledger() == {"received": 6, "applied": 5, "failed": 1}
