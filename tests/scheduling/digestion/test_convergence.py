"""Any order of arrival, repetition and batching of messages ends in the same picture (I3), in a real database."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.desk import DAY, HOUR, NOW, Desk
from tests.support.messages import adt, merge, siu, slot
from tests.support.sizes import share

MINUTE = timedelta(minutes=1)
VISITS, PATIENTS, PROVIDERS = ("V1", "V2", "V3"), ("N-1", "N-2", "N-3"), ("OKAFOR", "LIU", None)
STARTS = (NOW + 3 * HOUR, NOW + 3 * HOUR + 15 * MINUTE, NOW + 2 * DAY, NOW - 2 * HOUR, '""', None, "20261101013000")
STATUSES = ("Booked", "Confirmed", "Arrived", "Complete", "Cancelled", "Bumped", "Noshow", "ZZ9", "", "Booked")
TRIGGERS = ("S12", "S13", "S14", "S15", "S17", "S26")
# Few moments, so that some are equal; the last ones are too far ahead of receipt, just within and just beyond.
MOMENTS = (*(NOW - DAY + minute * MINUTE for minute in range(6)), NOW + 5 * MINUTE, NOW + 5 * MINUTE + MINUTE)

visits = st.builds(
    siu,
    st.sampled_from(TRIGGERS),
    visit=st.sampled_from(VISITS),
    at=st.sampled_from(MOMENTS),
    starts_at=st.sampled_from(STARTS),
    status=st.sampled_from(STATUSES),
    patient=st.sampled_from((*PATIENTS, None)),
    clinic=st.sampled_from(("CARD", "DERM", "NOWHERE", "")),
    provider=st.sampled_from(PROVIDERS),
    minutes=st.sampled_from((20, 30, '""', "")),
    sequence=st.sampled_from(("", "", 1, 2)),
    phone=st.sampled_from(("3125550142", "3125550199", "", '""')),
)
people = st.builds(
    adt,
    st.just("A08"),
    at=st.sampled_from(MOMENTS),
    patient=st.sampled_from(PATIENTS),
    family=st.sampled_from(("Quill", "Okoro", '""', "")),
    phone=st.sampled_from(("3125550142", "3125550177", '""')),
    died_at=st.sampled_from((None, None, NOW - HOUR)),
)
merges = st.builds(
    merge, at=st.sampled_from(MOMENTS), survivor=st.sampled_from(PATIENTS), retired=st.sampled_from(PATIENTS)
)
slots = st.builds(
    slot,
    st.sampled_from(("S23", "S24")),
    at=st.sampled_from(MOMENTS),
    starts_at=st.sampled_from(STARTS[:3]),
    minutes=st.sampled_from((30, 60)),
)
of_one_visit = st.builds(
    siu,
    st.sampled_from(("S12", "S14")),
    visit=st.just("V1"),
    at=st.sampled_from(MOMENTS[:6]),
    starts_at=st.just(STARTS[0]),
    status=st.sampled_from(("Booked", "Cancelled")),
    patient=st.sampled_from(PATIENTS),
)
anything = st.one_of(visits, visits, visits, people, merges, slots)


class _UndoError(Exception):
    """Takes back what one way of digesting wrote."""


def outcome_of(desk: Desk, play: Callable[[], None]) -> dict[str, list[tuple[Any, ...]]]:
    """What the desk shows after ``play``, which is then undone; fails where the ledger does not add up."""
    try:
        with transaction.atomic():
            play()
            assert desk.ledger().get("failed", 0) == 0
            shown = desk.picture()
            raise _UndoError  # noqa: TRY301 - it takes the transaction back
    except _UndoError:
        return shown


def in_batches(desk: Desk, bodies: Sequence[bytes], cuts: Sequence[int]) -> Callable[[], None]:
    """Receive and digest the bodies in stretches that end at ``cuts``."""

    def play() -> None:
        for begin, end in zip([0, *cuts], [*cuts, len(bodies)], strict=True):
            desk.take(*bodies[begin:end])

    return play


def stored_then_shuffled(desk: Desk, bodies: Sequence[bytes], order: Sequence[int]) -> Callable[[], None]:
    """Receive all, then digest one by one in another order."""

    def play() -> None:
        ids = desk.receive(*bodies)
        for place in order:
            desk.digest([ids[place]])

    return play


def assert_converges(desk: Desk, data: st.DataObject, bodies: list[bytes]) -> None:
    """Digest the bodies in four ways and compare."""
    again = data.draw(st.lists(st.sampled_from(bodies), max_size=3))
    shuffled = data.draw(st.permutations([*bodies, *again]))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(shuffled)), max_size=4)))
    order = data.draw(st.permutations(range(len(bodies))))

    at_once = outcome_of(desk, in_batches(desk, bodies, []))

    assert outcome_of(desk, in_batches(desk, bodies, range(1, len(bodies)))) == at_once
    assert outcome_of(desk, in_batches(desk, shuffled, cuts)) == at_once
    assert outcome_of(desk, stored_then_shuffled(desk, bodies, order)) == at_once


in_one_world = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.mark.django_db
@settings(in_one_world, max_examples=30)
@given(data=st.data(), bodies=st.lists(anything, min_size=2, max_size=8))
def test_any_order_repetition_and_batching_ends_in_the_same_picture(desk, data, bodies):
    assert_converges(desk, data, bodies)


@pytest.mark.django_db
@settings(in_one_world, max_examples=30)
@given(data=st.data(), bodies=st.lists(st.one_of(of_one_visit, merges), min_size=2, max_size=8))
def test_one_visit_of_three_merged_patients_converges(desk, data, bodies):
    assert_converges(desk, data, bodies)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.django_db
@settings(in_one_world, max_examples=share(3_000))
@given(data=st.data(), bodies=st.lists(st.one_of(anything, of_one_visit, merges), min_size=2, max_size=14))
def test_any_order_converges_over_many_examples(desk, data, bodies):
    assert_converges(desk, data, bodies)
