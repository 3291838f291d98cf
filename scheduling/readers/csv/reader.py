"""Reads one row of an extract: note, header line and row (see `note` and `envelope`)."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduling.facts import (
    NOTHING_CLEARED,
    AppointmentFact,
    PatientFact,
    Problem,
    ReaderContext,
    Reading,
    Signals,
    UnreadableMessageError,
)
from scheduling.readers import keeping
from scheduling.readers.csv.cells import MAX_TEXT, Row, values_of
from scheduling.readers.csv.envelope import message_encoding
from scheduling.readers.csv.note import RowNote, take_note
from scheduling.readers.csv.patient import read_patient
from scheduling.readers.csv.profile import CsvProfile, cells_of, kept_layout, kept_profile, settings_key
from scheduling.readers.zones import Zones, kept_zones

MAX_NOTE = 200
MAX_MINUTES = 60 * 24 * 31
_START_CLEARED = frozenset({"starts_at"})


@dataclass(slots=True, frozen=True, eq=False)
class _Settings:
    """What a row's meaning depends on beside its text; compared by identity."""

    key: bytes  # of the CSV settings
    profile: CsvProfile
    authority: str
    zones: Zones


class _RowFacts(NamedTuple):
    """One row, read: everything but its note. ``control_id`` and ``changed_at`` are what the row itself says."""

    is_full: bool
    trigger: str
    control_id: str
    changed_at: datetime | None
    patient: PatientFact | None
    visit: AppointmentFact
    problems: tuple[Problem, ...]


def read(body: bytes, context: ReaderContext) -> Reading:
    """Read one row into facts; raises UnreadableMessageError where cells cannot be told from each other.

    A row of a full extract holds as of when that was taken; one of a delta as of its ``changed_at``, else likewise. A
    row that is sent again under another note is not read again while it is kept (see `scheduling.readers.keeping`).
    """
    note, table = take_note(body)
    if note.kind == "vanished":
        return _read_vanished(note, table)
    settings = _settings_of(context)
    row = _kept_row(table, settings) if len(table) <= keeping.LONGEST else _read_row(table, settings)
    is_full = note.kind == "full" if note.kind else row.is_full
    return Reading(
        note.control or row.control_id,
        row.trigger,
        note.taken_at or row.changed_at if is_full else row.changed_at or note.taken_at,
        None,
        [row.visit],
        row.patient,
        [],
        [],
        list(row.problems),
    )


def _settings_of(context: ReaderContext) -> _Settings:
    """The feed's settings and zones, looked up once a context."""
    settings: _Settings | None = context.compiled.get("csv")
    if settings is None:
        authority = str(context.profile.get("patient_authority", ""))
        settings = _kept_settings(settings_key(context.profile), authority, kept_zones(context))
        context.compiled["csv"] = settings
    return settings


@lru_cache(maxsize=keeping.CONTEXTS)
def _kept_settings(key: bytes, authority: str, zones: Zones) -> _Settings:
    return _Settings(key, kept_profile(key), authority, zones)


@lru_cache(maxsize=keeping.VISITS)
def _kept_row(table: bytes, settings: _Settings) -> _RowFacts:
    return _read_row(table, settings)


def _read_row(table: bytes, settings: _Settings) -> _RowFacts:
    """Everything that a header and a row under it say."""
    row, authority = _row(table, settings), settings.authority
    profile = row.layout.profile
    changed_at = row.moment("changed_at", settings.zones.source)
    patient = read_patient(row, authority)
    key = (authority, patient.mrn) if patient else None
    visit = _appointment(row, settings.zones.of(row.raw("clinic")), key)
    is_full = profile.extract == "full"
    return _RowFacts(is_full, profile.trigger, _control_id(row), changed_at, patient, visit, tuple(row.problems))


def _read_vanished(note: RowNote, table: bytes) -> Reading:
    cells = cells_of(table.decode("utf-8", "replace").partition("\n")[2].rstrip("\n"), CsvProfile())
    if len(cells) != 3 or not cells[0]:
        raise UnreadableMessageError("no_row", "The note of a vanished visit names no visit.")
    fact = AppointmentFact(cells[0], namespace=cells[1], occurrence=cells[2], signals=Signals(trigger="vanished"))
    return Reading(note.control, "vanished", note.taken_at, appointments=[fact])


