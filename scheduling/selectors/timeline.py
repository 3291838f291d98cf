"""The timeline of one appointment: every event with its raw signals, and why it means what it means."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scheduling.facts import Signals
from scheduling.mapping.explain import explain
from scheduling.mapping.loading import SourceRules, load_rules
from scheduling.mapping.rules import MappingContext, Tried
from scheduling.models import Appointment, MappedEvent, MappingRevision, MappingRule, Message, Receipt
from scheduling.selectors.words import OUTCOME_TONES, lag_words, problem_words, status_note
from scheduling.vocabulary import EventKind, MappingOutcome, Outcome, Status

MOST_EVENTS = 100
MOST_TRIED = 6
SIGNAL_WORDS = (
    ("trigger", "event"),
    ("filler_status", "status"),
    ("event_reason", "reason"),
    ("appointment_reason", "purpose"),
    ("appointment_type", "type"),
    ("resource_status", "resource"),
)
_WHY_HELD = {
    MappingOutcome.UNMAPPED: "No rule fits, so it is held.",
    MappingOutcome.AMBIGUOUS: "Two rules fit equally well and disagree, so it is held.",
    MappingOutcome.CONFLICT: "Its status contradicts its event, so it is held.",
}


@dataclass(frozen=True, slots=True)
class Signal:
    """One raw value as the source wrote it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Why:
    """What decided: a sentence, the revision it stands in, and the rules that came close."""

    sentence: str
    revision: MappingRevision | None = None
    rule: int | None = None
    tried: tuple[Tried, ...] = ()


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event. ``repeats`` are the messages that only repeated it."""

    event: MappedEvent
    what: str
    note: str
    outcome: str
    tone: str
    lag: str
    signals: list[Signal]
    has_note: bool
    why: Why
    changes: list[str]
    problems: list[str]
    repeats: list[int] = field(default_factory=list)

    @property
    def source_at(self) -> datetime:
        """When the source said it."""
        return self.event.source_at


@dataclass(frozen=True, slots=True)
class ShortEntry:
    """One event as the pane beside a list tells it."""

    source_at: datetime
    what: str
    outcome: str
    tone: str
    lag: str


def short_timeline_of(appointment: Appointment, *, limit: int) -> list[ShortEntry]:
    """The newest events first, without signals and rules; one query."""
    events = MappedEvent.objects.filter(appointment=appointment).order_by("-order_key")[:limit]
    return [
        ShortEntry(
            event.source_at,
            what_words(event),
            str(Outcome(event.outcome).label),
            OUTCOME_TONES.get(Outcome(event.outcome), ""),
            lag_words(event.source_at, event.received_at),
        )
        for event in events
    ]


def timeline_of(appointment: Appointment, *, limit: int = MOST_EVENTS, is_masked: bool = False) -> list[TimelineEntry]:
    """The newest events first, at most ``limit``; seven queries whatever their number."""
    events = list(MappedEvent.objects.filter(appointment=appointment).order_by("-order_key")[:limit])
    return entries_of(events, appointment.source_id, is_masked=is_masked)


def entries_of(events: Sequence[MappedEvent], source_id: int, *, is_masked: bool = False) -> list[TimelineEntry]:
    """Timeline entries of events of one source, in the order given; of a restricted patient without the visit."""
    rules = _rule_facts(events)
    repeats = _repeats(events)
    held = [event for event in events if event.mapping != MappingOutcome.MAPPED]
    published = load_rules([source_id])[source_id] if held else SourceRules(source_id)
    return [
        TimelineEntry(
            event,
            what_words(event),
            status_note(event.initiator, event.set_by, event.status),
            str(Outcome(event.outcome).label),
            OUTCOME_TONES.get(Outcome(event.outcome), ""),
            lag_words(event.source_at, event.received_at),
            signals_of(event, is_masked=is_masked),
            bool(event.note),
            _why(event, rules, published),
            _changes(event),
            problems_of(event),
            repeats.get(event.message_id, []),
        )
        for event in events
    ]


def what_words(event: MappedEvent) -> str:
    """What the event says happened, in our words; a held one says only that it is held."""
    if event.mapping != MappingOutcome.MAPPED:
        return str(MappingOutcome(event.mapping).label)
    kind = str(EventKind(event.kind).label) if event.kind else "Told something"
    status = str(Status(event.status).label) if event.status else ""
    return kind if not status or status == kind else f"{kind}, {status.lower()}"


def signals_of(event: MappedEvent, *, is_masked: bool = False) -> list[Signal]:
    """The raw signals that were said; never the note, which may name somebody. Masked: only event and status."""
    names = SIGNAL_WORDS[:2] if is_masked else SIGNAL_WORDS
    return [Signal(label, getattr(event, name)) for name, label in names if getattr(event, name)]


def _rule_facts(events: Iterable[MappedEvent]) -> dict[int, MappingRule]:
    ids = {event.rule for event in events if event.rule}
    return MappingRule.objects.select_related("revision__source").in_bulk(ids) if ids else {}


def _why(event: MappedEvent, rules: dict[int, MappingRule], published: SourceRules) -> Why:
    if event.mapping == MappingOutcome.MAPPED:
        rule = rules.get(event.rule) if event.rule else None
        if rule is None:
            return Why("Mapped by the event alone.")
        return Why(f"Rule {rule.pk} of revision {rule.revision.number}", rule.revision, rule.pk)
    return Why(_WHY_HELD[MappingOutcome(event.mapping)], tried=tried_of(event, published))


def tried_of(event: MappedEvent, published: SourceRules) -> tuple[Tried, ...]:
    """The rules that came close to a held event, under what is in force for its source time."""
    rules, _ = published.at(event.source_at)
    signals = Signals(*(getattr(event, name) for name in Signals._fields))
    explained = explain(signals, MappingContext(published.source_id, event.clinic_id), rules)
    triggers = {rule.id: rule.trigger for rule in rules.rules}
    close = [tried for tried in explained.tried if tried.won or triggers[tried.rule_id] in {None, event.trigger}]
    return tuple(sorted(close, key=lambda tried: not tried.won)[:MOST_TRIED])


def _changes(event: MappedEvent) -> list[str]:
    """Which other facts the message stated."""
    stated = [
        ("start", event.starts_at),
        ("length", event.minutes),
        ("clinic", event.clinic_code),
        ("room", event.room),
        ("provider", event.provider_code or event.provider_name),
        ("visit type", event.visit_type),
        ("patient", event.patient_id),
    ]
    emptied = [f"emptied {name.replace('_', ' ')}" for name in (event.cleared or "").split(",") if name]
    return [name for name, value in stated if value] + emptied


def problems_of(event: MappedEvent) -> list[str]:
    """What the reader could not take at face value."""
    found = event.problems or {}
    words = [problem_words(kind, place) for kind, place in found.get("kinds", [])]
    return list(dict.fromkeys(words))


def _repeats(events: Sequence[MappedEvent]) -> dict[int, list[int]]:
    """Messages that repeated those of the events, by the id of the message they repeat; two queries."""
    ids = {event.message_id for event in events}
    hashes = {
        (feed_id, control_hash): pk
        for pk, feed_id, control_hash in Message.objects.filter(pk__in=ids)
        .exclude(control_hash=0)
        .values_list("pk", "feed_id", "control_hash")
    }
    repeats: dict[int, list[int]] = defaultdict(list)
    if not hashes:
        return repeats
    copies = Message.objects.filter(
        feed_id__in={feed_id for feed_id, _ in hashes}, control_hash__in={control for _, control in hashes}
    ).exclude(pk__in=ids)
    duplicates = Receipt.objects.filter(message__in=copies, outcome=Outcome.DUPLICATE)
    for pk, feed_id, control_hash in duplicates.values_list("message_id", "feed_id", "message__control_hash"):
        if (feed_id, control_hash) in hashes:
            repeats[hashes[feed_id, control_hash]].append(pk)
    return repeats
