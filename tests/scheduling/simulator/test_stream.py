"""The whole simulator: repeatable, in order, with the promised share of faults, quick."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from itertools import islice
from time import perf_counter

import pytest

from scheduling.simulator.clinics import group_of
from scheduling.simulator.faults import NONE, REALISTIC, SEVERE, FaultKind
from scheduling.simulator.stream import Portal, Simulation
from scheduling.simulator.wire import Delivery

HALF = group_of(12, volume=0.5)


def digest(simulation: Simulation) -> str:
    whole = sha256()
    for delivery in simulation:
        whole.update(delivery.body)
        whole.update(f"{delivery.feed_key} {delivery.arrives_at} {delivery.faults}".encode())
    return whole.hexdigest()


def test_same_seed_gives_the_same_bytes_at_the_same_times():
    assert digest(Simulation(3, HALF, 4, REALISTIC)) == digest(Simulation(3, HALF, 4, REALISTIC))


def test_another_seed_gives_something_else():
    assert digest(Simulation(3, HALF, 1, REALISTIC)) != digest(Simulation(4, HALF, 1, REALISTIC))


def test_a_longer_run_begins_like_a_shorter_one():
    short = list(Simulation(5, HALF, 3, NONE))

    long = list(islice(Simulation(5, HALF, None, NONE), len(short)))

    until = short[0].sent_at + timedelta(days=2, hours=20)
    assert [d.body for d in long if d.arrives_at < until] == [d.body for d in short if d.arrives_at < until]


def test_faults_do_not_change_what_happens():
    plain, faulty = Simulation(6, HALF, 5, NONE), Simulation(6, HALF, 5, SEVERE)
    list(plain)
    list(faulty)

    def visits(simulation: Simulation) -> Counter[tuple[object, ...]]:
        return Counter(
            (event.at, event.kind, event.visit.starts_at, event.visit.provider)
            for event in simulation.log.events
            if event.visit
        )

    assert visits(plain) == visits(faulty)


def test_deliveries_come_in_order_of_arrival_and_never_before_they_were_sent():
    deliveries = list(Simulation(8, HALF, 10, SEVERE))

    assert [d.arrives_at for d in deliveries] == sorted(d.arrives_at for d in deliveries)
    assert all(d.arrives_at >= d.sent_at for d in deliveries)


def test_without_faults_every_told_event_is_delivered_once():
    simulation = Simulation(9, HALF, 10, NONE)
    delivered = Counter(event_id for d in simulation if d.feed_key != "elm-nightly" for event_id in d.truth_event_ids)

    told = [
        event.id
        for event in simulation.log.events
        if event.is_told and event.source != "elm" and event.at >= simulation.starts_at
    ]
    assert simulation.faults == []
    assert set(told) <= set(delivered)
    assert set(delivered.values()) == {1}


@pytest.fixture(scope="module")
def realistic() -> tuple[Simulation, list[Delivery]]:
    simulation = Simulation(7, group_of(12), 32, REALISTIC)
    return simulation, list(simulation)


def shares(simulation: Simulation, deliveries: list[Delivery]) -> dict[FaultKind, float]:
    total = sum(d.messages for d in deliveries)
    return {kind: count / total for kind, count in Counter(record.kind for record in simulation.faults).items()}


def test_realistic_faults_reach_their_least_shares_over_20_000_messages(realistic):
    simulation, deliveries = realistic

    share = shares(simulation, deliveries)

    assert sum(d.messages for d in deliveries) > 20_000
    assert 0.03 <= share[FaultKind.REPEATED] < 0.04
    assert 0.03 <= share[FaultKind.LATE] + share[FaultKind.REORDERED] < 0.05
    assert 0.02 <= share[FaultKind.UNMAPPED] < 0.03
    assert 0.01 <= share[FaultKind.CONTRADICTORY] < 0.02
    assert 0.003 <= share[FaultKind.MERGED] < 0.008


def test_severe_faults_are_five_times_the_least_shares():
    simulation = Simulation(7, group_of(12), 32, SEVERE)

    share = shares(simulation, list(simulation))

    assert share[FaultKind.REPEATED] >= 0.15
    assert share[FaultKind.LATE] + share[FaultKind.REORDERED] >= 0.15
    assert share[FaultKind.UNMAPPED] >= 0.10
    assert share[FaultKind.CONTRADICTORY] >= 0.05
    assert share[FaultKind.MERGED] >= 0.015


def test_every_day_one_feed_is_silent_for_ten_to_forty_minutes(realistic):
    simulation, deliveries = realistic
    outages = [record for record in simulation.faults if record.kind is FaultKind.OUTAGE]

    days = {record.at.date() for record in outages}
    lengths = {(record.until - record.at) // timedelta(minutes=1) for record in outages}
    heard = {
        record.at: [
            d for d in deliveries
            if d.feed_key == record.feed_key and record.at <= d.arrives_at < record.until
            and not {FaultKind.LATE, FaultKind.REPEATED, FaultKind.REORDERED} & set(d.faults)
        ]
        for record in outages
    }  # fmt: skip
    assert len(days) == len(outages) >= 32
    assert min(lengths) >= 10
    assert max(lengths) <= 40
    assert not any(heard.values())


def test_every_marked_delivery_has_a_record(realistic):
    simulation, deliveries = realistic
    recorded = {(record.kind, record.truth_event_ids) for record in simulation.faults}

    unrecorded = [
        delivery.name
        for delivery in deliveries
        for kind in delivery.faults
        if kind is not FaultKind.OUTAGE and (kind, delivery.truth_event_ids) not in recorded
    ]
    assert unrecorded == []


def test_a_reordered_message_comes_after_a_younger_one_of_its_subject(realistic):
    simulation, deliveries = realistic
    arrivals: dict[tuple[str, str], list[tuple[datetime, Delivery]]] = {}
    for delivery in deliveries:
        if delivery.feed_key != "elm-nightly":
            event = simulation.log.event(delivery.truth_event_ids[0])
            arrivals.setdefault(event.subject, []).append((event.at, delivery))

    overtaken = sum(
        any(before > at for before, _ in seen[:index])
        for seen in arrivals.values()
        for index, (at, delivery) in enumerate(seen)
        if FaultKind.REORDERED in delivery.faults
    )
    assert overtaken > 50


def test_the_portal_keeps_a_night_lively():
    night = datetime.fromisoformat("2026-03-08T06:00:00+00:00")  # a Sunday, midnight in Chicago
    simulation = Simulation(2, HALF, 7, NONE, portal=Portal(night, 3.0))

    hour = [d for d in simulation if night + timedelta(minutes=10) <= d.arrives_at < night + timedelta(minutes=70)]

    assert 60 < len(hour) < 300


@pytest.mark.parametrize(
    "day",
    [date(2026, 11, 1), date(2027, 3, 14)],
    ids=["clocks go back", "clocks go forward"],
)
def test_no_visit_stands_at_a_wall_clock_time_that_does_not_exist(day):
    starts_at = datetime.combine(day, time(), UTC) - timedelta(days=2)
    simulation = Simulation(1, HALF, 4, REALISTIC, starts_at=starts_at)
    list(simulation)

    nights = set()
    for event in simulation.log.events:
        if event.visit:
            wall = event.visit.starts_at.astimezone(HALF.clinics[event.source, event.clinic].zone)
            if wall.date() == day:
                nights.add(wall.replace(tzinfo=None).strftime("%H:%M"))
    assert nights
    if day.month == 3:
        assert not {"02:00", "02:30"} & nights


def test_a_hundred_thousand_messages_take_less_than_a_minute():
    begun = perf_counter()

    count = sum(delivery.messages for delivery in islice(Simulation(1, group_of(24), None, REALISTIC), 20_000))

    assert (perf_counter() - begun) / count * 100_000 < 60