def _row(table: bytes, settings: _Settings) -> Row:
    problems: list[Problem] = []
    text = _decode(table.removeprefix(b"\xef\xbb\xbf"), settings.profile, problems)
    header, _, record = text.partition("\n")
    layout = kept_layout(settings.key, header.rstrip("\r"))
    if not record.strip():
        raise UnreadableMessageError("no_row", "The message has no row under its header.")
    if "appointment_id" not in layout.indexes and "patient_id" not in layout.indexes:
        raise UnreadableMessageError("unknown_header", "The header names neither a visit nor a patient column.")
    cells = cells_of(record.rstrip("\r\n"), layout.profile)
    while len(cells) > layout.width and not cells[-1].strip():
        cells.pop()
    if len(cells) != layout.width:
        sentence = f"The row has {len(cells)} cells and its header {layout.width}, so no cell can be trusted."
        raise UnreadableMessageError("row_width", sentence)
    problems += [Problem("missing_column", name[:200]) for name in layout.missing]
    return Row(layout, values_of(cells, layout), problems)


def _decode(table: bytes, profile: CsvProfile, problems: list[Problem]) -> str:
    """The text; bytes that are none in the feed's encoding are read as Windows-1252, with a problem."""
    try:
        return table.decode(message_encoding(profile))
    except UnicodeDecodeError:
        problems.append(Problem("bad_charset", profile.encoding))
        return table.decode("cp1252", "replace")


def _control_id(row: Row) -> str:
    """Visit and change; empty where the row does not say when it changed, for then it names no version of the visit."""
    changed_at = row.raw("changed_at")
    return f"{row.raw('appointment_id')}/{changed_at}"[:MAX_TEXT] if changed_at else ""


def _appointment(row: Row, zone: ZoneInfo, patient: tuple[str, str] | None) -> AppointmentFact:
    provider, room = row.text("provider"), row.text("room")
    external_id = row.raw("appointment_id")
    if not external_id or len(external_id) > MAX_TEXT:
        row.note("no_appointment_id", "appointment_id", external_id)
        external_id = ""
    occurrence, signals, starts_at = row.raw("occurrence")[:MAX_TEXT], _signals(row), row.start(zone)
    is_cleared = row.clears and (row.has("starts") or row.has("date")) and not (row.raw("starts") or row.raw("date"))
    return AppointmentFact(
        external_id,
        namespace=row.layout.profile.namespace,
        occurrence=occurrence,
        signals=signals,
        starts_at=starts_at,
        minutes=_minutes(row, starts_at, zone),
        clinic_code=row.text("clinic"),
        room=room,
        resource=row.raw("resource") or provider or room,
        provider_code=provider,
        provider_name=row.text("provider_name"),
        visit_type=row.text("visit_type"),
        visit_type_name=row.text("visit_type_name"),
        reason_text=row.text("reason_text"),
        patient=patient,
        cleared=_START_CLEARED if is_cleared else NOTHING_CLEARED,
    )


def _signals(row: Row) -> Signals:
    return Signals(
        trigger=row.layout.profile.trigger,
        filler_status=row.raw("status")[:MAX_TEXT],
        event_reason=row.raw("reason")[:MAX_TEXT],
        appointment_reason=row.raw("appointment_reason")[:MAX_TEXT],
        appointment_type=row.raw("visit_type")[:MAX_TEXT],
        resource_status=row.raw("resource_status")[:MAX_TEXT],
        note=row.raw("note")[:MAX_NOTE],
    )


def _minutes(row: Row, starts_at: datetime | None, zone: ZoneInfo) -> int | None:
    """The stated minutes, else those up to the end; where both are there and differ, the end decides (a problem)."""
    stated, raw = None, row.raw("minutes")
    if raw:
        whole = raw.removesuffix(".0").removesuffix(".00")
        stated = int(whole) if whole.isdecimal() and len(whole) < 7 and 0 < int(whole) <= MAX_MINUTES else None
        if stated is None:
            row.note("bad_duration", "minutes", raw)
    ends_at = row.moment("ends", zone)
    if starts_at is None or ends_at is None:
        return stated
    span = round((ends_at - starts_at).total_seconds() / 60)
    if not 0 < span <= MAX_MINUTES or (stated and stated != span):
        row.note("times_disagree", "ends", row.raw("ends"))
    return span if 0 < span <= MAX_MINUTES else stated
