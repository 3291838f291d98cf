"""A message that no batch can digest: found by halving, marked failed, and nothing else waits for it."""

import re

import pytest
from django.db import connection

from config.digesting import Digester
from config.pipeline import BatchFailedError
from exceptions.models import IntegrationException
from scheduling.models import Receipt
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
