"""What the engine works on: rules, reasons, precedence, and what it answers. No database, no clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from scheduling.mapping.specificity import RuleIndex
from scheduling.mapping.vocabulary import Leads
from scheduling.vocabulary import EventKind, Initiator, MappingOutcome, SetBy, Status

# Statuses under which a visit was lost; only these can reopen recovery work.
LOST = frozenset({Status.CANCELLED, Status.BUMPED, Status.MISSED, Status.LEFT_UNSEEN})


class MappingContext(NamedTuple):
    """Where a message comes from; ``clinic_id`` is None where the clinic is unsaid or unknown."""

    source_id: int
    clinic_id: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What one combination of signals means.

    Each signal is matched exactly (``""`` = the message must say nothing) or, None, not at all; ``note`` is a
    pattern (see ``specificity.note_matches``). ``kind`` None takes the trigger's; ``status`` None keeps the status
    the appointment has; ``initiator_by_reason`` asks the source's reasons who cancelled.
    """

    id: int
    trigger: str | None = None
    filler_status: str | None = None
    event_reason: str | None = None
    appointment_reason: str | None = None
    appointment_type: str | None = None
    resource_status: str | None = None
    note: str | None = None
    clinic_id: int | None = None
    kind: EventKind | None = None
    status: Status | None = None
    initiator: Initiator | None = None
    initiator_by_reason: bool = False
    set_by: SetBy = SetBy.PERSON
    reopens: bool = True
    suppresses: bool = False
    counts_as_missed: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError for a rule that states no signal: it would give every message one meaning."""
        if all(part is None for part in self.parts):
            raise ValueError("A mapping rule must state at least one signal.")

    @property
    def parts(self) -> tuple[str | None, ...]:
        """The seven signals as stated, in the order of ``Signals``."""
        return (
            self.trigger,
            self.filler_status,
            self.event_reason,
            self.appointment_reason,
            self.appointment_type,
            self.resource_status,
            self.note,
        )

    @property
    def is_about_trigger(self) -> bool:
        """Whether it says what a trigger means by itself: nothing else is stated but absence."""
        return bool(self.trigger) and not any(self.parts[1:])


class Reason(NamedTuple):
    """What a source's reason code adds to a cancelled or missed visit."""

    code: str
    initiator: Initiator = Initiator.UNKNOWN
    reopens: bool = True
    suppresses: bool = False
    counts_as_missed: bool = False
    set_by: SetBy = SetBy.PERSON


class Tried(NamedTuple):
    """One rule that was considered and, in a sentence, why it won or lost; codes only, no note text."""

    rule_id: int
    won: bool
    why: str


class Resolution(NamedTuple):
    """What signals mean. Everything but MAPPED is held, and then every meaning is None (I4).

    ``status`` None on a MAPPED resolution means *keep*: the event says nothing about the status, so the fold leaves
    the status it has, and an appointment that has none stays without. ``rule_id`` is the rule that decided;
    ``rivals`` are the rules between which nothing could be decided. ``tried`` is filled by ``explain`` alone.
    """

    outcome: MappingOutcome
    kind: EventKind | None = None
    status: Status | None = None
    initiator: Initiator | None = None
    set_by: SetBy | None = None
    reopens: bool = False
    suppresses: bool = False
    counts_as_missed: bool = False
    reason_unknown: bool = False
    rule_id: int | None = None
    rivals: tuple[int, ...] = ()
    tried: tuple[Tried, ...] = ()


class RuleSet:
    """One source's published rules, compiled for look-up. Immutable; the order of ``rules`` never matters.

    ``precedence`` maps (clinic id or None, trigger or "" for every trigger) to what leads on a contradiction.
    """

    __slots__ = ("index", "precedence", "reasons", "rules", "source_id")

    def __init__(
        self,
        source_id: int,
        rules: Iterable[Rule] = (),
        reasons: Iterable[Reason] = (),
        precedence: Mapping[tuple[int | None, str], Leads] | None = None,
    ) -> None:
        self.source_id = source_id
        self.rules = tuple(sorted(rules, key=lambda rule: rule.id))
        self.reasons = {reason.code: reason for reason in reasons}
        self.precedence = dict(precedence or {})
        self.index = RuleIndex(self.rules)

    def leader(self, clinic_id: int | None, trigger: str) -> Leads:
        """What leads when a status contradicts this trigger: the clinic's word before the source's."""
        for key in ((clinic_id, trigger), (clinic_id, ""), (None, trigger), (None, "")):
            if key in self.precedence:
                return self.precedence[key]
        return Leads.NEITHER
