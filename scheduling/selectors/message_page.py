"""What the message page prints: the raw text, what the reader makes of it, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Clinic
from config.web import times
from config.web.masking import Part
from scheduling.digestion.context import FeedContext, load_feeds
from scheduling.facts import AppointmentFact, Reading, UnreadableMessageError
from scheduling.models import Feed, MappedEvent, Message, Receipt
from scheduling.patients.merge import stated
from scheduling.readers.registry import READERS
from scheduling.selectors.message_lines import Lines, csv_cells, message_lines
from scheduling.selectors.patient_facts import stated_words
from scheduling.selectors.timeline import TimelineEntry, entries_of
from scheduling.selectors.words import OUTCOME_TONES, OUTCOME_WORDS, problem_words
from scheduling.sql.cursors import server_cursor
from scheduling.vocabulary import FeedFormat, MappingOutcome, Outcome

EXPLAINER = "scheduling.readers.fhir.explain"  # its models take a quarter of a second to load
MOST_EVENTS = 20
# Kinds of events in words; another one stands as it came.
TRIGGER_WORDS = {
    "S12": "New appointment (S12)", "S13": "Rescheduled (S13)", "S14": "Changed (S14)", "S15": "Cancelled (S15)",
    "S16": "Discontinued (S16)", "S17": "Deleted (S17)", "S26": "Did not come (S26)",
    "row": "A row of an extract", "vanished": "No longer in a full extract", "Appointment": "FHIR Appointment",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fate:
    """Where a message ended: its outcome, why, and the rows it left."""

    outcome: Outcome
    events: list[MappedEvent]
    receipt: Receipt | None

    @property
    def tone(self) -> str:
        """Trouble is marked, the normal is silent."""
        return OUTCOME_TONES.get(self.outcome, "")

    @property
    def sentence(self) -> str:
        """Why it ended there."""
        said = self.receipt.sentence if self.receipt else ""
        return said or OUTCOME_WORDS[self.outcome]

    @property
    def event_ids(self) -> list[int]:
        """Row ids of the events it left."""
        return [event.pk for event in self.events]

    @property
    def patients(self) -> list[int]:
        """Row ids of the patients it speaks of."""
        ids = {event.patient_id for event in self.events} | {self.receipt.patient_id if self.receipt else None}
        return sorted(pk for pk in ids if pk is not None)


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Everything the page prints. ``cells`` are of a CSV row, else None."""

    message: Message
    zone: ZoneInfo
    fate: Fate
    lines: Lines
    cells: list[tuple[str, Part]] | None
    facts: list[tuple[str, str]]
    read: list[tuple[str, str]]
    problems: list[str]
    skipped: list[str]
    faults: list[str]
    entries: list[TimelineEntry]
    is_open: bool
    is_unread: bool = False
    neighbours: dict[str, int] = field(default_factory=dict)
    repeats: int | None = None


def fate_of(message: Message) -> Fate:
    """What became of a message; at most three queries, each by its id."""
    events = list(
        MappedEvent.objects.filter(message=message, received_at=message.received_at)
        .select_related("appointment", "patient")
        .order_by("part")[:MOST_EVENTS]
    )
    receipt = Receipt.objects.select_related("patient").filter(pk=message.pk).first()
    if receipt is not None:
        return Fate(Outcome(receipt.outcome), events, receipt)
    if events:
        return Fate(Outcome(events[0].outcome), events, None)
    return Fate(Outcome.WAITING, [], None)


def message_page(message: Message, fate: Fate, *, user: Any, is_open: bool, now: datetime) -> MessagePage:
    """Fill the page; the reader runs for display only, with the feed's settings of today.

    A message may speak of visits of several clinics: what became of each is told as far as the person may see it.
    """
    context = feed_context(message.feed)
    body = bytes(message.body)
    zone = _zone(fate, context)
    reading, fault = _read(body, context)
    is_csv = context.format is FeedFormat.CSV
    return MessagePage(
        message,
        zone,
        fate,
        message_lines(body, context.format, culprits=_culprits(fate), is_open=is_open),
        csv_cells(body, context.reader.profile, is_open=is_open) if is_csv else None,
        _facts(message, reading, zone, now),
        _read_facts(reading, zone, now) if reading else [],
        list(dict.fromkeys(problem_words(problem.kind, problem.field) for problem in reading.problems))
        if reading
        else [],
        list(dict.fromkeys(reading.skipped)) if reading else [],
        _faults(body, context, fate, fault),
        _entries(fate, message, user),
        is_open,
        reading is None,
        _neighbours(message, user),
        _original(message) if fate.outcome is Outcome.DUPLICATE else None,
    )


def feed_context(feed: Feed) -> FeedContext:
    """The feed as digestion sees it."""
    with transaction.atomic(), server_cursor() as cursor:
        return load_feeds(cursor, [feed.pk])[feed.pk]


def _zone(fate: Fate, context: FeedContext) -> ZoneInfo:
    clinic_id = fate.events[0].appointment.clinic_id if fate.events else None
    clinic = Clinic.objects.filter(pk=clinic_id).first() if clinic_id else None
    return clinic.zone if clinic else context.reader.zone


