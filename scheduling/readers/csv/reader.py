"""Reads one row of an extract: note, header line and row (see `note` and `envelope`)."""

from zoneinfo import ZoneInfo

from scheduling.facts import AppointmentFact, Problem, ReaderContext, Reading, Signals, UnreadableMessageError
from scheduling.readers.csv.cells import MAX_TEXT, Row
from scheduling.readers.csv.envelope import message_encoding
from scheduling.readers.csv.note import RowNote, take_note
from scheduling.readers.csv.patient import read_patient
from scheduling.readers.csv.profile import CsvProfile, cells_of, layout_of, profile_of

MAX_NOTE = 200
MAX_MINUTES = 60 * 24 * 31


def read(body: bytes, context: ReaderContext) -> Reading:
    """Read one row into facts; raises UnreadableMessageError where cells cannot be told from each other.

    A row of a full extract holds as of when that was taken; one of a delta as of its ``changed_at``, else likewise.
    """
    note, table = take_note(body)
    if note.kind == "vanished":
        return _read_vanished(note, table)
    row = _row(table, context)
    zone = context.clinic_zones.get(row.raw("clinic"), context.zone)
    changed_at = row.moment("changed_at", context.zone)
    is_full = (note.kind or row.layout.profile.extract) == "full"
    source_at = note.taken_at or changed_at if is_full else changed_at or note.taken_at
    reading = Reading(note.control or _control_id(row), row.layout.profile.trigger, source_at, problems=row.problems)
    authority = str(context.profile.get("patient_authority", ""))
    reading.patient = read_patient(row, authority)
    fact = _appointment(row, zone)
    if reading.patient:
        fact.patient = (authority, reading.patient.mrn)
    reading.appointments.append(fact)
    return reading


def _profile_of(context: ReaderContext) -> CsvProfile:
    """The feed's settings, read once a context."""
    profile: CsvProfile | None = context.compiled.get("csv")
    if profile is None:
        profile = context.compiled["csv"] = profile_of(context.profile)
    return profile


def _read_vanished(note: RowNote, table: bytes) -> Reading:
    cells = cells_of(table.decode("utf-8", "replace").partition("\n")[2].rstrip("\n"), CsvProfile())
    if len(cells) != 3 or not cells[0]:
        raise UnreadableMessageError("no_row", "The note of a vanished visit names no visit.")
    fact = AppointmentFact(cells[0], namespace=cells[1], occurrence=cells[2], signals=Signals(trigger="vanished"))
    return Reading(note.control, "vanished", note.taken_at, appointments=[fact])


def _row(table: bytes, context: ReaderContext) -> Row:
    problems: list[Problem] = []
    text = _decode(table.removeprefix(b"\xef\xbb\xbf"), _profile_of(context), problems)
    header, _, record = text.partition("\n")
    layout = layout_of(context.profile, header.rstrip("\r"))
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
    return Row(layout, cells, problems)


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


def _appointment(row: Row, zone: ZoneInfo) -> AppointmentFact:
    provider, room = row.text("provider"), row.text("room")
    external_id = row.raw("appointment_id")
    if not external_id or len(external_id) > MAX_TEXT:
        row.note("no_appointment_id", "appointment_id", external_id)
        external_id = ""
    fact = AppointmentFact(
        external_id,
        namespace=row.layout.profile.namespace,
        occurrence=row.raw("occurrence")[:MAX_TEXT],
        signals=_signals(row),
        starts_at=row.start(zone),
        clinic_code=row.text("clinic"),
        room=room,
        resource=row.raw("resource") or provider or room,
        provider_code=provider,
        provider_name=row.text("provider_name"),
        visit_type=row.text("visit_type"),
        visit_type_name=row.text("visit_type_name"),
        reason_text=row.text("reason_text"),
    )
    fact.minutes = _minutes(row, fact, zone)
    if row.clears and (row.has("starts") or row.has("date")) and not (row.raw("starts") or row.raw("date")):
        fact.cleared = frozenset({"starts_at"})
    return fact


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


def _minutes(row: Row, fact: AppointmentFact, zone: ZoneInfo) -> int | None:
    """The stated minutes, else those up to the end; where both are there and differ, the end decides (a problem)."""
    stated, raw = None, row.raw("minutes")
    if raw:
        whole = raw.removesuffix(".0").removesuffix(".00")
        stated = int(whole) if whole.isdecimal() and len(whole) < 7 and 0 < int(whole) <= MAX_MINUTES else None
        if stated is None:
            row.note("bad_duration", "minutes", raw)
    ends_at = row.moment("ends", zone)
    if fact.starts_at is None or ends_at is None:
        return stated
    span = round((ends_at - fact.starts_at).total_seconds() / 60)
    if not 0 < span <= MAX_MINUTES or (stated and stated != span):
        row.note("times_disagree", "ends", row.raw("ends"))
    return span if 0 < span <= MAX_MINUTES else stated
