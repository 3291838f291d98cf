"""Mutated messages of every format: no crash, no hang, each accounted for, none failed (a failure is our bug)."""

from random import Random

import pytest

from config.digesting import Digester
from scheduling.facts import UnreadableMessageError
from scheduling.models import Feed, Receipt
from scheduling.services.intake import FeedRef, arrive, current_profile, store
from scheduling.services.ledger import read_ledger, totals
from scheduling.vocabulary import FeedFormat, Outcome, Transport
from tests.support.inbox import days_ago, deliveries, load_group
from tests.support.mutation import mutate
from tests.support.sizes import SIZES, share

SEED = 20261124


@pytest.mark.django_db
@pytest.mark.parametrize("is_full", SIZES)
def test_mutated_messages_are_all_accounted_for_and_none_fails(is_full):
    wanted = share(100_000) if is_full else 3_000
    since = days_ago(20)
    organisation = load_group(since=since)
    pools = bodies_by_feed(organisation, since)

    taken, refused = store_mutants(Random(SEED), pools, wanted)
    digested = Digester().drain()

    sums = totals(lines := read_ledger())
    assert [line for line in lines if not line.adds_up] == []
    assert digested == taken
    assert sum(each["received"] for each in sums.values()) == taken
    assert failures() == []
    assert {each["waiting"] for each in sums.values()} == {0}
    assert refused < taken / 100


def bodies_by_feed(organisation, since) -> dict[str, list[bytes]]:
    """A few hundred sound deliveries of each feed; of an extract its first rows."""
    pools: dict[str, list[bytes]] = {}
    for delivery in deliveries(organisation, 4_000, since=since):
        body = b"".join(delivery.body.splitlines(keepends=True)[:12]) if "elm" in delivery.feed_key else delivery.body
        pools.setdefault(delivery.feed_key, []).append(body)
    return {key: pool[-600:] for key, pool in pools.items()}


def store_mutants(random: Random, pools: dict[str, list[bytes]], wanted: int) -> tuple[int, int]:
    """Put ``wanted`` messages through intake; returns how many were stored, and how many bodies intake refused."""
    feeds = {feed.key: feed for feed in Feed.objects.all()}
    refs = {key: FeedRef(feed.pk, FeedFormat(feed.format), Transport(feed.transport)) for key, feed in feeds.items()}
    profiles = {key: current_profile(feed.pk) for key, feed in feeds.items()}
    at, taken, refused = days_ago(1), 0, 0
    while taken < wanted:
        arrivals = []
        for _ in range(50):
            key = random.choice(sorted(pools))
            body = mutate(random, random.choice(pools[key]), pools[random.choice(sorted(pools))])
            try:
                arrivals.append(arrive(refs[key], body, profile=profiles[key], now=at))
            except UnreadableMessageError:
                refused += 1
        store(arrivals)
        taken += sum(len(arrival.message_ids) for arrival in arrivals)
    return taken, refused


def failures() -> list[tuple[int, str]]:
    return list(Receipt.objects.filter(outcome=Outcome.FAILED).values_list("message_id", "sentence")[:20])
