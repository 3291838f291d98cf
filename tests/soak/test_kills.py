"""The whole desk, killed at random points while messages flow: nothing lost, nothing twice, the same picture."""

import threading
from datetime import timedelta
from hashlib import blake2b
from random import Random

import pytest

from scheduling.simulator.clinics import group_of
from tests.support.inbox import days_ago, deliveries
from tests.support.live import KINDS, LiveDesk, live_desk, utc_now
from tests.support.picture import differences, told_alike
from tests.support.senders import HttpClient, MllpClient, Sender, send_all
from tests.support.sizes import SIZES, share

ROUNDS, REDUCED = 3, 1_500
HL7, FHIR = "northside-hl7", "harbor-fhir"


def bodies_of(messages: int, since) -> dict[str, list[bytes]]:
    """What the two live feeds send."""
    sent: dict[str, list[bytes]] = {HL7: [], FHIR: []}
    for delivery in deliveries(group_of(12), messages, since=since):
        if delivery.feed_key in sent:
            sent[delivery.feed_key].append(delivery.body)
    return sent


def kill_at_random(desk: LiveDesk, random: Random, stop: threading.Event, *, within: float) -> None:
    """End one process of each kind at random points of ``within`` seconds, and again until the round is over."""
    while not stop.is_set():
        kinds = sorted(KINDS, key=lambda _: random.random())
        for kind in kinds:
            stop.wait(random.uniform(0.2, 1) * within / len(kinds))
            desk.kill(kind, random.randrange(10))
        if within < 10:
            return  # a process that dies young is started ever later, which a short round cannot wait for


def send_round(desk: LiveDesk, tokens: dict[str, str], sent: dict[str, list[bytes]], *, per_second: float) -> None:
    """Both feeds send at once until everything is acknowledged."""
    mllp: list[Sender] = [MllpClient(desk.options.mllp_port) for _ in range(4)]
    http: list[Sender] = [HttpClient(desk.options.port, FHIR, tokens[FHIR]) for _ in range(3)]
    failures: list[BaseException] = []

    def run(senders: list[Sender], bodies: list[bytes]) -> None:
        try:
            send_all(senders, bodies, per_second=per_second, seconds=120)
        except AssertionError as error:
            failures.append(error)

    threads = [
        threading.Thread(target=run, args=(mllp, sent[HL7])),
        threading.Thread(target=run, args=(http, sent[FHIR])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def slice_of(sent: dict[str, list[bytes]], part: int) -> dict[str, list[bytes]]:
    return {key: bodies[part::ROUNDS] for key, bodies in sent.items()}


def assert_as_undisturbed(desk: LiveDesk, sent: dict[str, list[bytes]]) -> None:
    """Every acknowledged body is stored, everything is applied once, and the picture is that of a quiet run."""
    now = utc_now()
    picture, digests, twice, broken, outcomes = desk.shown(now)
    bodies = [(key, body) for key, all_of_one in sent.items() for body in all_of_one]
    calm, calm_digests, *_ = desk.undisturbed(bodies, now)

    assert {blake2b(body, digest_size=16).digest() for _, body in bodies} <= digests
    assert (twice, broken) == ([], [])
    assert (outcomes["failed"], outcomes["waiting"]) == (0, 0)
    assert digests == calm_digests
    assert differences(told_alike(calm), told_alike(picture)) == []
    assert len(picture["appointments"]) > 100
    assert len(picture["open items"]) > 0


@pytest.mark.parametrize("is_full", SIZES)
def test_kills_at_random_points_lose_nothing_and_apply_nothing_twice(is_full):
    messages = share(20_000) if is_full else REDUCED
    since, random = days_ago(6 if is_full else 2), Random(20261122)
    sent = bodies_of(messages, since)
    with live_desk() as desk:
        tokens = desk.load(since)
        desk.start()
        for part in range(ROUNDS):
            stop = threading.Event()
            chaos = threading.Thread(
                target=kill_at_random, args=(desk, random, stop), kwargs={"within": 40 if is_full else 6}
            )
            chaos.start()
            send_round(desk, tokens, slice_of(sent, part), per_second=10_000 if is_full else 70)
            stop.set()
            chaos.join()
        desk.wait_ready()
        desk.wait_digested(seconds=900 if is_full else 120)

        assert set(desk.killed) == set(KINDS)
        assert_as_undisturbed(desk, sent)


@pytest.mark.parametrize("is_full", SIZES)
def test_redis_emptied_and_postgres_restarted_lose_nothing(is_full):
    messages = share(20_000) if is_full else REDUCED
    since = days_ago(6 if is_full else 2)
    sent = bodies_of(messages, since)
    with live_desk() as desk:
        tokens = desk.load(since)
        desk.start()
        for part, disturb in enumerate((desk.empty_redis, desk.restart_postgres, desk.empty_redis)):
            timer = threading.Timer(2.0, disturb)
            timer.start()
            send_round(desk, tokens, slice_of(sent, part), per_second=10_000 if is_full else 60)
            timer.join()
        desk.wait_ready()
        desk.wait_digested(seconds=900 if is_full else 120)

        assert desk.killed == ["redis", "postgres", "redis"]
        assert_as_undisturbed(desk, sent)


def test_two_days_of_deliveries_are_enough_for_both_feeds():
    sent = bodies_of(REDUCED, days_ago(2))

    assert {key: len(bodies) > 300 for key, bodies in sent.items()} == {HL7: True, FHIR: True}
    assert timedelta(0) <= utc_now() - days_ago(2)
