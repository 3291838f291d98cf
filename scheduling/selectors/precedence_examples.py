"""Messages whose status contradicts their event, and what each choice of a leader would make of them."""

from dataclasses import dataclass, field

from scheduling.mapping.resolve import decide, parts_of
from scheduling.mapping.rules import Resolution, RuleSet
from scheduling.mapping.vocabulary import Leads
from scheduling.selectors.seen_signals import Seeing, Tally, context_of
from scheduling.selectors.signal_words import meaning_words, stated
from scheduling.vocabulary import MappingOutcome

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Example:
    """One contradicting combination: its signals, how often, and what it means when each of the two leads."""

    tally: int
    message: int
    signals: list[tuple[str, str]]
    events: int
    by_status: str
    by_trigger: str


@dataclass(slots=True)
class Contradiction:
    """One trigger whose messages contradict it: what leads now, and the combinations that are seen most."""

    trigger: str
    leads: Leads
    is_stated: bool  # for this very trigger, not for all
    combinations: int = 0
    events: int = 0
    examples: list[Example] = field(default_factory=list)


def contradictions(seeing: Seeing, rules: RuleSet) -> list[Contradiction]:
    """Triggers of one source that contradict their statuses in what the person sees, those with most events first."""
    variants = {
        leads: RuleSet(rules.source_id, rules.rules, rules.reasons.values(), {(None, ""): leads}) for leads in Leads
    }
    found: dict[str, Contradiction] = {}
    tallies = [tally for row in seeing.seen if row.source_id == rules.source_id for tally in row.tallies]
    for tally in sorted(tallies, key=lambda tally: -tally.events):
        if _meaning(tally, variants[Leads.NEITHER], seeing).outcome is not MappingOutcome.CONFLICT:
            continue
        trigger = tally.signals.trigger
        one = found.setdefault(
            trigger, Contradiction(trigger, rules.leader(None, trigger), (None, trigger) in rules.precedence)
        )
        one.combinations += 1
        one.events += tally.events
        if len(one.examples) < EXAMPLES:
            one.examples.append(_example(tally, variants, seeing))
    return sorted(found.values(), key=lambda one: -one.events)


def _example(tally: Tally, variants: dict[Leads, RuleSet], seeing: Seeing) -> Example:
    return Example(
        tally.id,
        tally.newest_message,
        stated(tally.signals),
        tally.events,
        str(meaning_words(_meaning(tally, variants[Leads.STATUS], seeing))),
        str(meaning_words(_meaning(tally, variants[Leads.TRIGGER], seeing))),
    )


def _meaning(tally: Tally, rules: RuleSet, seeing: Seeing) -> Resolution:
    return decide(rules, parts_of(tally.signals, context_of(tally, seeing.clinic_ids), rules))
