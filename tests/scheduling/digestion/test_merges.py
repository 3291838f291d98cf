"""Merges of patient records and what they do to visits that name more than one of them."""

from itertools import permutations

import pytest

from recovery.models import QueueItem
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import merge, siu

REUSED = [("reused_appointment_id", "")]
OF_ONE = siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY, patient="N-1")
OF_TWO = siu("S14", visit="V1", at=NOW - DAY + HOUR, starts_at=NOW + DAY, patient="N-2")
ONE_INTO_TWO = merge(at=NOW - 2 * HOUR, survivor="N-2", retired="N-1")
ONE_INTO_THREE = merge(at=NOW - HOUR, survivor="N-3", retired="N-1")
TWO_INTO_THREE = merge(at=NOW - HOUR, survivor="N-3", retired="N-2")


def every_order(*bodies):
    orders = list(permutations(bodies))
    names = ["-".join(str(bodies.index(body)) for body in order) for order in orders]
    return pytest.mark.parametrize("bodies", orders, ids=names)


def take_singly(desk, bodies):
    for body in bodies:
        desk.take(body)


@every_order(OF_ONE, OF_TWO)
def test_one_id_for_two_patients_is_held(desk, bodies):
    take_singly(desk, bodies)

    assert desk.troubles("V1") == REUSED


@every_order(OF_ONE, OF_TWO, ONE_INTO_TWO)
def test_two_records_of_one_person_are_no_reuse(desk, bodies):
    take_singly(desk, bodies)

    assert desk.troubles("V1") == []


@every_order(OF_ONE, OF_TWO, merge(at=NOW - HOUR, survivor="N-1", retired="N-2"))
def test_a_visit_back_on_the_survivor_is_no_reuse(desk, bodies):
    take_singly(desk, bodies)

    assert desk.troubles("V1") == []


@every_order(OF_ONE, OF_TWO, ONE_INTO_THREE, TWO_INTO_THREE)
def test_two_records_merged_into_a_third_are_no_reuse(desk, bodies):
    take_singly(desk, bodies)

    assert desk.troubles("V1") == []


@every_order(OF_ONE, OF_TWO, ONE_INTO_TWO, ONE_INTO_THREE)
def test_a_merge_that_the_source_corrected_is_one_no_more(desk, bodies):
    take_singly(desk, bodies)

    assert desk.troubles("V1") == REUSED


@every_order(
    siu("S26", visit="V1", at=NOW - DAY, starts_at=NOW - 2 * HOUR, status="Noshow", patient="N-3"),
    merge(at=NOW - DAY, survivor="N-1", retired="N-2"),
    merge(at=NOW - DAY, survivor="N-3", retired="N-1"),
    merge(at=NOW - HOUR, survivor="N-2", retired="N-3"),
)
def test_newest_merge_of_a_circle_says_whom_to_rebook(desk, bodies):
    take_singly(desk, bodies)

    assert QueueItem.objects.open().values_list("family", "patient__mrn").get() == ("rebook_missed", "N-2")