def _read(body: bytes, context: FeedContext) -> tuple[Reading | None, str]:
    try:
        return READERS[context.format](body, context.reader), ""
    except UnreadableMessageError as error:
        return None, error.sentence


def _culprits(fate: Fate) -> frozenset[str]:
    """Raw values that stand in the way; they are underlined where they stand."""
    held = [event for event in fate.events if event.mapping != MappingOutcome.MAPPED]
    return frozenset(value for event in held for value in (event.filler_status, event.event_reason) if value)


def _faults(body: bytes, context: FeedContext, fate: Fate, fault: str) -> list[str]:
    """What is wrong with it, in sentences; of a FHIR resource with the path of each fault."""
    if fate.outcome is not Outcome.REJECTED and not fault:
        return []
    found: list[str] = list(import_module(EXPLAINER).explain(body)) if context.format is FeedFormat.FHIR else []
    return [sentence for sentence in found or [fault] if sentence and sentence != fate.sentence]


def _facts(message: Message, reading: Reading | None, zone: ZoneInfo, now: datetime) -> list[tuple[str, str]]:
    feed = message.feed
    facts = [
        ("Feed", f"{feed}, {feed.source}"),
        ("Received", times.both(message.received_at, zone, now)),
        ("Source said it", _moment(reading, zone, now)),
        ("Control id", message.control_id or "none given"),
        ("Came by", f"{message.get_transport_display()}, {feed.get_format_display()}, {len(message.body):,} bytes"),
    ]
    if message.extract is not None:
        taken = times.clock(message.extract.taken_at, zone, now)
        facts.append(("Part of", f"A full extract of {message.extract.rows:,} rows, taken {taken}"))
    return facts


def _moment(reading: Reading | None, zone: ZoneInfo, now: datetime) -> str:
    if reading is None or reading.source_at is None:
        return "Not said; the time of receipt stands in"
    return times.both(reading.source_at, zone, now)


def _read_facts(reading: Reading, zone: ZoneInfo, now: datetime) -> list[tuple[str, str]]:
    """Which fields the reader took; of the patient only which aspects, not their values."""
    facts = [("Event", TRIGGER_WORDS.get(reading.trigger, reading.trigger) or "none")]
    for fact in reading.appointments[:MOST_EVENTS]:
        facts += _appointment_facts(fact, zone, now)
    if reading.patient is not None:
        aspects = stated_words(stated(reading.patient))
        facts.append(("Patient", f"States {aspects}" if aspects else "Named, nothing stated"))
        for survivor in (reading.patient, *reading.further_patients):
            if survivor.merged_from:
                facts.append(("Merge", f"Survives {_counted(len(survivor.merged_from), 'other record')}"))
        if reading.patient.consents:
            facts.append(("Consent", _counted(len(reading.patient.consents), "statement")))
    if reading.slots:
        facts.append(("Slots", f"{len(reading.slots)} stated"))
    return facts


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _appointment_facts(fact: AppointmentFact, zone: ZoneInfo, now: datetime) -> list[tuple[str, str]]:
    said: Sequence[tuple[str, object]] = (
        ("Appointment", f"{fact.external_id or 'not named'} {fact.occurrence}".strip()),
        ("Starts", times.clock(fact.starts_at, zone, now) if fact.starts_at else None),
        ("Length", f"{fact.minutes} min" if fact.minutes else None),
        ("Clinic code", fact.clinic_code),
        ("Provider", fact.provider_code),
        ("Visit type", fact.visit_type),
        ("Emptied", ", ".join(sorted(fact.cleared)) or None),
    )
    return [(label, str(value)) for label, value in said if value]


def _entries(fate: Fate, message: Message, user: Any) -> list[TimelineEntry]:
    """The events in the person's scope; where one is about a restricted patient, only event and status of each."""
    seen = set(MappedEvent.objects.visible_to(user).filter(pk__in=fate.event_ids).values_list("pk", flat=True))
    events = [event for event in fate.events if event.pk in seen]
    is_masked = any(event.patient is not None and event.patient.is_restricted for event in events)
    return entries_of(events, message.feed.source_id, is_masked=is_masked)


def _neighbours(message: Message, user: Any) -> dict[str, int]:
    """The messages of the same feed stored just before and after this one, where the person may open them."""
    feed = Message.objects.filter(feed_id=message.feed_id)
    before = feed.filter(pk__lt=message.pk).order_by("-pk").values_list("pk", flat=True).first()
    after = feed.filter(pk__gt=message.pk).order_by("pk").values_list("pk", flat=True).first()
    seen = set(Message.objects.filter(pk__in=[before, after]).visible_to(user).values_list("pk", flat=True))
    return {name: pk for name, pk in (("before", before), ("after", after)) if pk in seen}


def _original(message: Message) -> int | None:
    """The message that this one repeats: same feed, control id and bytes, received first."""
    same = Message.objects.filter(
        feed_id=message.feed_id, control_hash=message.control_hash, digest=message.digest
    ).exclude(pk=message.pk)
    return same.order_by("received_at", "pk").values_list("pk", flat=True).first()
