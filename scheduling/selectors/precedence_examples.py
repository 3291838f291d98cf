"""Messages whose status contradicts their event, and what each choice of a leader would make of them."""

from collections import Counter
from dataclasses import dataclass, field

from scheduling.facts import Signals
from scheduling.mapping.resolve import decide, parts_of
from scheduling.mapping.rules import Resolution, RuleSet
from scheduling.mapping.vocabulary import Leads
from scheduling.selectors.seen_signals import Seeing, Tally, context_of
from scheduling.selectors.signal_words import meaning_words, stated
from scheduling.vocabulary import MappingOutcome

EXAMPLES = 5
LEADING = (Leads.STATUS, Leads.TRIGGER)


@dataclass(frozen=True, slots=True)
class Example:
    """One contradicting combination: its signals, how often, and what it means when each of the two leads."""

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
    combinations: int = 0
    events: int = 0
    examples: list[Example] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many combinations are not among the examples."""
        return self.combinations - len(self.examples)


def contradictions(seeing: Seeing, rules: RuleSet) -> list[Contradiction]:
    """Triggers of one source that contradict their statuses in what the person sees, those with most events first."""
    variants = {
        leads: RuleSet(rules.source_id, rules.rules, rules.reasons.values(), {(None, ""): leads}) for leads in Leads
    }
    # Clinic codes of the same signals count together, as in the workbench, unless a clinic has rules of its own.
    events: Counter[tuple[Signals, str, str]] = Counter()
    newest: dict[tuple[Signals, str, str], int] = {}
    for tally in (tally for row in seeing.seen if row.source_id == rules.source_id for tally in row.tallies):
        if _meaning(tally, variants[Leads.NEITHER], seeing).outcome is not MappingOutcome.CONFLICT:
            continue
        by_status, by_trigger = (str(meaning_words(_meaning(tally, variants[leads], seeing))) for leads in LEADING)
        key = (tally.signals, by_status, by_trigger)
        events[key] += tally.events
        newest[key] = max(newest.get(key, 0), tally.newest_message)
    found: dict[str, Contradiction] = {}
    for key, count in events.most_common():
        signals, by_status, by_trigger = key
        one = found.setdefault(signals.trigger, Contradiction(signals.trigger, rules.leader(None, signals.trigger)))
        one.combinations += 1
        one.events += count
        if len(one.examples) < EXAMPLES:
            one.examples.append(Example(newest[key], stated(signals), count, by_status, by_trigger))
    return sorted(found.values(), key=lambda one: -one.events)


def _meaning(tally: Tally, rules: RuleSet, seeing: Seeing) -> Resolution:
    return decide(rules, parts_of(tally.signals, context_of(tally, seeing.clinic_ids), rules))
