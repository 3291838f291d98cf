"""What is wrong with senders' clocks, message by message. No database."""

from datetime import timedelta

import pytest

from exceptions.arriving import judge_messages
from exceptions.checks import clocks
from scheduling.clocks import MOST_HOURS, whole_hours_behind
from tests.support.check_cases import (
    BOUNDARY,
    CLOCKS,
    HIT,
    HOUR,
    LONG_DAY,
    MINUTE,
    MISS,
    NOON,
    REPEATED,
    Case,
    distant,
    gaps,
    parameters,
)

SECOND = timedelta(seconds=1)
AHEAD, BEHIND = ("clock_ahead", ""), ("clock_hours_behind", "1 h")


def ahead(gap, at=NOON):
    return distant(at + gap, at)


def late(gap, behind, at=NOON):
    return distant(at - gap, at, behind=behind)


CASES = {
    "clock_ahead": (
        Case(HIT, ahead(2 * MINUTE), [AHEAD]),
        Case(MISS, ahead(30 * SECOND)),
        Case(MISS, late(2 * MINUTE, 0)),
        Case(BOUNDARY, ahead(MINUTE)),
        Case(BOUNDARY, ahead(MINUTE + SECOND), [AHEAD]),
        Case(BOUNDARY, ahead(5 * MINUTE), [AHEAD]),
        Case(BOUNDARY, ahead(5 * MINUTE + SECOND)),  # held: ahead_of_receipt is its check
        Case(CLOCKS, ahead(2 * MINUTE, REPEATED), [AHEAD]),
        Case(CLOCKS, ahead(HOUR, REPEATED)),
    ),
    "clock_hours_behind": (
        Case(HIT, late(HOUR + SECOND, 1), [BEHIND]),
        Case(HIT, late(6 * HOUR, 6), [("clock_hours_behind", "6 h")]),
        Case(MISS, late(HOUR + SECOND, 0)),  # one message that was on its way for an hour
        Case(MISS, late(HOUR + SECOND, 2)),
        Case(MISS, late(90 * MINUTE, 1)),
        Case(BOUNDARY, late(HOUR + MINUTE, 1), [BEHIND]),
        Case(BOUNDARY, late(HOUR + MINUTE + SECOND, 1)),
        Case(BOUNDARY, late(HOUR - MINUTE, 1), [BEHIND]),
        Case(BOUNDARY, late((MOST_HOURS + 1) * HOUR, MOST_HOURS + 1)),
        Case(CLOCKS, late(HOUR, 1, LONG_DAY), [BEHIND]),  # a zone still on summer time
    ),
}


def test_every_check_of_clocks_is_shown():
    """What has no source time at all is told by the reader; the pipeline's test shows it."""
    assert {gap.partition(":")[0] for gap in gaps(clocks, CASES)} == {"no_source_time"}


@pytest.mark.parametrize(*parameters(CASES))
def test_what_is_found_in_the_times_of_a_message(check, case):
    assert [(fact.kind, fact.raw) for fact in judge_messages([case.facts])] == list(case.found)


def test_a_clock_belongs_to_the_feed_and_to_no_clinic():
    (fact,) = judge_messages([ahead(2 * MINUTE)])

    assert (fact.source_id, fact.feed_id, fact.clinic_id, fact.message_id, fact.at) == (
        1,
        1,
        None,
        9,
        NOON + 2 * MINUTE,
    )


@pytest.mark.parametrize(
    ("gap", "hours"),
    [(-HOUR, 0), (timedelta(), 0), (59 * MINUTE, 1), (HOUR, 1), (61 * MINUTE, 1), (62 * MINUTE, 0), (14 * HOUR, 14)],
    ids=str,
)
def test_whole_hours_behind(gap, hours):
    assert whole_hours_behind(NOON - gap, NOON) == hours
