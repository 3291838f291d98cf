"""The shape of a dialect: rows that tie one truth to the signals a source sends for it and to what they mean."""

from typing import NamedTuple

from scheduling.simulator.reasons import REASONS
from scheduling.vocabulary import EventKind, FeedFormat, Initiator, SetBy, Status

NORTHSIDE, HARBOR, ELM = "northside", "harbor", "elm"
IMAGING = "imaging"  # Northside's imaging departments run an older module with habits of their own


class Code(NamedTuple):
    """One way to say one thing; ``reason`` is a key of ``REASONS`` or "", ``trait`` limits it to some clinics."""

    source: str
    kind: EventKind
    status: Status | None
    trigger: str
    filler_status: str = ""
    event_reason: str = ""
    event_reason_text: str = ""
    resource_status: str = ""
    reason: str = ""
    trait: str = ""
    initiator: Initiator | None = None
    set_by: SetBy = SetBy.PERSON
    reopens: bool = False
    suppresses: bool = False
    counts_as_missed: bool = False


class Odd(NamedTuple):
    """Signals that replace a message's own when a fault is injected; ``trigger`` "" keeps the message's trigger."""

    kinds: frozenset[EventKind]
    filler_status: str
    event_reason: str = ""
    resource_status: str = ""
    trigger: str = ""


class Dialect(NamedTuple):
    """A source's habits: its format, its codes, the codes nobody told us about and how it contradicts itself."""

    source: str
    format: FeedFormat
    codes: tuple[Code, ...]
    unknown: tuple[Odd, ...]
    contradictions: tuple[Odd, ...]


def reasoned(
    source: str, trigger: str, filler_status: str, words: dict[str, tuple[str, str]], resource_status: str = ""
) -> tuple[Code, ...]:
    """Cancellation rows: one per truth reason, with the source's own code and text for it."""
    return tuple(
        Code(
            source,
            REASONS[reason].kind,
            Status.BUMPED if REASONS[reason].kind is EventKind.BUMPED else Status.CANCELLED,
            trigger,
            filler_status,
            code,
            text,
            resource_status,
            reason,
            initiator=REASONS[reason].initiator,
            reopens=REASONS[reason].reopens,
            suppresses=REASONS[reason].suppresses,
        )
        for reason, (code, text) in words.items()
    )
