"""Read and map what was claimed; every message ends as facts, a duplicate or a reject, never as an error."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scheduling.digestion.claim import Claimed
from scheduling.digestion.context import FeedContext
from scheduling.digestion.meaning import meaning_of
from scheduling.facts import AppointmentFact, PatientFact, Problem, Reading, UnreadableMessageError
from scheduling.folding.change import ArrivalFact
from scheduling.folding.order import order_key
from scheduling.folding.state import FoldEvent
from scheduling.readers.registry import READERS
from scheduling.vocabulary import MessageKind, Outcome

# Reader problems after which a message about a patient is about nobody.
UNNAMED_PATIENT = frozenset({"no_patient_id", "no_pid"})
# Reader problems that make the start of a visit uncertain; the fold holds the visit for them.
BAD_START = frozenset({"ambiguous_local_time", "impossible_local_time"})

AppointmentKey = tuple[int, str, str, str]  # source, namespace, external id, occurrence
PatientKey = tuple[int, str, str]  # source, authority, MRN


@dataclass(slots=True)
class MappedFact:
    """One appointment fact of one message, mapped."""

    message: "ReadMessage"
    part: int
    fact: AppointmentFact
    event: FoldEvent
    rule_id: int | None
    revision_id: int | None


@dataclass(slots=True)
class ReadMessage:
    """One claimed message and what became of it; ``outcome`` stays empty while an event row will tell."""

    claimed: Claimed
    feed: FeedContext
    source_at: datetime
    key: bytes
    reading: Reading | None = None
    mapped: list[MappedFact] = field(default_factory=list)
    kind: MessageKind = MessageKind.NOTHING
    outcome: str = ""
    reason: str = ""
    sentence: str = ""


def read_messages(claimed: Iterable[Claimed], feeds: Mapping[int, FeedContext]) -> list[ReadMessage]:
    """Read each message with its feed's reader; what cannot be read is a reject with its reason."""
    messages = []
    for item in claimed:
        feed = feeds[item.feed_id]
        message = ReadMessage(item, feed, item.received_at, b"")
        messages.append(message)
        if item.repeats:
            message.outcome = Outcome.DUPLICATE
            continue
        try:
            reading = READERS[feed.format](item.body, feed.reader)
        except UnreadableMessageError as error:
            message.outcome, message.reason, message.sentence = Outcome.REJECTED, error.reason, error.sentence
            continue
        message.reading = reading
        message.source_at = reading.source_at or item.received_at
        message.key = order_key(message.source_at, reading.sequence, item.control_id, item.digest)
        _name_kind(message, reading)
    return messages


def _name_kind(message: ReadMessage, reading: Reading) -> None:
    for fact in reading.appointments:
        if fact.external_id:
            message.kind = MessageKind.APPOINTMENT
            return
    if reading.appointments:
        message.outcome, message.reason = Outcome.REJECTED, "no_appointment_id"
        message.sentence = "The message is about an appointment, but names none in the fields this feed is read by."
    elif reading.patient is not None:
        message.kind = MessageKind.PATIENT
    elif reading.slots:
        message.kind = MessageKind.SLOT
    elif any(problem.kind in UNNAMED_PATIENT for problem in reading.problems):
        message.outcome, message.reason = Outcome.REJECTED, "no_patient_id"
        message.sentence = "The message is about a patient, but names no record in the fields this feed is read by."


def map_facts(message: ReadMessage, patient_ids: Mapping[PatientKey, int]) -> None:
    """Map every appointment fact of a message that was read; fills ``message.mapped``."""
    reading = message.reading
    if reading is None or message.kind != MessageKind.APPOINTMENT:
        return
    part = 0
    for fact in reading.appointments:
        if fact.external_id:
            message.mapped.append(_mapped(message, part, fact, reading, patient_ids))
            part += 1


def _mapped(
    message: ReadMessage, part: int, fact: AppointmentFact, reading: Reading, patient_ids: Mapping[PatientKey, int]
) -> MappedFact:
    feed, item = message.feed, message.claimed
    clinic_id = feed.clinic_ids.get(fact.clinic_code) if fact.clinic_code else None
    rules, revision_id = feed.rules.at(message.source_at)
    signals = fact.signals
    if signals.note and not rules.index.has_notes:
        signals = signals._replace(note="")
    meaning = meaning_of(rules, signals, clinic_id)
    key = (
        message.key if not part else order_key(message.source_at, reading.sequence, item.control_id, item.digest, part)
    )
    event = FoldEvent(
        key,
        message.source_at,
        item.received_at,
        *meaning.said,
        fact.reason_text,
        meaning.raw,
        fact.starts_at,
        fact.minutes,
        clinic_id,
        fact.clinic_code,
        fact.room,
        fact.resource,
        fact.provider_code,
        fact.provider_name,
        fact.visit_type,
        fact.visit_type_name,
        patient_ids.get((feed.source_id, *fact.patient)) if fact.patient else None,
        fact.cleared,
        bool(reading.problems) and any(problem.kind in BAD_START for problem in reading.problems),
    )
    return MappedFact(message, part, fact, event, meaning.rule_id, revision_id)


def appointment_key(message: ReadMessage, fact: AppointmentFact) -> AppointmentKey:
    """What names the appointment of a fact (DESIGN section 13)."""
    return message.feed.source_id, fact.namespace, fact.external_id, fact.occurrence


def patient_key(message: ReadMessage, fact: PatientFact) -> PatientKey:
    """What names a patient record (DESIGN section 13)."""
    return message.feed.source_id, fact.authority, fact.mrn


def patients_of(messages: Iterable[ReadMessage]) -> Iterator[tuple[ReadMessage, PatientFact]]:
    """Each message with the patient it states, once for every one of several."""
    for message in messages:
        reading = message.reading
        if reading is not None and reading.patient is not None:
            yield message, reading.patient
            for further in reading.further_patients:
                yield message, further


def arrival_facts(messages: Iterable[ReadMessage]) -> list[ArrivalFact]:
    """What is to be said about messages themselves: unreadable, control id used for another body, odd fields."""
    facts = []
    for message in messages:
        if message.outcome == Outcome.REJECTED:
            facts.append(arrival(message, "unreadable_message", message.reason))
        if message.claimed.repeats is False:
            facts.append(arrival(message, "control_id_reused", ""))
        if message.reading is not None and message.reading.source_at is None:
            facts.append(arrival(message, "no_source_time", ""))
        problems: Sequence[Problem] = message.reading.problems if message.reading is not None else ()
        facts.extend(
            arrival(message, problem.kind, problem.field) for problem in problems if problem.kind not in BAD_START
        )
    return facts


def arrival(message: ReadMessage, kind: str, raw: str) -> ArrivalFact:
    """One finding about a message; its clinic is that of its first mapped fact."""
    clinic_id = message.mapped[0].event.clinic_id if message.mapped else None
    return ArrivalFact(
        kind,
        message.feed.source_id,
        message.feed.feed_id,
        clinic_id,
        raw,
        message.claimed.message_id,
        message.source_at,
    )
