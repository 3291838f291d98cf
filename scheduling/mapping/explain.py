"""Why signals mean what they mean: each rule that was considered, and why it won or lost."""

from scheduling.facts import Signals
from scheduling.mapping.resolve import decide, parts_of
from scheduling.mapping.rules import MappingContext, Resolution, Rule, RuleSet, Tried
from scheduling.mapping.specificity import NOTE, Parts, level_of, note_matches, rule_matches
from scheduling.mapping.wording import SIGNAL_NAMES
from scheduling.vocabulary import MappingOutcome

NAMES = tuple(name.lower() for name in SIGNAL_NAMES)


def explain(signals: Signals, context: MappingContext, rules: RuleSet) -> Resolution:
    """``resolve`` with ``tried`` filled, in rule order. Slow: looks at every rule; for people, never for batches."""
    parts = parts_of(signals, context, rules)
    resolution = decide(rules, parts)
    deciders = {resolution.rule_id, *resolution.rivals}
    winner = next((rule for rule in rules.rules if rule.id in deciders), None)
    tried = tuple(Tried(rule.id, rule.id in deciders, _why(rule, winner, resolution, parts)) for rule in rules.rules)
    return resolution._replace(tried=tried)


def _why(rule: Rule, winner: Rule | None, resolution: Resolution, parts: Parts) -> str:
    if rule.id == resolution.rule_id:
        return "Decided."
    if rule.id in resolution.rivals:
        return "Contradicts its rivals." if resolution.outcome is MappingOutcome.CONFLICT else "As specific as a rival."
    if not rule_matches(rule, parts):
        return _mismatch(rule, parts)
    if winner is None:
        return "Matches."
    if rule.is_about_trigger:
        return f"Speaks of the trigger alone; rule {winner.id} says more."
    if winner.is_about_trigger:
        return f"Leaves the word to the trigger, rule {winner.id}."
    if level_of(rule) == level_of(winner):
        return f"Says the same as rule {winner.id}."
    return f"Less specific than rule {winner.id}."


def _mismatch(rule: Rule, parts: Parts) -> str:
    """The first signal in which rule and message differ; a note is never quoted, it may hold patient data."""
    if rule.clinic_id not in (None, parts.clinic_id):
        return "For another clinic."
    for name, wanted, said in zip(NAMES[:NOTE], rule.parts[:NOTE], parts[:NOTE], strict=True):
        if wanted is not None and wanted != said:
            return f"Wants {name} {_quoted(wanted)}, the message says {_quoted(str(said))}."
    return "Its pattern is not in the note." if not note_matches(rule.note, parts.note) else "Matches."


def _quoted(code: str) -> str:
    return f"“{code}”" if code else "nothing"
