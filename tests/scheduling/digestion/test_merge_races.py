"""A merge and the visit it concerns, digested at once on two connections."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event

import pytest
from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

from config.pipeline import digest_these
from tests.support.desk import DAY, HOUR, NOW, make_desk
from tests.support.messages import merge, siu

pytestmark = pytest.mark.django_db(transaction=True)


def digest(ids):
    """Digest on a connection of this thread; a deadlock is tried again, as workers do."""
    try:
        try:
            digest_these(ids, now=NOW)
        except OperationalError as error:
            assert isinstance(error.__cause__, DeadlockDetected)  # noqa: PT017 - anything else is a failure
            digest_these(ids, now=NOW)
    finally:
        connection.close()


def hold_days(held, may_go):
    """Lock every owner row until told to let go: whoever moves a visit waits after folding it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT id FROM scheduling_resourceday FOR UPDATE")
            held.set()
            assert may_go.wait(30)
    finally:
        connection.close()


def test_visit_that_changes_its_person_while_a_chain_of_merges_closes_is_no_reuse():
    desk = make_desk()
    desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY, patient="N-1"))
    desk.take(merge(at=NOW - 2 * HOUR, survivor="N-3", retired="N-2"))
    moved = desk.receive(siu("S14", visit="V1", at=NOW - HOUR, starts_at=NOW + DAY + HOUR, patient="N-2"))
    merged = desk.receive(merge(at=NOW - 2 * HOUR, survivor="N-3", retired="N-1"))
    held, may_go = Event(), Event()

    with ThreadPoolExecutor(3) as pool:
        days = pool.submit(hold_days, held, may_go)
        assert held.wait(20)
        first = pool.submit(digest, moved)
        with pytest.raises(TimeoutError):
            first.result(timeout=2)
        second = pool.submit(digest, merged)
        with suppress(TimeoutError):
            second.result(timeout=2)
        may_go.set()
        for one in (days, first, second):
            one.result(20)

    assert desk.troubles("V1") == []
