"""One cause for each empty slot, in a fixed order; every outcome and every refusal means something."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from recovery.contacting import rules
from recovery.metrics.causes import (
    NO_WAY_CODES,
    OUTCOMES,
    PASSING_CODES,
    PRECEDENCE,
    STALE_CODES,
    TAKEN,
    Cause,
    Flag,
    cause_of,
    outcomes_of,
)
from recovery.vocabulary import AttemptOutcome


@pytest.mark.parametrize("taken", [Flag.COMPLETED, Flag.MISSED, Flag.STANDING], ids=lambda flag: flag.name)
def test_slot_that_somebody_took_has_no_cause(taken):
    assert cause_of(taken | Flag.LATE | Flag.UNANSWERED) is None


@pytest.mark.parametrize(("cause", "flag"), PRECEDENCE.items(), ids=[str(cause) for cause in PRECEDENCE])
def test_each_answer_alone_is_its_cause(cause, flag):
    assert [cause_of(one) for one in flag] == [cause] * len(list(flag))


def test_first_cause_in_the_written_order_wins():
    every = Flag(0)
    for flag in PRECEDENCE.values():
        every |= flag
    found = []
    for flag in PRECEDENCE.values():
        found.append(cause_of(every))
        every &= ~flag

    assert found == list(PRECEDENCE)
    assert cause_of(every) == Cause.NOT_WORKED


def test_every_cause_but_the_last_has_a_place_in_the_order():
    assert [*PRECEDENCE, Cause.NOT_WORKED] == list(Cause)


@pytest.mark.parametrize("flag", [Flag.NOTICED, Flag.FOUND, Flag.ACTED], ids=lambda flag: flag.name)
def test_what_was_done_is_no_cause_by_itself(flag):
    assert cause_of(flag) == Cause.NOT_WORKED


def test_every_outcome_of_a_try_means_one_thing():
    assert set(OUTCOMES) == {"", *AttemptOutcome}
    assert outcomes_of(Flag.UNREACHABLE) == ["died", "interpreter", "wrong_number"]
    assert not TAKEN & Flag.ACCEPTED


def test_every_rule_of_contact_is_known_as_a_reason():
    """A rule that is added later would count as "held or blocked" until it stands here."""
    said = set(re.findall(r'Obstacle\(\s*"(\w+)"', Path(rules.__file__).read_text()))
    warnings = {"guardian", "colleague_speaks", "interpreter"}

    assert said - warnings - NO_WAY_CODES - STALE_CODES == set()


def test_no_refusal_means_two_things():
    assert [set()] * 3 == [NO_WAY_CODES & STALE_CODES, NO_WAY_CODES & PASSING_CODES, STALE_CODES & PASSING_CODES]


def test_passing_codes_are_those_that_the_guard_says():
    """Only what is still raised may be forgiven."""
    folder = Path(settings.BASE_DIR) / "recovery"
    code = "\n".join(path.read_text() for path in folder.rglob("*.py") if "metrics" not in path.parts)

    assert sorted(one for one in PASSING_CODES if f'"{one}"' not in code) == []
