"""What signals and their meanings are called on the mapping pages."""

from collections.abc import Iterable
from typing import NamedTuple

from scheduling.mapping.rules import Resolution
from scheduling.vocabulary import EventKind, Initiator, MappingOutcome, SetBy, Status

# Short, for columns; long, for forms and panes.
SHORT = ("Event", "Status", "Reason", "Purpose", "Type", "Resource", "Note")
LONG = (
    "Event", "Status of the visit", "Reason of the event", "Purpose of the visit", "Type of the visit",
    "Status of a resource", "Note",
)  # fmt: skip
OUTCOMES = {
    MappingOutcome.UNMAPPED: ("Unmapped", "not said"),
    MappingOutcome.AMBIGUOUS: ("Ambiguous", "rules disagree"),
    MappingOutcome.CONFLICT: ("Conflict", "status against event"),
    MappingOutcome.MAPPED: ("Mapped", ""),
}


class MeaningWords(NamedTuple):
    """A meaning in a word, and what it adds."""

    word: str
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ", ".join((self.word, *self.also))


def meaning_words(meaning: Resolution) -> MeaningWords:
    """A meaning as people say it; what has none says why."""
    if meaning.outcome is not MappingOutcome.MAPPED:
        return MeaningWords(OUTCOMES[meaning.outcome][1])
    kind = meaning.kind
    if meaning.status is None:
        return MeaningWords(
            "Keeps the status" if kind in (None, EventKind.CHANGED) else str(kind.label), _also(meaning)
        )
    word = str(Status(meaning.status).label)
    if meaning.status is Status.CANCELLED and meaning.initiator not in (None, Initiator.UNKNOWN):
        word = f"{word} by {str(Initiator(meaning.initiator).label).lower()}"
    moved = ("moved",) if kind is EventKind.RESCHEDULED else ()
    return MeaningWords(word, (*moved, *_also(meaning)))


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
    return [(label, value) for label, value in zip(LONG, signals, strict=False) if value]


def rule_words(parts: Iterable[str | None]) -> str:
    """A rule's signals in a line: "S15, status ZZ9, no reason"."""
    words = []
    for label, part in zip(SHORT, parts, strict=True):
        if part is None:
            continue
        if part == "":
            words.append(f"no {label.lower()}")
        else:
            words.append(part if label == "Event" else f"{label.lower()} {part}")
    return ", ".join(words)
