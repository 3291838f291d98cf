"""Group commit on a real database."""

from concurrent.futures import wait

import pytest
from django.db import connection
from django.utils import timezone
from django_rq import get_queue

from scheduling.models import IntakeTally, Message
from scheduling.services.waking import QUEUE, forget_wake
from scheduling.transports.errors import IntakeBusyError, IntakeClosedError
from scheduling.transports.feeds import load_feed
from scheduling.transports.group import WAITING_MEMBERS, GroupCommitter, commit_group
from scheduling.vocabulary import Transport
from tests.scheduling.transport_cast import siu, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def arrival(make_feed):
    make_feed()
    feed = load_feed("north-siu")
    assert feed is not None
    return lambda body: feed.arrive(body, transport=Transport.MLLP, now=timezone.now())


@pytest.fixture
def committer():
    made = GroupCommitter()
    yield made
    made.stop()


def transactions():
    """How many different transactions wrote the stored messages."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text), count(*) FROM scheduling_message")
        return cursor.fetchone()


def test_what_waits_during_a_commit_goes_into_the_next_one(arrival, committer):
    arrivals = [arrival(siu(f"M{number}")) for number in range(300)]

    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE scheduling_message IN EXCLUSIVE MODE")  # the first commit takes its time
        futures = [committer.submit(each) for each in arrivals]
        cursor.execute("COMMIT")
    wait(futures, 10)

    assert [future.result().message_ids for future in futures] == [each.message_ids for each in arrivals]
    commits, messages = transactions()
    assert messages == 300
    assert commits <= 3


def test_a_bad_member_fails_alone(arrival):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE scheduling_message ADD CONSTRAINT no_bad CHECK (control_id <> 'BAD')")
    try:
        arrivals = [arrival(siu(name)) for name in ("M1", "BAD", "M3")]
        errors = commit_group(arrivals)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE scheduling_message DROP CONSTRAINT no_bad")

    assert [error is None for error in errors] == [True, False, True]
    assert [len(each.message_ids) for each in arrivals] == [1, 0, 1]
    assert sorted(Message.objects.values_list("control_id", flat=True)) == ["M1", "M3"]
    assert sum(IntakeTally.objects.values_list("received", flat=True)) == 2


def test_database_out_of_reach_fails_all_at_once_and_the_next_group_is_stored(arrival, committer):
    name = connection.settings_dict["NAME"]
    try:
        connection.settings_dict["NAME"] = "no_such_database"
        futures = [committer.submit(arrival_) for arrival_ in [arrival(siu(f"M{n}")) for n in range(5)]]
        errors = [future.exception(10) for future in futures]
    finally:
        connection.settings_dict["NAME"] = name

    assert [type(error).__name__ for error in errors] == ["OperationalError"] * 5
    assert committer.submit(arrival(siu("M9"))).result(10).message_ids == list(
        Message.objects.values_list("pk", flat=True)
    )


def test_no_more_is_taken_than_the_bounds_allow(arrival, committer):
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE scheduling_message IN EXCLUSIVE MODE")
        futures = [committer.submit(arrival(siu(number))) for number in range(WAITING_MEMBERS)]
        with pytest.raises(IntakeBusyError):
            committer.submit(arrival(siu("over")), wait=0.05)
        cursor.execute("COMMIT")

    assert committer.submit(arrival(siu("later")), wait=10).result(10)
    wait(futures, 10)
    assert Message.objects.count() == WAITING_MEMBERS + 1


def test_stop_stores_what_waits_and_refuses_the_rest(arrival):
    committer = GroupCommitter()
    futures = [committer.submit(arrival(siu(number))) for number in range(20)]

    committer.stop()

    assert [future.done() for future in futures] == [True] * 20
    assert Message.objects.count() == 20
    with pytest.raises(IntakeClosedError):
        committer.submit(arrival(siu("late")))


def test_workers_are_woken_after_the_commit(arrival, committer):
    get_queue(QUEUE).empty()
    forget_wake()

    committer.submit(arrival(siu("M1"))).result(10)

    assert wait_for(lambda: get_queue(QUEUE).count == 1)
