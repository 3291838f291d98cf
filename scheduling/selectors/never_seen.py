"""Rules that no message ever matched, and how many combinations a rule would match."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scheduling.mapping.resolve import decide, parts_of
from scheduling.mapping.rules import Resolution, Rule, RuleSet
from scheduling.mapping.specificity import NOTE
from scheduling.selectors.seen_signals import Seeing, Seen, Tally, context_of
from scheduling.selectors.signal_words import meaning_words
from scheduling.vocabulary import MappingOutcome


def never_seen(rules: RuleSet, tallies: Iterable[Tally], clinic_ids: Mapping[tuple[int, str], int]) -> list[Rule]:
    """Rules that match none of a source's tallies. Of notes it is only known whether there was one.

    Every signal pattern in use is looked up in the tallies once, so the cost does not grow with rules times tallies.
    """
    values = [_values(tally, clinic_ids) for tally in tallies if tally.key[0] == rules.source_id]
    projected: dict[tuple[int, ...], set[tuple[Any, ...]]] = {}
    found = []
    for rule in rules.rules:
        wanted = _wanted(rule)
        places = tuple(place for place, value in enumerate(wanted) if value is not None)
        if places not in projected:
            projected[places] = {tuple(value[place] for place in places) for value in values}
        if tuple(wanted[place] for place in places) not in projected[places]:
            found.append(rule)
    return found


def rule_fits(rule: Rule, tally: Tally, clinic_ids: Mapping[tuple[int, str], int]) -> bool:
    """Whether a rule matches the events of a tally, as far as tallies tell."""
    said = _values(tally, clinic_ids)
    return all(wanted in (None, value) for wanted, value in zip(_wanted(rule), said, strict=True))


@dataclass(frozen=True, slots=True)
class Reach:
    """What a rule would match of what was seen: combinations, their events, and how many of them it would decide."""

    matched: int
    combinations: int
    events: int
    decided: int
    meaning: Resolution | None  # of the combination in question, with the rule in force

    @property
    def words(self) -> str:
        """The meaning of the combination in question."""
        return str(meaning_words(self.meaning)) if self.meaning is not None else ""

    @property
    def is_clear(self) -> bool:
        """Whether the combination in question would have a clear meaning, or none is in question."""
        return self.meaning is None or self.meaning.outcome is MappingOutcome.MAPPED

    @property
    def elsewhere(self) -> int:
        """How many of those it matches go to other rules, or stay held."""
        return self.matched - self.decided


def reach(rule: Rule, rules: Sequence[Rule], base: RuleSet, seeing: Seeing, about: Seen | None) -> Reach:
    """Try a rule beside ``rules`` (its id must be unlike theirs), with the reasons and precedence of ``base``.

    Combinations are those of the rule's source that the person sees; the rule's pattern is taken to find their notes.
    """
    trial = RuleSet(base.source_id, [*rules, rule], base.reasons.values(), base.precedence)
    rows = [row for row in seeing.seen if row.source_id == base.source_id]
    fitting = [(row, [tally for tally in row.tallies if rule_fits(rule, tally, seeing.clinic_ids)]) for row in rows]
    matched = [(row, tallies) for row, tallies in fitting if tallies]
    note = (rule.note or "").replace("*", "")  # a note that the rule's own pattern finds
    decided = sum(
        any(_resolved(tally, trial, seeing, note).rule_id == rule.id for tally in tallies) for _, tallies in matched
    )
    events = sum(tally.events for _, tallies in matched for tally in tallies)
    meaning = _resolved(about.tallies[0], trial, seeing, note) if about is not None else None
    return Reach(len(matched), len(rows), events, decided, meaning)


def _resolved(tally: Tally, rules: RuleSet, seeing: Seeing, note: str) -> Resolution:
    signals = tally.signals._replace(note=note if tally.key[-1] else "")
    return decide(rules, parts_of(signals, context_of(tally, seeing.clinic_ids), rules))


def _values(tally: Tally, clinic_ids: Mapping[tuple[int, str], int]) -> tuple[Any, ...]:
    return (*tally.key[2:8], tally.key[-1], clinic_ids.get(tally.key[:2]))


def _wanted(rule: Rule) -> tuple[Any, ...]:
    """A rule's signals, whether it wants a note, its clinic; None where it does not ask."""
    return (*rule.parts[:NOTE], None if rule.note is None else bool(rule.note), rule.clinic_id)
