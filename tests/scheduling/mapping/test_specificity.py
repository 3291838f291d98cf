"""Which rule wins: clinic first, then the number of stated signals; no signal outranks another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.facts import Signals
from scheduling.mapping.resolve import resolve
from scheduling.mapping.rules import MappingContext, Reason, Resolution, Rule, RuleSet
from scheduling.mapping.specificity import Level, level_of, note_matches
from scheduling.vocabulary import EventKind, Initiator, MappingOutcome, Status

HERE = MappingContext(1, clinic_id=7)
S = Status
SAID = Signals("S14", "F", "R", "A", "T", "C", "she called, will not come")


def winner(*rules, signals=SAID, context=HERE):
    answer = resolve(signals, context, RuleSet(1, rules))
    return answer.outcome, answer.rule_id


MAPPED, AMBIGUOUS, UNMAPPED = MappingOutcome.MAPPED, MappingOutcome.AMBIGUOUS, MappingOutcome.UNMAPPED
ONE = Rule(1, filler_status="F", status=S.BOOKED)


@pytest.mark.parametrize(
    ("rule", "level"),
    [
        (Rule(1, trigger="S12"), Level(False, 1)),
        (Rule(1, trigger="S12", filler_status=""), Level(False, 2)),
        (Rule(1, note="*came*", filler_status="F"), Level(False, 2)),
        (Rule(1, trigger="S12", clinic_id=3), Level(True, 1)),
    ],
    ids=["one signal", "absence is stated", "a note pattern is stated", "a clinic"],
)
def test_level_of_a_rule_is_clinic_then_stated_signals(rule, level):
    assert level_of(rule) == level


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (Rule(2, filler_status="F", event_reason="R", status=S.MISSED), (MAPPED, 2)),
        (Rule(2, filler_status="F", note="*not come", status=S.MISSED), (MAPPED, 2)),
        (Rule(2, filler_status="F", event_reason="X", status=S.MISSED), (MAPPED, 1)),
        (Rule(2, filler_status="F", event_reason="", status=S.MISSED), (MAPPED, 1)),
        (Rule(2, event_reason="R", status=S.MISSED), (AMBIGUOUS, None)),
        (Rule(2, resource_status="C", status=S.MISSED), (AMBIGUOUS, None)),
        (Rule(2, note="will not come", status=S.MISSED), (AMBIGUOUS, None)),
        (Rule(2, event_reason="R", status=S.BOOKED), (MAPPED, 1)),
        (Rule(2, filler_status="F", clinic_id=7, status=S.MISSED), (MAPPED, 2)),
        (Rule(2, filler_status="F", clinic_id=8, status=S.MISSED), (MAPPED, 1)),
        (Rule(2, filler_status="f", status=S.MISSED), (MAPPED, 1)),
        (Rule(2, trigger="S14", kind=EventKind.CHANGED, status=S.CONFIRMED), (MAPPED, 1)),
        (Rule(2, trigger="S14", filler_status="F", status=S.MISSED), (MAPPED, 2)),
    ],
    ids=[
        "two signals beat one",
        "a note pattern counts",
        "a signal that differs does not match",
        "absence asked for, but said",
        "another signal disagrees",
        "the resource disagrees",
        "the note disagrees",
        "another signal agrees",
        "the clinic's own rule",
        "another clinic's rule",
        "codes are exact",
        "the trigger alone is the last word",
        "status with its trigger",
    ],
)
def test_resolve_prefers_the_more_specific_rule(other, expected):
    assert winner(ONE, other) == expected


def test_clinic_rule_wins_over_a_source_rule_that_states_more():
    full = Rule(1, "S14", "F", "R", "A", "T", "C", "will not come", status=S.MISSED)
    clinic = Rule(2, filler_status="F", clinic_id=7, status=S.BOOKED)

    assert winner(full, clinic) == (MAPPED, 2)
    assert winner(full, clinic, context=MappingContext(1)) == (MAPPED, 1)


def test_ambiguous_names_its_rivals_and_nothing_else():
    rules = RuleSet(1, [ONE, Rule(5, event_reason="R", status=S.CANCELLED), Rule(3, note="x", status=S.MISSED)])

    answer = resolve(SAID, HERE, rules)

    assert answer == Resolution(AMBIGUOUS, rivals=(1, 5))


def test_rules_that_agree_answer_under_the_smallest_id():
    early = Rule(1, filler_status="other", status=S.BOOKED)
    late, later = Rule(3, filler_status="F", status=S.BOOKED), Rule(2, event_reason="R", status=S.BOOKED)

    assert winner(early, late, later) == (MAPPED, 2)


def test_rules_that_differ_in_what_they_imply_disagree():
    keep = Rule(2, event_reason="R", status=S.BOOKED, suppresses=True)

    assert winner(ONE, keep) == (AMBIGUOUS, None)


def test_no_rule_is_unmapped():
    assert winner(Rule(1, filler_status="other", status=S.BOOKED)) == (UNMAPPED, None)
    assert winner() == (UNMAPPED, None)


def test_rules_of_another_source_are_refused():
    with pytest.raises(ValueError, match="source 1"):
        resolve(SAID, MappingContext(2), RuleSet(1, [ONE]))


def test_a_rule_without_signals_is_refused():
    with pytest.raises(ValueError, match="at least one signal"):
        Rule(1, clinic_id=7, status=S.BOOKED)


@pytest.mark.parametrize(
    ("pattern", "note", "found"),
    [
        (None, "anything", True),
        ("", "", True),
        ("", "x", False),
        ("no show", "Patient NO SHOW today", True),
        ("no show", "no-show", False),
        ("no*show", "no call no show", True),
        ("no*show", "a no show", False),
        ("*no*show*", "there was no way to show it", True),
        ("*died*", "", False),
        ("a*a", "a", False),
        ("*a*b*c*", "a c b", False),
        ("*ab*b", "ab", False),
        ("a.c", "abc", False),
        ("straße", "STRASSE", True),
    ],
    ids=str,
)
def test_note_matches(pattern, note, found):
    assert note_matches(pattern, note) == found


def test_note_pattern_of_many_stars_stays_linear():
    assert not note_matches("*a" * 8 + "b", "a" * 1_000_000)


CODES = st.sampled_from(["", "A", "B"])
RULES = st.fixed_dictionaries(
    {
        "trigger": st.sampled_from([None, "S12", "S15"]),
        "filler_status": st.none() | CODES,
        "event_reason": st.none() | CODES,
        "resource_status": st.sampled_from([None, "A"]),
        "note": st.sampled_from([None, None, "a", "*b"]),
        "clinic_id": st.sampled_from([None, None, 7]),
        "kind": st.sampled_from([None, EventKind.CREATED, EventKind.CANCELLED]),
        "status": st.sampled_from([None, S.BOOKED, S.CANCELLED, S.MISSED]),
        "initiator_by_reason": st.booleans(),
    }
).filter(lambda stated: any(stated[name] is not None for name in Signals._fields if name in stated))


@given(
    stated=st.lists(RULES, max_size=12),
    order=st.randoms(use_true_random=False),
    signals=st.builds(Signals, st.sampled_from(["S12", "S15"]), CODES, CODES, note=st.sampled_from(["", "ab"]),
                      resource_status=CODES),
)  # fmt: skip
def test_order_of_rules_never_changes_the_answer(stated, order, signals):
    rules = [Rule(number, **each) for number, each in enumerate(stated)]
    shuffled = order.sample(rules, len(rules))
    reasons = [Reason("A", Initiator.CLINIC), Reason("B", Initiator.PATIENT)]

    answers = {resolve(signals, HERE, RuleSet(1, each, reasons)) for each in (rules, shuffled)}

    assert len(answers) == 1


@given(stated=st.lists(RULES, min_size=1, max_size=12), signals=st.builds(Signals, CODES, CODES, CODES))
def test_a_mapped_answer_comes_from_a_rule_and_a_held_one_says_nothing(stated, signals):
    rules = RuleSet(1, [Rule(number, **each) for number, each in enumerate(stated)])

    answer = resolve(signals, HERE, rules)

    if answer.outcome is MAPPED:
        assert answer.rule_id in range(len(stated))
    else:
        assert answer == Resolution(answer.outcome, rivals=answer.rivals)
