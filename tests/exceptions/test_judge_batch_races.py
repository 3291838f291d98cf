"""Two real connections at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Event
from time import monotonic

import pytest
from django.db import connection, transaction

from exceptions.errors import LiveHoldError, StaleExceptionError
from exceptions.models import HourlyCount, IntegrationException, Membership, Spell
from exceptions.services.judge_batch import judge_batch
from exceptions.services.move_exception import Order, move_exception
from exceptions.vocabulary import State, Verb
from scheduling.folding.change import BatchChanges
from scheduling.sql.cursors import server_cursor

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ZZ9 = ("unmapped_status", "S15 ZZ9")

pytestmark = pytest.mark.django_db(transaction=True)


def work(changes, *, written=None, may_commit=None, now=NOON):
    """Judge a batch on a connection of this thread; hold the transaction open until told to commit."""
    try:
        with transaction.atomic(), server_cursor() as cursor:
            judge_batch(cursor, BatchChanges(now, appointments=list(changes)))
            if written:
                written.set()
            if may_commit:
                assert may_commit.wait(20)
    finally:
        connection.close()


def test_two_workers_with_one_new_fingerprint_open_one_exception(change, booked):
    written, may_commit = Event(), Event()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(work, [change(1, booked(ZZ9))], written=written, may_commit=may_commit)
        assert written.wait(20)
        second = pool.submit(work, [change(2, booked(ZZ9))])
        with pytest.raises(TimeoutError):
            second.result(timeout=0.5)  # it waits for the first one's row
        may_commit.set()
        first.result(20), second.result(20)

    found = IntegrationException.objects.get()
    assert (found.live_count, found.occurrences, Membership.objects.count()) == (2, 2, 2)
    assert Spell.objects.count() == 1


def test_two_workers_reopen_one_closed_exception_once(change, booked, run):
    run(change(1, booked(ZZ9)))
    run(change(1, booked(), before=booked(ZZ9)))
    IntegrationException.objects.update(state=State.RESOLVED, resolved_at=NOON)
    written, may_commit = Event(), Event()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(work, [change(1, booked(ZZ9))], written=written, may_commit=may_commit)
        assert written.wait(20)
        second = pool.submit(work, [change(2, booked(ZZ9))])
        may_commit.set()
        first.result(20), second.result(20)

    found = IntegrationException.objects.get()
    assert (found.state, found.spell_no, found.live_count) == (State.REOPENED, 2, 2)


def test_person_who_closes_while_a_hold_arrives_is_refused(change, booked, run, people):
    run(change(1, booked(ZZ9)))
    run(change(1, booked(), before=booked(ZZ9)))
    found = IntegrationException.objects.get()

    def close():
        try:
            order = Order(reason="Looked at it.", version=found.version)
            move_exception(found, Verb.RESOLVE, order, actor=people.milo, now=NOON)
        finally:
            connection.close()

    written, may_commit = Event(), Event()
    with ThreadPoolExecutor(2) as pool:
        worker = pool.submit(work, [change(2, booked(ZZ9))], written=written, may_commit=may_commit)
        assert written.wait(20)
        person = pool.submit(close)
        may_commit.set()
        worker.result(20)
        with pytest.raises(Exception, match="moved this exception meanwhile"):
            person.result(20)

    assert IntegrationException.objects.values_list("state", "live_count").get() == (State.REOPENED, 1)


def test_person_waits_two_seconds_for_a_batch_and_no_longer(change, booked, run, people):
    run(change(1, booked(ZZ9)))
    found = IntegrationException.objects.get()
    written, may_commit = Event(), Event()
    with ThreadPoolExecutor(1) as pool:
        worker = pool.submit(work, [change(2, booked(ZZ9))], written=written, may_commit=may_commit)
        assert written.wait(20)
        begun = monotonic()
        with pytest.raises(StaleExceptionError, match="Try again in a few seconds"):
            move_exception(found, Verb.TAKE, actor=people.milo, now=NOON)
        waited = monotonic() - begun
        may_commit.set()
        worker.result(20)

    assert 1.9 < waited < 10
    assert IntegrationException.objects.values_list("state", "live_count").get() == (State.OPEN, 2)


def test_close_without_a_version_still_meets_the_hold(change, booked, run, people):
    run(change(1, booked(ZZ9)))

    with pytest.raises(LiveHoldError, match="1 visit is still held"):
        move_exception(
            IntegrationException.objects.get(), Verb.RESOLVE, Order(reason="Done"), actor=people.milo, now=NOON
        )


def test_four_workers_end_where_one_does(change, booked):
    codes = [("unmapped_status", f"S15 {letter}") for letter in "ABCDEFGH"]
    shuffled = Random(7)

    def visits(worker):
        """Each worker has visits of its own, as lanes and row locks see to; the findings are shared."""
        for step in range(25):
            ids = range(worker * 1000 + step * 4, worker * 1000 + step * 4 + 4)
            yield [change(number, booked(shuffled.choice(codes), shuffled.choice(codes[:2]))) for number in ids]

    batches = [list(visits(worker)) for worker in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda mine: [work(batch, now=NOON + timedelta(minutes=1)) for batch in mine], batches))

    findings = [
        trouble.raw for worker in batches for batch in worker for one in batch for trouble in set(one.after.troubles)
    ]
    counted = dict(IntegrationException.objects.values_list("raw", "live_count"))
    assert counted == {raw: findings.count(raw) for raw in set(findings)}
    assert Membership.objects.count() == len(findings)
    assert dict(HourlyCount.objects.values_list("exception__raw", "count")) == counted
