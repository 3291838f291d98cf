"""Copies of one message that nothing numbers, or that come over two feeds: the earliest receipt counts (I2, I3)."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduling.models import MappedEvent
from scheduling.vocabulary import FeedFormat, Transport
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu
from tests.support.sizes import share

MINUTE = timedelta(minutes=1)
# Dated six minutes ahead: held when received now, trusted when received two minutes later.
AHEAD = siu("S15", visit="V1", at=NOW + 6 * MINUTE, starts_at=NOW + 3 * HOUR, status="Cancelled", control="")
NUMBERED = siu("S15", visit="V1", at=NOW + 6 * MINUTE, starts_at=NOW + 3 * HOUR, status="Cancelled")
BOOKED = siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + 3 * HOUR)
LATER = siu("S14", visit="V1", at=NOW + 7 * MINUTE, starts_at=NOW + 3 * HOUR, status="Confirmed")
MOMENTS = (NOW, NOW + 2 * MINUTE, NOW + DAY)


class _UndoError(Exception):
    """Takes back what one order of digesting wrote."""


def ledger_of(desk, feed):
    """Outcomes of a feed's messages; whether a trusted one was superseded depends on what was digested before."""
    counts = desk.ledger(feed)
    trusted = counts.pop("applied", 0) + counts.pop("superseded", 0)
    return counts | {"trusted": trusted}


def end_of(desk, feeds, arrivals, batches):
    """What the desk shows after ``arrivals`` were digested in ``batches`` of their places; undone."""
    try:
        with transaction.atomic():
            desk.take(BOOKED, now=NOW - DAY)
            ids = [desk.receive(body, feed=feeds[feed], now=at)[0] for body, feed, at in arrivals]
            for batch in batches:
                desk.digest([ids[place] for place in batch])
            events = MappedEvent.objects.order_by("order_key").values_list("message_id", "feed_id", "received_at")
            names = {message_id: place for place, message_id in enumerate(ids)}
            told = [(names.get(message_id), *rest) for message_id, *rest in events]
            used = {feed for _, feed, _ in arrivals} | {0}
            shown = desk.picture(), told, {feed: ledger_of(desk, feeds[feed]) for feed in used}
            raise _UndoError  # noqa: TRY301 - it takes the transaction back
    except _UndoError:
        return shown


@pytest.fixture
def feeds(desk):
    return desk.feed, desk.feed_of(FeedFormat.HL7V2, Transport.FILE, {})


@pytest.mark.django_db
@pytest.mark.parametrize("order", [*permutations(range(3))], ids=str)
def test_copies_without_a_number_end_alike_in_any_order(desk, feeds, order):
    arrivals = [(AHEAD, 0, at) for at in MOMENTS]

    shown, told, ledgers = end_of(desk, feeds, arrivals, [[place] for place in order])

    assert told[1:] == [(0, desk.feed.pk, NOW)]
    assert ledgers == {0: {"received": 4, "trusted": 1, "held": 1, "duplicate": 2}}
    assert (shown, told, ledgers) == end_of(desk, feeds, arrivals, [[0, 1, 2]])


@pytest.mark.django_db
@pytest.mark.parametrize("first", [0, 1], ids=["earlier first", "later first"])
def test_copies_over_two_feeds_belong_to_the_feed_that_sent_first(desk, feeds, first):
    arrivals = [(NUMBERED, 1, MOMENTS[0]), (NUMBERED, 0, MOMENTS[2])]

    _, told, ledgers = end_of(desk, feeds, arrivals, [[first], [1 - first]])

    assert told[1:] == [(0, feeds[1].pk, NOW)]
    assert ledgers == {0: {"received": 2, "trusted": 1, "duplicate": 1}, 1: {"received": 1, "trusted": 0, "held": 1}}


def assert_copies_end_alike(desk, feeds, data):
    """Digest drawn arrivals at once, in two batches and one by one, and compare."""
    arrival = st.tuples(st.sampled_from((AHEAD, NUMBERED, LATER)), st.sampled_from((0, 1)), st.sampled_from(MOMENTS))
    # Of equal receipts nobody can say which was first; ids tell only in which order they were stored.
    arrivals = data.draw(st.lists(arrival, min_size=2, max_size=5, unique_by=lambda each: (each[0], each[2])))
    order = data.draw(st.permutations(range(len(arrivals))))
    cut = data.draw(st.integers(0, len(order)))

    at_once = end_of(desk, feeds, arrivals, [range(len(arrivals))])

    assert end_of(desk, feeds, arrivals, [order[:cut], order[cut:]]) == at_once
    assert end_of(desk, feeds, arrivals, [[place] for place in order]) == at_once


in_one_world = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.mark.django_db
@settings(in_one_world, max_examples=30)
@given(data=st.data())
def test_any_order_and_batching_of_copies_ends_alike(desk, feeds, data):
    assert_copies_end_alike(desk, feeds, data)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.django_db
@settings(in_one_world, max_examples=share(1_000))
@given(data=st.data())
def test_any_order_and_batching_of_copies_ends_alike_over_many_examples(desk, feeds, data):
    assert_copies_end_alike(desk, feeds, data)
