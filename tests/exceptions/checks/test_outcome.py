"""How visits ended, judged on the folded visit. No database."""

from datetime import timedelta

import pytest

from exceptions.catalogue import CATALOGUE
from exceptions.checks import outcome
from exceptions.checks.outcome import EARLIEST, find
from scheduling.vocabulary import Decision, Status
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
    gaps,
    parameters,
    visit,
)

EARLY = ("missed_before_start", "PT01")
TIMER = ("missed_by_timer", "AUTO")
DEFAULT = ("cancelled_by_timer", "AUTO")
NO_REASON = ("cancel_reason_missing", "")
WHO = ("cancel_initiator_unknown", "PT01")
TICK = timedelta(microseconds=1)

CASES = {
    "missed_before_start": (
        Case(HIT, visit("missed", status_at=NOON - HOUR), [EARLY]),
        Case(MISS, visit("missed", status_at=NOON + HOUR)),
        Case(MISS, visit("cancelled", status_at=NOON - HOUR)),
        Case(MISS, visit("missed", starts_at=None)),
        Case(BOUNDARY, visit("missed", status_at=NOON)),
        Case(BOUNDARY, visit("missed", status_at=NOON - TICK), [EARLY]),
        Case(CLOCKS, visit("missed", starts_at=REPEATED, status_at=REPEATED - HOUR), [EARLY]),  # the same wall clock
        Case(CLOCKS, visit("missed", starts_at=REPEATED, status_at=REPEATED)),
    ),
    "missed_by_timer": (
        Case(HIT, visit("missed", set_by="timer", reason_code="AUTO"), [TIMER]),
        Case(HIT, visit("missed", set_by="timer", reason_code=None), [("missed_by_timer", "")]),
        Case(MISS, visit("missed", reason_code="AUTO")),
        Case(MISS, visit("checked_in", set_by="timer")),
        Case(BOUNDARY, visit("missed", set_by=None)),
        Case(CLOCKS, visit("missed", set_by="timer", reason_code="AUTO", starts_at=LONG_DAY, status_at=NOON), [TIMER]),
    ),
    "cancelled_by_timer": (
        Case(HIT, visit("cancelled", set_by="timer", reason_code="AUTO"), [DEFAULT]),
        Case(MISS, visit("cancelled", reason_code="AUTO")),
        Case(MISS, visit("bumped", set_by="timer")),
        Case(BOUNDARY, visit("cancelled", set_by=None)),
        Case(CLOCKS, visit("cancelled", set_by="timer", reason_code="AUTO", status_at=REPEATED), [DEFAULT]),
    ),
    "cancel_reason_missing": (
        Case(HIT, visit("cancelled", reason_code=None), [NO_REASON]),
        Case(HIT, visit("bumped", reason_code=None), [NO_REASON]),
        Case(MISS, visit("cancelled")),
        Case(MISS, visit("missed", reason_code=None)),
        Case(BOUNDARY, visit("cancelled", reason_code=""), [NO_REASON]),
        Case(CLOCKS, visit("cancelled", reason_code=None, starts_at=SHORT_DAY), [NO_REASON]),
    ),
    "cancel_initiator_unknown": (
        Case(HIT, visit("cancelled", initiator="unknown"), [WHO]),
        Case(HIT, visit("cancelled", initiator=None), [WHO]),
        Case(MISS, visit("cancelled", initiator="system")),
        Case(MISS, visit("booked", initiator=None)),
        Case(BOUNDARY, visit("bumped", initiator="clinic")),
        Case(CLOCKS, visit("cancelled", initiator="unknown", status_at=REPEATED), [WHO]),
    ),
    "attended_too_early": (
        Case(HIT, visit("completed", status_at=NOON - DAY), [("attended_too_early", "completed")]),
        Case(HIT, visit("checked_in", status_at=NOON - DAY), [("attended_too_early", "checked_in")]),
        Case(MISS, visit("completed", status_at=NOON - 20 * MINUTE)),
        Case(MISS, visit("confirmed", status_at=NOON - DAY)),
        Case(BOUNDARY, visit("in_progress", status_at=NOON - EARLIEST)),
        Case(BOUNDARY, visit("in_progress", status_at=NOON - EARLIEST - TICK), [("attended_too_early", "in_progress")]),
        # 21:30 the evening before is 10 h 30 min before 9:00 where an hour is left out, 12 h 30 min where one repeats
        Case(CLOCKS, visit("completed", starts_at=SHORT_DAY, status_at=SHORT_DAY - timedelta(hours=10, minutes=30))),
        Case(
            CLOCKS,
            visit("completed", starts_at=LONG_DAY, status_at=LONG_DAY - timedelta(hours=12, minutes=30)),
            [("attended_too_early", "completed")],
        ),
    ),
}  # fmt: skip


def test_every_check_has_a_hit_a_near_miss_a_boundary_and_a_clock_change():
    assert gaps(outcome, CASES) == []


@pytest.mark.parametrize(*parameters(CASES))
def test_what_is_found_in_how_a_visit_ended(check, case):
    assert [(hit.check, hit.raw) for hit in find(case.facts)] == list(case.found)


def test_findings_stand_for_when_the_status_was_set():
    state = visit("cancelled", status_at=NOON - HOUR, reason_code=None)

    assert [hit.at for hit in find(state)] == [NOON - HOUR]


@pytest.mark.parametrize("status", [None, *Status])
def test_a_visit_that_ended_as_it_should_has_no_finding(status):
    assert list(find(visit(status))) == []


def test_a_guessed_absence_stops_its_rebooking():
    blocked = {check: CATALOGUE[check].blocks for check in ("missed_by_timer", "missed_before_start")}

    assert blocked == dict.fromkeys(blocked, frozenset({Decision.REBOOK_MISSED}))
