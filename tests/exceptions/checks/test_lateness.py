"""What came in too late for a decision, or for anybody to use. No database."""

from datetime import timedelta

import pytest

from exceptions.arriving import judge_arrivals, judge_messages
from exceptions.checks import lateness
from exceptions.checks.lateness import find
from scheduling.decisions import DEFAULT_LIMITS, HORIZONS, NEEDED_EVENTS, refill_of
from scheduling.folding.change import LateEvent
from scheduling.vocabulary import Decision
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
    SHORT_DAY,
    Case,
    arriving,
    booked,
    distant,
    gaps,
    parameters,
    said,
)

SECOND, TICK = timedelta(seconds=1), timedelta(microseconds=1)
BOOKED = booked(NOON - 20 * DAY)
SENT, ENTERED, LISTED = (("known_after_start", who) for who in ("sent late", "entered late", "in a file"))


def late(kind, before_start, delay, **facts):
    """An event that is received ``before_start`` of a visit at noon, ``delay`` after it happened."""
    return said(kind, NOON - before_start - delay, received=NOON - before_start, **facts)


def of(decision):
    return [("late_for_decision", decision)]


CASES = {
    "late_for_decision": (
        Case(HIT, arriving(late("cancelled", 2 * HOUR, 20 * MINUTE), known=[BOOKED]), of("refill_24h")),
        Case(HIT, arriving(late("bumped", 2 * DAY, 5 * HOUR), known=[BOOKED]), of("refill_72h")),
        Case(HIT, arriving(late("rescheduled", 5 * DAY, 9 * HOUR), known=[BOOKED]), of("refill_week")),
        Case(HIT, arriving(late("created", 9 * DAY, 31 * HOUR)), of("refill_later")),
        Case(HIT, arriving(late("bumped", -HOUR, 25 * HOUR), known=[BOOKED]), [*of("rebook_bumped"), SENT]),
        Case(HIT, arriving(late("missed", -26 * HOUR, 25 * HOUR), known=[BOOKED]), of("rebook_missed")),
        Case(HIT, arriving(late("confirmed", DAY, 49 * HOUR), known=[BOOKED]), of("confirm")),
        Case(HIT, arriving(late("started", -8 * DAY, 8 * DAY), known=[BOOKED]), of("weekly_report")),
        # a source without triggers: the picture tells that it moved
        Case(HIT, arriving(late("changed", HOUR, HOUR, starts_at=NOON + DAY), known=[BOOKED]), of("refill_24h")),
        Case(HIT, arriving(late("changed", HOUR, HOUR, status="booked")), of("refill_24h")),
        Case(MISS, arriving(late("cancelled", 2 * HOUR, 10 * MINUTE), known=[BOOKED])),
        Case(MISS, arriving(late("cancelled", 2 * DAY, 20 * MINUTE), known=[BOOKED])),
        Case(MISS, arriving(late("confirmed", HOUR, HOUR), known=[BOOKED])),
        Case(MISS, arriving(late("changed", HOUR, HOUR), known=[BOOKED])),
        Case(MISS, arriving(late("cancelled", 2 * HOUR, HOUR, is_listed=True), known=[BOOKED])),
        Case(MISS, arriving(late("cancelled", 2 * HOUR, HOUR, mapping="unmapped"), known=[BOOKED])),
        Case(BOUNDARY, arriving(late("cancelled", DAY, 15 * MINUTE), known=[BOOKED])),
        Case(BOUNDARY, arriving(late("cancelled", DAY, 15 * MINUTE + TICK), known=[BOOKED]), of("refill_24h")),
        Case(BOUNDARY, arriving(late("cancelled", DAY + TICK, 4 * HOUR), known=[BOOKED])),
        # 9:00 on the 25-hour day lies 25 h after 9:00 of the day before: not within 24 h
        Case(CLOCKS, arriving(said("cancelled", LONG_DAY - 26 * HOUR, received=LONG_DAY - 25 * HOUR,
                                   starts_at=LONG_DAY), known=[booked(LONG_DAY - 9 * DAY)])),
        Case(CLOCKS, arriving(said("cancelled", SHORT_DAY - 24 * HOUR, received=SHORT_DAY - 23 * HOUR,
                                   starts_at=SHORT_DAY), known=[booked(SHORT_DAY - 9 * DAY)]), of("refill_24h")),
    ),
    "known_after_start": (
        Case(HIT, arriving(late("cancelled", -MINUTE, 10 * MINUTE), known=[BOOKED]), [SENT]),
        Case(HIT, arriving(late("bumped", -HOUR, SECOND), known=[BOOKED]), [ENTERED]),
        Case(HIT, arriving(late("cancelled", -DAY, HOUR, is_listed=True), known=[BOOKED]), [LISTED]),
        Case(MISS, arriving(late("cancelled", MINUTE, SECOND), known=[BOOKED])),
        Case(MISS, arriving(late("missed", -HOUR, SECOND), known=[BOOKED])),
        Case(MISS, arriving(late("cancelled", -HOUR, SECOND, starts_at=NOON + DAY), known=[BOOKED])),
        Case(MISS, arriving(late("cancelled", -DAY, SECOND), known=[BOOKED, late("cancelled", DAY, SECOND)])),
        Case(BOUNDARY, arriving(late("cancelled", 0 * MINUTE, SECOND), known=[BOOKED])),
        Case(BOUNDARY, arriving(late("cancelled", -TICK, TICK), known=[BOOKED]), [SENT]),
        Case(CLOCKS, arriving(said("cancelled", REPEATED - HOUR, starts_at=REPEATED), known=[BOOKED])),
        Case(CLOCKS, arriving(said("cancelled", REPEATED, starts_at=REPEATED - HOUR), known=[BOOKED]), [ENTERED]),
    ),
    "booked_after_end": (
        Case(HIT, arriving(late("created", -HOUR, SECOND)), [("booked_after_end", "entered late")]),
        Case(HIT, arriving(late("created", -HOUR, 2 * HOUR)), [("booked_after_end", "sent late")]),
        Case(MISS, arriving(late("created", -10 * MINUTE, SECOND))),  # walked in, and still there
        Case(MISS, arriving(late("created", -HOUR, SECOND, is_listed=True))),
        Case(MISS, arriving(late("created", -HOUR, SECOND), known=[BOOKED])),
        Case(BOUNDARY, arriving(late("created", -30 * MINUTE, SECOND)), [("booked_after_end", "sent late")]),
        Case(BOUNDARY, arriving(late("created", -30 * MINUTE + TICK, SECOND))),
        Case(CLOCKS, arriving(booked(REPEATED, starts_at=REPEATED - HOUR)), [("booked_after_end", "entered late")]),
        Case(CLOCKS, arriving(booked(REPEATED - HOUR, starts_at=REPEATED))),
    ),
}  # fmt: skip


