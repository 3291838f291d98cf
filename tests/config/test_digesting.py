"""Working the inbox off: retries, batch sizes, when to stop, what happens to what cannot be digested."""

import gc

import django_rq
import pytest
from django.db import OperationalError, connection

from config.digesting import (
    SMALLEST,
    TRIES,
    Digester,
    digest_waiting,
    isolate,
    isolate_refolds,
    let_refold_go,
    mark_failed,
    something_waits,
)
from exceptions.models import IntegrationException
from scheduling.mapping.rules import Rule
from scheduling.models import Feed, Receipt, RefoldRequest, Waiting
from scheduling.services.intake import FeedRef, arrive, store
from scheduling.services.waking import JOB, QUEUE
from scheduling.vocabulary import FeedFormat, Status, Transport
from tests.support.desk import DAY, NOW
from tests.support.messages import siu
from tests.support.sessions import busy_lane, on_insert


def booking(visit, **said):
    return siu("S12", visit=visit, at=NOW - DAY, **{"starts_at": NOW + DAY} | said)


def store_many(feed: Feed, number: int) -> None:
    """Bookings in one commit."""
    ref = FeedRef(feed.pk, FeedFormat(feed.format), Transport(feed.transport))
    store([arrive(ref, booking(f"M{one}"), profile={}, now=NOW) for one in range(number)])


def waiting():
    return sorted(Waiting.objects.values_list("message_id", flat=True))


