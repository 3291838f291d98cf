"""How long an offer stands and how many people are asked: the closer the start, the less and the more."""

from datetime import UTC, datetime, timedelta

import pytest

from recovery.errors import InvalidActError
from recovery.offering import DEFAULT_RULES, Step, ends_at, read_steps, step_at, store_steps

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STEPS = DEFAULT_RULES.steps


@pytest.mark.parametrize(
    ("ahead", "window", "at_once"),
    [
        (200 * HOUR, 24 * HOUR, 1),
        (168 * HOUR, 24 * HOUR, 1),
        (168 * HOUR - MINUTE, 4 * HOUR, 1),
        (24 * HOUR, HOUR, 2),
        (24 * HOUR - MINUTE, 20 * MINUTE, 3),
        (HOUR, 10 * MINUTE, 3),
    ],
    ids=["far", "on the boundary", "just inside", "a day", "under a day", "an hour"],
)
def test_window_and_number_escalate_as_the_start_nears(ahead, window, at_once):
    step = step_at(STEPS, NOW + ahead, NOW)

    assert (step.window, step.at_once) == (window, at_once)


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (50 * HOUR, HOUR),
        (45 * MINUTE, 10 * MINUTE),
        (42 * MINUTE, 7 * MINUTE),
        (40 * MINUTE, 5 * MINUTE),
        (39 * MINUTE, None),
        (-MINUTE, None),
    ],
    ids=["whole window", "exactly", "cut at the least notice", "five minutes left", "four minutes left", "begun"],
)
def test_offer_never_outlasts_the_least_notice(ahead, expected):
    found = ends_at(STEPS, NOW + ahead, NOW)

    assert (found - NOW if found is not None else None) == expected


def test_steps_come_back_as_they_were_stored():
    assert read_steps(store_steps(STEPS)) == STEPS


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ([], "Give 1 to 6 steps."),
        ([Step(HOUR, HOUR, 1)], "The last step begins 0 hours before the start."),
        ([Step(HOUR * 0, HOUR, 1)] * 2, "Two steps begin at the same time."),
        ([Step(HOUR * 0, MINUTE, 1)], "People have between 5 minutes and 3 days to answer."),
        ([Step(HOUR * 0, HOUR, 11)], "Ask between 1 and 10 people at once."),
        ([Step(HOUR, HOUR, 1), Step(HOUR * 0, 2 * HOUR, 1)], "Nearer steps give no more time than farther ones."),
    ],
    ids=["none", "no last one", "twice", "too short", "too many people", "more time when nearer"],
)
def test_steps_that_make_no_sense_are_refused(steps, sentence):
    with pytest.raises(InvalidActError) as refusal:
        store_steps(steps)

    assert str(refusal.value) == sentence
