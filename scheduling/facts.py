"""What a reader makes of one message: source-neutral facts, no database, no clock.

Texts: ``None`` = the message does not say, ``""`` = it says "no value" (HL7's ``""``), else the value, stripped.
Times: aware UTC datetimes; a field's name in ``cleared`` marks an explicit null of a field that is no text.
Facts never change once they are made: readers keep some and give the same object to every message that repeats it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo


class Signals(NamedTuple):
    """The tuple that status mapping is decided on (DESIGN section 6); empty string = not said."""

    trigger: str = ""
    filler_status: str = ""
    event_reason: str = ""
    appointment_reason: str = ""
    appointment_type: str = ""
    resource_status: str = ""
    note: str = ""


NO_SIGNALS = Signals()
NOTHING_CLEARED: frozenset[str] = frozenset()


class Problem(NamedTuple):
    """Something a reader could not take at face value.

    ``kind`` is a short stable word (``ambiguous_local_time``, ``impossible_local_time``, ``bad_time``,
    ``times_disagree``, ``bad_charset``, ``batch_count``, ``shifted_segment`` …); ``field`` the field's own name
    (``SCH-11``); ``raw`` the raw value, which may hold patient data and is never logged.
    """

    kind: str
    field: str
    raw: str = ""


class ContactPointFact(NamedTuple):
    """One way to reach a patient. ``system`` phone|email|other; ``use`` home|work|mobile|temp|old|""."""

    system: str
    value: str
    use: str = ""
    rank: int | None = None
    ends_on: date | None = None


class PatientFact(NamedTuple):
    """What one message states about one patient.

    HL7 v2 messages and CSV rows that repeat a patient in the same raw text give the same object while their reader
    keeps it (`scheduling.readers.keeping`), so what is made of a fact may be kept by its identity, next to the fact.

    ``phones_home``/``phones_work`` are whole lists: a stated list replaces the one before; ``None`` = not stated.
    ``merged_from`` are (authority, id) pairs that this patient survives (MRG, FHIR link replaced-by turned round).
    """

    authority: str
    mrn: str
    identifiers: tuple[tuple[str, str, str], ...] = ()  # (authority, type, id), the MRN not repeated
    family: str | None = None
    given: str | None = None
    born_on: date | None = None
    sex: str | None = None
    language: str | None = None
    zone: str | None = None
    phones_home: tuple[ContactPointFact, ...] | None = None
    phones_work: tuple[ContactPointFact, ...] | None = None
    died: bool | None = None  # PID-30, deceasedBoolean, or True where a date is given
    died_at: datetime | None = None
    publicity: str | None = None  # PD1-11
    protection: str | None = None  # PD1-12 Y/N
    vip: str | None = None  # PV1-16, meta.security
    portal: str | None = None  # active|inactive, from an import column or extension
    duplicate_of: str | None = None  # PD1-10 or FHIR link seealso
    consents: tuple[tuple[str, str, bool], ...] = ()  # (channel, topic, allowed)
    guardian: str | None = None
    merged_from: tuple[tuple[str, str], ...] = ()
    cleared: frozenset[str] = NOTHING_CLEARED


class AppointmentFact(NamedTuple):
    """What one message states about one appointment.

    ``external_id`` under ``namespace`` with ``occurrence`` names it, chosen by the feed's ``appointment_id`` setting
    from the candidates; an empty ``external_id`` means the message names none.
    """

    external_id: str
    namespace: str = ""
    occurrence: str = ""
    placer_id: str = ""
    signals: Signals = NO_SIGNALS
    starts_at: datetime | None = None
    minutes: int | None = None  # duration
    clinic_code: str | None = None
    room: str | None = None
    resource: str | None = None  # what the slot belongs to: provider id, else room or equipment id
    provider_code: str | None = None
    provider_name: str | None = None
    visit_type: str | None = None  # code
    visit_type_name: str | None = None
    reason_text: str | None = None
    patient: tuple[str, str] | None = None  # (authority, mrn)
    cleared: frozenset[str] = NOTHING_CLEARED


@dataclass(slots=True)
class SlotFact:
    """A stretch of a provider template: opened or blocked. ``status`` open|held|taken|blocked."""

    resource: str
    starts_at: datetime
    minutes: int
    status: str
    clinic_code: str | None = None
    provider_code: str | None = None
    visit_type: str | None = None
    external_id: str = ""


@dataclass(slots=True)
class Reading:
    """One message, read. ``trigger`` S12, A08, Appointment, row …; ``source_at`` when the source says it happened.

    ``further_patients`` are the other survivors of a message that merges several patients; appointments are never
    theirs.
    """

    control_id: str
    trigger: str
    source_at: datetime | None
    sequence: int | None = None
    appointments: list[AppointmentFact] = field(default_factory=list)
    patient: PatientFact | None = None
    slots: list[SlotFact] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    further_patients: tuple[PatientFact, ...] = ()


@dataclass(slots=True, frozen=True)
class ReaderContext:
    """What a reader may know: zones and the feed's own settings. Times without a zone are the clinic's.

    ``clinic_zones`` maps a clinic code to its zone; where the code is unknown or unsaid, ``zone`` (the source's).
    ``profile`` is the feed's settings: ``appointment_id`` (order of SCH-1|SCH-2|SCH-26 …), ``csv`` (columns,
    formats), ``seconds_units`` …; every key has a default, so ``{}`` reads. ``compiled`` is the readers' own: what they
    made of the profile, so that it is made once a batch and not once a message.
    """

    zone: ZoneInfo
    clinic_zones: Mapping[str, ZoneInfo] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)
    compiled: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


class UnreadableMessageError(Exception):
    """The message cannot be read at all. ``reason`` is a stable word, the text a sentence without patient data."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
