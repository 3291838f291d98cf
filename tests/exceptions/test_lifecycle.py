"""The tables of moves. No database."""

from datetime import UTC, datetime, timedelta

import pytest

from exceptions.checks.kinds import Check
from exceptions.lifecycle import MOVES, UNRESOLVED, News, after_batch, resting_state, verbs_for
from exceptions.vocabulary import Family, Severity, State, Verb
from scheduling.vocabulary import PATIENT_FACING

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def check(severity=Severity.BLOCKING, blocks=PATIENT_FACING, *, is_hold=True, self_clearing=True):
    return Check(
        "some", "Some", Family.ORDER, severity, "It happened.", "Look.", blocks=frozenset(blocks), is_hold=is_hold,
        self_clearing=self_clearing,
    )  # fmt: skip


HOLD = check()
NOTE = check(Severity.NOTE, (), is_hold=False)


def news(appeared=0, vanished=0, arrived=0, live=0, newest=NOON, is_cured=False):
    return News(appeared, vanished, arrived, live, newest, is_cured)


@pytest.mark.parametrize("state", sorted(UNRESOLVED))
def test_more_of_the_same_changes_no_state_but_cleared(state):
    after = after_batch(state, news(appeared=1, live=2), HOLD)

    came_back = (State.REOPENED, Verb.CAME_BACK)
    assert after == (came_back if state == State.CLEARED_UNSEEN else (state, None))


@pytest.mark.parametrize(
    ("change", "self_clearing", "state"),
    [
        (news(vanished=1, live=0), True, State.CLEARED_UNSEEN),
        (news(vanished=1, live=1), True, State.OPEN),
        (news(vanished=0, live=0), True, State.OPEN),
        (news(vanished=1, live=0), False, State.OPEN),
        (news(vanished=1, appeared=1, live=1), True, State.OPEN),
    ],
    ids=["the last went", "one is left", "nothing went", "not by itself", "one went, one came"],
)
def test_clearing(change, self_clearing, state):
    assert after_batch("open", change, check(self_clearing=self_clearing))[0] == state


@pytest.mark.parametrize("state", sorted(UNRESOLVED - {State.CLEARED_UNSEEN}))
@pytest.mark.parametrize(
    ("live", "is_cured", "ending"),
    [
        (0, True, (State.RESOLVED, Verb.CURED)),
        (0, False, (State.CLEARED_UNSEEN, Verb.CLEARED)),
        (1, True, None),
    ],
    ids=["by a mapping", "by itself", "one is left"],
)
def test_last_finding_gone_is_closed_by_a_mapping_only(state, live, is_cured, ending):
    change = news(vanished=1, live=live, is_cured=is_cured)

    after = after_batch(state, change, HOLD)

    assert after == (ending or (state, None))


def test_cure_of_what_was_cleared_before_leaves_it_to_a_person():
    after = after_batch("cleared_unseen", news(is_cured=True), HOLD)

    assert after == (State.CLEARED_UNSEEN, None)


@pytest.mark.parametrize(
    ("change", "is_hold", "state"),
    [
        (news(appeared=1, live=1, newest=NOON - SECOND), True, State.REOPENED),
        (news(appeared=1, live=1, newest=NOON - SECOND), False, State.RESOLVED),
        (news(arrived=1, newest=NOON), False, State.RESOLVED),
        (news(arrived=1, newest=NOON + SECOND), False, State.REOPENED),
        (news(vanished=1, newest=None), True, State.RESOLVED),
    ],
    ids=["old hold", "old finding", "at the closing", "newer", "only vanished"],
)
def test_a_closed_one_opens_again(change, is_hold, state):
    assert after_batch("resolved", change, check(is_hold=is_hold), resolved_at=NOON)[0] == state


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (NOTE, State.RESOLVED),
        (check(Severity.NOTE, PATIENT_FACING[:1], is_hold=False), State.CLEARED_UNSEEN),
        (check(Severity.DEGRADED, (), is_hold=False), State.CLEARED_UNSEEN),
    ],
    ids=["a note", "a note that blocks something", "worse than a note"],
)
def test_only_a_note_that_held_nothing_up_closes_by_itself(kind, state):
    assert after_batch("taken", news(vanished=1), kind) == (state, Verb.CLEARED)


def test_a_note_that_closed_by_itself_opens_with_its_next_finding_however_old():
    change = news(appeared=1, live=1, newest=NOON - SECOND)

    assert after_batch("resolved", change, NOTE, resolved_at=NOON) == (State.REOPENED, Verb.REGRESSED)


ANYBODY = [Verb.ASSIGN, Verb.ESCALATE, Verb.MUTE, Verb.WAIVE, Verb.RESOLVE, Verb.COMMENT]


def test_verbs_of_every_state():
    assert {state: verbs_for(state) for state in State} == {
        State.OPEN: [Verb.TAKE, *ANYBODY],
        State.REOPENED: [Verb.TAKE, *ANYBODY],
        State.TAKEN: [Verb.TAKE, Verb.RELEASE, *ANYBODY],
        State.MUTED: [Verb.ASSIGN, Verb.UNMUTE, Verb.WAIVE, Verb.RESOLVE, Verb.COMMENT],
        State.CLEARED_UNSEEN: [Verb.ASSIGN, Verb.ESCALATE, Verb.RESOLVE, Verb.COMMENT],
        State.RESOLVED: [Verb.REOPEN, Verb.COMMENT],
    }


def test_waiver_can_be_ended_where_there_is_one_and_nobody_is_told_meanwhile():
    assert verbs_for(State.OPEN, is_waived=True) == [
        Verb.TAKE, Verb.ASSIGN, Verb.MUTE, Verb.WAIVE, Verb.UNWAIVE, Verb.RESOLVE, Verb.COMMENT,
    ]  # fmt: skip


def test_every_move_that_closes_or_silences_asks_why():
    assert {verb for verb, move in MOVES.items() if move.needs_reason} == {
        Verb.MUTE, Verb.WAIVE, Verb.RESOLVE, Verb.REOPEN, Verb.COMMENT,
    }  # fmt: skip


def test_every_silence_has_a_longest_time():
    assert {verb: move.longest for verb, move in MOVES.items() if move.longest} == {
        Verb.MUTE: timedelta(days=14),
        Verb.WAIVE: timedelta(days=7),
    }


@pytest.mark.parametrize(("spell", "state"), [(1, State.OPEN), (2, State.REOPENED)])
def test_what_nobody_has_is_open_or_opened_again(spell, state):
    assert resting_state(spell) == state
