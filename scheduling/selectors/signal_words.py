"""What signals and their meanings are called on the mapping pages."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from scheduling.mapping.rules import Resolution, Rule
from scheduling.mapping.wording import KEEPS, SIGNAL_NAMES
from scheduling.selectors.held_signals import Held
from scheduling.vocabulary import EventKind, Initiator, MappingOutcome, SetBy, Status

OUTCOMES = {
    MappingOutcome.UNMAPPED: ("Unmapped", "not said"),
    MappingOutcome.AMBIGUOUS: ("Ambiguous", "rules disagree"),
    MappingOutcome.CONFLICT: ("Conflict", "status against event"),
    MappingOutcome.MAPPED: ("Mapped", ""),
}


class MeaningWords(NamedTuple):
    """A meaning in a word, by whom where that is said, and what it adds."""

    word: str
    also: tuple[str, ...] = ()
    by: str = ""

    def __str__(self) -> str:
        return ", ".join((f"{self.word} {self.by}".strip(), *self.also))

    @property
    def below(self) -> str:
        """What stands below the word."""
        return ", ".join(part for part in (self.by, *self.also) if part)


def meaning_words(meaning: Resolution) -> MeaningWords:
    """A meaning as people say it; what has none says why."""
    if meaning.outcome is not MappingOutcome.MAPPED:
        return MeaningWords(OUTCOMES[meaning.outcome][1])
    kind = meaning.kind
    if meaning.status is None:
        return MeaningWords(KEEPS if kind in (None, EventKind.CHANGED) else str(kind.label), _also(meaning))
    moved = ("moved",) if kind is EventKind.RESCHEDULED else ()
    by = by_whom(meaning.status, meaning.initiator)
    return MeaningWords(str(meaning.status.label), (*moved, *_also(meaning)), by)


def by_whom(status: Status | None, initiator: Initiator | None) -> str:
    """Who cancelled, where that is known: "by patient"."""
    if status is not Status.CANCELLED or initiator in (None, Initiator.UNKNOWN):
        return ""
    return f"by {initiator.label.lower()}"


def rival_words(meaning: Resolution, rules: Mapping[int, Rule]) -> MeaningWords:
    """What held signals would mean by each of the rules that cannot agree: "Booked? Cancelled?"."""
    said = [rule_meaning(rules[each]) for each in meaning.rivals if each in rules]
    words = [f"{word}?" for word in dict.fromkeys(said)]
    return MeaningWords(words[0], by=" ".join(words[1:])) if len(words) > 1 else meaning_words(meaning)


def rule_meaning(rule: Rule) -> str:
    """What a rule says in our words: "Cancelled by patient"."""
    if rule.status is None:
        return str(rule.kind.label) if rule.kind else KEEPS
    return f"{rule.status.label} {by_whom(rule.status, rule.initiator)}".strip()


def state_word(meaning: Resolution, held: Held) -> str:
    """How a combination stands: by its meaning, or what is still held although it has one."""
    if meaning.outcome is not MappingOutcome.MAPPED or not held.events:
        return OUTCOMES[meaning.outcome][0]
    return "Older held" if held.older else "Not replayed"


def _also(meaning: Resolution) -> tuple[str, ...]:
    facts = (
        (meaning.set_by is SetBy.TIMER, "set by a timer"),
        (meaning.suppresses, "stops contact"),
        (meaning.counts_as_missed and meaning.status is not Status.MISSED, "counts as missed"),
        (meaning.reason_unknown, "reason not known"),
    )
    return tuple(words for holds, words in facts if holds)


def stated(signals: Iterable[str | None]) -> list[tuple[str, str]]:
    """The signals that say something, each with its label."""
    return [(label, value) for label, value in zip(SIGNAL_NAMES, signals, strict=False) if value]
