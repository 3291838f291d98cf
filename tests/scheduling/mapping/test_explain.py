"""What people are told about the rules that were tried."""

from scheduling.facts import Signals
from scheduling.mapping.explain import explain
from scheduling.mapping.resolve import resolve
from scheduling.mapping.rules import MappingContext, Rule, RuleSet, Tried
from scheduling.vocabulary import EventKind, Status

S = Status
RULES = RuleSet(
    1,
    [
        Rule(1, "S15", "", status=S.CANCELLED),
        Rule(2, filler_status="Cancelled", status=S.CANCELLED),
        Rule(3, filler_status="Cancelled", event_reason="DR", status=S.BUMPED),
        Rule(4, filler_status="Noshow", status=S.MISSED),
        Rule(5, filler_status="Cancelled", clinic_id=9, status=S.MISSED),
        Rule(6, filler_status="Cancelled", note="*died*", status=S.CANCELLED, suppresses=True),
        Rule(7, "S15", kind=EventKind.CANCELLED, status=S.CANCELLED),
        Rule(8, event_reason="DR", resource_status="", status=S.BUMPED),
    ],
)


def test_explain_gives_the_same_answer_and_a_sentence_per_rule():
    signals = Signals("S15", "Cancelled", "DR", note="called")

    answer = explain(signals, MappingContext(1), RULES)

    assert answer._replace(tried=()) == resolve(signals, MappingContext(1), RULES)
    assert answer.tried == (
        Tried(1, False, "Wants visit status nothing, the message says “Cancelled”."),
        Tried(2, False, "Less specific than rule 3."),
        Tried(3, True, "Decided."),
        Tried(4, False, "Wants visit status “Noshow”, the message says “Cancelled”."),
        Tried(5, False, "For another clinic."),
        Tried(6, False, "Its pattern is not in the note."),
        Tried(7, False, "Speaks of the trigger alone; rule 3 says more."),
        Tried(8, False, "Says the same as rule 3."),
    )


def test_explain_names_both_sides_of_a_conflict():
    answer = explain(Signals("S15", "Noshow"), MappingContext(1), RULES)

    assert [(each.rule_id, each.why) for each in answer.tried if each.won] == [
        (4, "Contradicts its rivals."),
        (7, "Contradicts its rivals."),
    ]


def test_explain_without_an_answer_says_what_every_rule_missed():
    answer = explain(Signals("S15", "Odd"), MappingContext(1), RuleSet(1, RULES.rules[:2]))

    assert [each.why for each in answer.tried] == [
        "Wants visit status nothing, the message says “Odd”.",
        "Wants visit status “Cancelled”, the message says “Odd”.",
    ]
