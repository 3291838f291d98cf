"""Steps that a visit takes in an order its source should not tell. No database."""

import pytest

from exceptions.checks import steps
from exceptions.checks.steps import find
from tests.support.check_cases import (
    BOUNDARY,
    CLOCKS,
    DAY,
    HIT,
    HOUR,
    LONG_DAY,
    MINUTE,
    MISS,
    NOON,
    REPEATED,
    Case,
    arriving,
    booked,
    gaps,
    parameters,
    said,
)

TWICE, NO_CHECK_IN = ("duplicate_new", "S12"), ("completed_without_check_in", "")
BOOKED = booked(NOON - 9 * DAY)
AGAIN = booked(NOON - DAY, digest=b"2")
MOVED = said("rescheduled", NOON - DAY, trigger="S13")
CANCELLED = said("cancelled", NOON - 2 * DAY, trigger="S15")
ARRIVED, STARTED = said("checked_in", NOON - 9 * MINUTE), said("started", NOON + MINUTE)
DONE = said("completed", NOON + HOUR)


def held(arrived):
    return arrived._replace(event=arrived.event.__class__(arrived.event.order_key, arrived.event.source_at,
                                                          arrived.event.received_at, "unmapped"))  # fmt: skip


CASES = {
    "duplicate_new": (
        Case(HIT, arriving(AGAIN, known=[BOOKED]), [TWICE]),
        Case(HIT, arriving(BOOKED, AGAIN), [TWICE]),
        Case(MISS, arriving(BOOKED)),
        Case(MISS, arriving(AGAIN, known=[BOOKED, CANCELLED])),  # booked anew after it was given up
        Case(MISS, arriving(BOOKED, known=[said("confirmed", NOON - DAY)])),  # the booking itself, late
        Case(MISS, arriving(held(AGAIN), known=[BOOKED])),
        Case(BOUNDARY, arriving(booked(NOON - 9 * DAY, digest=b"2"), known=[BOOKED]), [TWICE]),
        Case(CLOCKS, arriving(booked(REPEATED, digest=b"2"), known=[booked(REPEATED - HOUR)]), [TWICE]),
        Case(CLOCKS, arriving(booked(REPEATED - HOUR, digest=b"2"), known=[said("confirmed", REPEATED)])),
    ),
    "change_of_unknown_visit": (
        Case(HIT, arriving(CANCELLED), [("change_of_unknown_visit", "S15")]),
        Case(HIT, arriving(ARRIVED, MOVED), [("change_of_unknown_visit", "S13")]),
        Case(HIT, arriving(held(CANCELLED)), [("change_of_unknown_visit", "S15")]),
        Case(MISS, arriving(CANCELLED, known=[BOOKED])),
        Case(MISS, arriving(CANCELLED, BOOKED)),
        Case(MISS, arriving(said("cancelled", NOON, trigger="Appointment"))),
        Case(MISS, arriving(said("cancelled", NOON, trigger="row", is_listed=True))),
        Case(BOUNDARY, arriving(said("changed", NOON, trigger="S12"))),
        Case(CLOCKS, arriving(said("cancelled", REPEATED, trigger="S15")), [("change_of_unknown_visit", "S15")]),
    ),
    "completed_without_check_in": (
        Case(HIT, arriving(DONE, known=[BOOKED]), [NO_CHECK_IN]),
        Case(MISS, arriving(DONE, known=[BOOKED, ARRIVED])),
        Case(MISS, arriving(DONE, known=[BOOKED, STARTED])),
        Case(MISS, arriving(DONE, ARRIVED, known=[BOOKED])),
        Case(MISS, arriving(said("completed", NOON + HOUR, tells_check_ins=False), known=[BOOKED])),
        Case(MISS, arriving(said("completed", NOON + HOUR, is_listed=True), known=[BOOKED])),
        Case(BOUNDARY, arriving(said("completed", NOON + DAY, digest=b"2"), known=[BOOKED, DONE])),
        Case(CLOCKS, arriving(said("completed", LONG_DAY), known=[BOOKED]), [NO_CHECK_IN]),
    ),
}  # fmt: skip


def test_every_check_of_steps_is_shown():
    assert gaps(steps, CASES) == []


@pytest.mark.parametrize(*parameters(CASES))
def test_what_is_found_in_the_steps_of_a_visit(check, case):
    assert [(hit.check, hit.raw) for hit in find(case.facts)] == list(case.found)


def test_a_visit_of_which_the_first_day_told_is_known():
    """What a feed sends on its first day is no arrival, though the batch may bring it together with a change."""
    change = arriving(CANCELLED, BOOKED)
    change.arrived = (CANCELLED,)

    assert list(find(change)) == []


@pytest.mark.parametrize(
    ("trigger", "found"), [("vanished", ["vanished_from_extract"]), ("row", [])], ids=["vanished", "listed"]
)
def test_visit_that_vanished_from_its_extract(trigger, found):
    change = arriving(said("deleted", LONG_DAY, trigger=trigger, is_listed=True), known=[BOOKED])

    assert [hit.check for hit in find(change)] == found