def test_every_check_of_lateness_has_a_hit_a_near_miss_a_boundary_and_a_clock_change():
    assert gaps(lateness, CASES) == []


@pytest.mark.parametrize(*parameters(CASES))
def test_what_came_in_too_late(check, case):
    assert [(hit.check, hit.raw) for hit in find(case.facts)] == list(case.found)


@pytest.mark.parametrize(
    ("stops", "delay", "found"),
    [
        (True, 15 * MINUTE, []),
        (True, 15 * MINUTE + TICK, ["stop_outreach"]),
        (False, HOUR, []),
        (True, -2 * MINUTE, []),
    ],
    ids=["at the limit", "over it", "stops nothing", "ahead"],
)
def test_news_of_a_patient_that_should_have_stopped_outreach(stops, delay, found):
    facts = judge_messages([distant(NOON, NOON + delay, stops=stops)])

    assert [fact.raw for fact in facts if fact.kind == "late_for_decision"] == found


@pytest.mark.parametrize("has_effect", [True, False])
def test_older_event_that_changed_the_picture_is_told(has_effect):
    change = arriving(said("confirmed", NOON - DAY), known=[BOOKED])
    change.late = LateEvent(NOON - DAY, has_effect, 4)

    found = [(fact.kind, fact.message_id, fact.at) for fact in judge_arrivals([change])]

    assert found == ([("late_event", 4, NOON - DAY)] if has_effect else [])


def test_every_decision_has_limits_and_events_it_needs():
    assert (set(DEFAULT_LIMITS), set(NEEDED_EVENTS)) == (set(Decision), set(Decision))


@pytest.mark.parametrize("decision", HORIZONS, ids=str)
def test_refill_on_a_boundary_is_the_stricter_one(decision):
    until = HORIZONS[decision].until

    if until is not None:
        assert (refill_of(NOON + until, NOON), refill_of(NOON + until + TICK, NOON) == decision) == (decision, False)