def fail_first(times: int, code: str) -> None:
    """The database refuses appointments ``times`` times; a sequence counts, since it survives a rollback."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE tried")
    on_insert(
        "scheduling_appointment",
        f"IF nextval('tried') <= {times} THEN RAISE EXCEPTION 'No row.' USING ERRCODE = '{code}'; END IF;",
    )


def tried() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM tried")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("code", ["40P01", "40001", "55P03"], ids=["deadlock", "serialization", "lock not available"])
def test_step_tries_again_what_other_workers_got_in_the_way_of(desk, code):
    [message_id] = desk.receive(booking("V1"))
    fail_first(2, code)

    assert Digester().step().message_ids == (message_id,)

    assert tried() == 3
    assert desk.ledger() == {"received": 1, "applied": 1}


def test_step_gives_up_after_its_tries_and_the_message_waits(desk):
    ids = desk.receive(booking("V1"))
    fail_first(TRIES, "40P01")

    with pytest.raises(OperationalError):
        Digester().step()

    assert (tried(), waiting()) == (TRIES, ids)


def test_step_does_not_try_again_when_the_database_goes_away(desk):
    ids = desk.receive(booking("V1"))
    fail_first(TRIES, "57P01")

    with pytest.raises(OperationalError):
        Digester().step()

    assert (tried(), waiting()) == (1, ids)


def test_batches_shrink_to_the_smallest_when_locks_are_held_too_long(desk):
    digester = Digester()
    on_insert("scheduling_appointment", "PERFORM pg_sleep(0.5);", each="STATEMENT")
    for number in range(3):
        desk.receive(booking(f"V{number}"))
        digester.step()
    on_insert("scheduling_appointment", "")
    store_many(desk.feed, SMALLEST + 20)

    assert len(digester.step().message_ids) == SMALLEST

    assert len(waiting()) == 20


def test_drain_takes_what_waits_and_counts_what_failed(desk):
    on_insert("scheduling_appointment", "IF NEW.external_id = 'V2' THEN RAISE EXCEPTION 'No row.'; END IF;")
    desk.receive(*(booking(f"V{number}") for number in range(5)))

    assert Digester().drain() == 5

    assert desk.ledger() == {"received": 5, "applied": 4, "failed": 1}


def test_drain_without_time_takes_nothing(desk):
    ids = desk.receive(booking("V1"))

    assert Digester().drain(seconds=0) == 0

    assert waiting() == ids


def test_drain_stops_after_its_seconds_and_leaves_the_rest(desk):
    ids = desk.receive(*(booking(f"V{number}") for number in range(3)))
    for lane, message_id in enumerate(ids):
        Waiting.objects.filter(pk=message_id).update(lane=lane)
    on_insert("scheduling_appointment", "PERFORM pg_sleep(0.3);")

    assert Digester(workers=64).drain(seconds=0.2) == 1

    assert waiting() == ids[1:]


def test_isolating_marks_nothing_when_the_database_goes_away(desk):
    ids = desk.receive(booking("V1"), booking("V2"))
    fail_first(99, "57P01")

    with pytest.raises(OperationalError):
        isolate(ids)

    assert waiting() == ids
    assert desk.ledger() == {"received": 2, "waiting": 2}


def test_isolating_nothing_does_nothing(desk):
    isolate([])
    isolate_refolds([])

    assert not something_waits()


def test_isolating_refolds_lets_only_the_culprit_go(desk):
    visits = [f"V{number}" for number in range(5)]
    desk.take(*(booking(visit, status="ZZ9") for visit in visits))
    desk.publish(Rule(0, filler_status="ZZ9", status=Status.CONFIRMED))
    on_insert("scheduling_appointment", "IF NEW.external_id = 'V3' THEN RAISE EXCEPTION 'No row.'; END IF;")

    isolate_refolds([desk.visit(visit).pk for visit in visits])

    assert [desk.visit(visit).status for visit in visits] == ["confirmed", "confirmed", "confirmed", None, "confirmed"]
    assert not RefoldRequest.objects.exists()
    found = IntegrationException.objects.get(check_id="processing_failed")
    assert (found.raw, found.occurrences) == ("ProgrammingError", 1)


def test_message_that_somebody_digested_meanwhile_is_not_marked_failed(desk):
    [message_id] = desk.take(booking("V1"))

    mark_failed(message_id, ValueError("too late"))

    assert not Receipt.objects.exists()
    assert not IntegrationException.objects.exists()
    assert desk.ledger() == {"received": 1, "applied": 1}


def test_refold_that_nobody_asks_for_is_not_let_go(desk):
    desk.take(booking("V1"))

    let_refold_go(desk.visit("V1").pk, ValueError("too late"))

    assert not IntegrationException.objects.exists()


@pytest.fixture
def job(redis, desk, settings, django_capture_on_commit_callbacks):
    """Run RQ's job as its worker does, and name the jobs it leaves behind; cyclic collection comes back after."""
    settings.DIGEST_WORKERS = 2

    def run():
        with django_capture_on_commit_callbacks(execute=True):
            digest_waiting()
        return [one.func_name for one in django_rq.get_queue(QUEUE).jobs]

    yield run
    gc.unfreeze()
    gc.enable()


def test_job_works_the_inbox_off_and_asks_for_no_other(job, desk):
    desk.receive(*(booking(f"V{number}") for number in range(3)))

    assert job() == []

    assert desk.ledger() == {"received": 3, "applied": 3}


def test_job_asks_for_another_when_more_is_left(job, desk):
    ids = desk.receive(booking("V1"), booking("V2"))
    Waiting.objects.filter(pk=ids[1]).update(lane=9)
    Waiting.objects.filter(pk=ids[0]).update(lane=8)

    with busy_lane(9):
        left = job()

    assert (left, waiting()) == ([JOB], [ids[1]])


def test_job_that_a_wake_up_made_lets_the_next_arrival_wake_again(job, redis, desk):
    redis.set("desk:digest-wanted", 1)

    job()

    assert not redis.exists("desk:digest-wanted")


@pytest.mark.parametrize(("waits", "expected"), [("nothing", False), ("message", True), ("refold", True)], ids=str)
def test_something_waits(desk, waits, expected):
    if waits == "message":
        desk.receive(booking("V1"))
    if waits == "refold":
        desk.take(booking("V1"))
        RefoldRequest.objects.create(appointment=desk.visit("V1"), requested_at=NOW)

    assert something_waits() is expected
