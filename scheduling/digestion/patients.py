"""Merge a batch's statements into patient records: lock the known ones in order, create the others, write changes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

import orjson
from psycopg.types.json import Jsonb

from scheduling.digestion.patient_history import append_consents, append_history
from scheduling.digestion.patient_work import PatientWork, statement_of
from scheduling.digestion.reading import PatientKey, ReadMessage, patient_key, patients_of
from scheduling.facts import PatientFact
from scheduling.folding.change import PatientChange
from scheduling.patients.merge import Statement, absorb, merge_edge
from scheduling.patients.state import PatientState, fields_of
from scheduling.sql.blocks import take_ids
from scheduling.sql.copying import Table
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import MessageKind, Outcome

_COLUMNS = {
    "family": "text", "given": "text", "born_on": "date", "sex": "text", "language": "text", "zone": "text",
    "phones_home": "jsonb", "phones_work": "jsonb", "died": "bool", "died_at": "timestamptz", "publicity": "text",
    "protection": "text", "vip": "text", "portal": "text", "duplicate_of": "text", "guardian": "text",
    "identifiers": "jsonb", "as_of": "bytea", "merged_into_id": "int8", "merge_key": "bytea",
}  # fmt: skip
_JSON = frozenset({"phones_home", "phones_work", "identifiers"})
if tuple(_COLUMNS) != tuple({"merged_into": "merged_into_id"}.get(n, n) for n in PatientState.__slots__):
    raise TypeError("_COLUMNS must list the fields of PatientState in their order")
_TYPES = {"id": "int8", "source_id": "int8", "authority": "text", "mrn": "text", **_COLUMNS}
_STAGE, _NEW = Table("stage_patient", _TYPES), Table("scheduling_patient", _TYPES)
_JSON_PLACES = tuple(place for place, name in enumerate(_COLUMNS) if name in _JSON)
_PATIENT, _APPLIED, _SUPERSEDED = MessageKind.PATIENT, Outcome.APPLIED, Outcome.SUPERSEDED
_key_of = attrgetter("key")


def _read_as(prefix: str, name: str) -> str:
    return f"{prefix}{name}::text" if name in _JSON else f"{prefix}{name}"


_LOCK = f"""
SELECT p.id, p.source_id, p.authority, p.mrn, {", ".join(_read_as("p.", name) for name in _COLUMNS)}
FROM unnest(%b::int8[], %b::text[], %b::text[]) AS k(source_id, authority, mrn)
JOIN scheduling_patient p USING (source_id, authority, mrn) ORDER BY p.id FOR UPDATE OF p
"""
_INSERT = f"""
INSERT INTO scheduling_patient ({", ".join(_TYPES)}) SELECT {", ".join(_TYPES)}
FROM stage_patient ORDER BY source_id, authority COLLATE "C", mrn COLLATE "C"
ON CONFLICT (source_id, authority, mrn) DO NOTHING RETURNING id
"""
_UPDATE = f"""
UPDATE scheduling_patient p SET {", ".join(f"{name} = s.{name}" for name in _COLUMNS)}
FROM stage_patient s WHERE p.id = s.id
"""
# Most messages repeat what is known of the patient: only the proof of it moves.
_CONFIRM = """
UPDATE scheduling_patient p SET as_of = n.as_of FROM unnest(%b::int8[], %b::bytea[]) AS n(id, as_of) WHERE p.id = n.id
"""
_EDGE = """
UPDATE scheduling_patient p SET merged_into_id = n.survivor, merge_key = n.key
FROM unnest(%b::int8[], %b::int8[], %b::bytea[]) AS n(id, survivor, key) WHERE p.id = n.id
"""


def digest_patients(
    cursor: Cursor, messages: Sequence[ReadMessage], *, now: datetime
) -> tuple[dict[PatientKey, int], list[PatientChange]]:
    """Merge and write every patient statement of the batch.

    Returns the row id of each patient named by a message (a patient only referred to gets an empty record), and what
    changed. Records are locked in id order, before any appointment (DESIGN section 3).
    """
    works = _gather(messages)
    pending = list(works.values())
    while pending:
        _lock_known(cursor, works, pending)
        for work in pending:
            _merge_statements(work)
        pending = _write(cursor, pending)
    _merge_edges(cursor, works, messages)
    append_history(cursor, works.values(), now)
    append_consents(cursor, works, messages, now)
    changes = [
        PatientChange(w.id, w.key[0], w.before, w.state, tuple(m.claimed.message_id for m in w.messages))
        for w in works.values()
        if w.messages or (w.before is not None and w.state.merged_into != w.before.merged_into)
    ]
    return {key: work.id for key, work in works.items()}, changes


def _gather(messages: Iterable[ReadMessage]) -> dict[PatientKey, PatientWork]:
    works: dict[PatientKey, PatientWork] = {}
    for message in messages:
        reading = message.reading
        if reading is None:
            continue
        source_id, named = message.feed.source_id, None
        if (patient := reading.patient) is not None and patient.mrn:
            named = (patient.authority, patient.mrn)
            _state(works, message, patient)
            for further in reading.further_patients:
                _state(works, message, further)
        for fact in reading.appointments:
            if fact.patient is not None and fact.patient != named:
                _work_of(works, (source_id, *fact.patient))
    return works


def _state(works: dict[PatientKey, PatientWork], message: ReadMessage, fact: PatientFact) -> None:
    source_id = message.feed.source_id
    _work_of(works, (source_id, fact.authority, fact.mrn)).messages.append(message)
    for retired in fact.merged_from:
        _work_of(works, (source_id, *retired))


def _work_of(works: dict[PatientKey, PatientWork], key: PatientKey) -> PatientWork:
    work = works.get(key)
    if work is None:
        work = works[key] = PatientWork(key)
    return work


def _lock_known(cursor: Cursor, works: Mapping[PatientKey, PatientWork], pending: Sequence[PatientWork]) -> None:
    keys = [work.key for work in pending]
    cursor.execute(_LOCK, ([k[0] for k in keys], [k[1] for k in keys], [k[2] for k in keys]), binary=True)
    for row in cursor.fetchall():
        work = works[(row[1], row[2], row[3])]
        work.id = row[0]
        work.before = work.state = _state_of(row[4:])


def _state_of(row: Sequence[Any]) -> PatientState:
    values = list(row)
    for place in _JSON_PLACES:
        if values[place] is not None:
            values[place] = orjson.loads(values[place])
    return PatientState(*values)


def _row_of(work: PatientWork) -> tuple[Any, ...]:
    values: list[Any] = list(fields_of(work.state))
    for place in _JSON_PLACES:
        if values[place] is not None:
            values[place] = Jsonb(values[place], dumps=orjson.dumps)
    return (work.id, *work.key, *values)


def _merge_statements(work: PatientWork) -> None:
    """Fold the batch's statements into the locked record; may run again after a lost insert.

    Where one message repeats the statement of the one before, only the newest of the run moves ``as_of``.
    """
    state = work.state = work.before.copy() if work.before is not None else PatientState()
    work.versions.clear()
    work.is_changed = work.has_new_phones = False
    if len(work.messages) > 1:
        work.messages.sort(key=_key_of)
    statement: Statement | None = None
    last: Statement | None = None
    last_fact: PatientFact | None = None
    last_key = unmoved_to = b""
    for message in work.messages:
        fact = _fact_about(work, message)
        if fact is None:
            continue
        if statement is None or (fact is not last_fact and fact != last_fact):
            statement, last_fact = statement_of(fact), fact
        key = message.key
        changed: tuple[str, ...] = ()
        if statement is last and key > last_key:
            unmoved_to = key
        else:
            if last is not None and unmoved_to:
                absorb(state, last, unmoved_to)
            changed, outdated = absorb(state, statement, key)
            last, unmoved_to = None if outdated else statement, b""
            if changed or outdated:
                _note_versions(work, message, statement.values, changed, outdated)
        last_key = key
        if message.kind == _PATIENT:
            message.outcome = _APPLIED if changed or fact.merged_from or _is_merge(message) else _SUPERSEDED
    if last is not None and unmoved_to:
        absorb(state, last, unmoved_to)


def _fact_about(work: PatientWork, message: ReadMessage) -> PatientFact | None:
    """What a message states about the record."""
    reading = message.reading
    if reading is None or not reading.further_patients:
        return reading.patient if reading is not None else None
    return next((fact for _, fact in patients_of((message,)) if patient_key(message, fact) == work.key), None)


def _is_merge(message: ReadMessage) -> bool:
    """Whether any of several patients survives somebody; one that states nothing new is not the whole message."""
    further = message.reading.further_patients if message.reading is not None else ()
    return bool(further) and any(fact.merged_from for _, fact in patients_of((message,)))


def _note_versions(
    work: PatientWork,
    message: ReadMessage,
    values: Mapping[str, Any],
    changed: Iterable[str],
    outdated: Iterable[str],
) -> None:
    message_id = message.claimed.message_id
    if changed:
        work.is_changed = True
        work.versions.append(({aspect: values[aspect] for aspect in changed}, message.key, True, message_id))
        work.has_new_phones = work.has_new_phones or "phones_home" in changed or "phones_work" in changed
    if outdated:
        work.versions.append(({aspect: values[aspect] for aspect in outdated}, message.key, False, message_id))


def _write(cursor: Cursor, works: Sequence[PatientWork]) -> list[PatientWork]:
    """Write records; returns those that another worker created meanwhile, to be locked and merged again."""
    changed = [work for work in works if work.before is not None and work.is_changed]
    if changed:
        _STAGE.stage(cursor, map(_row_of, changed))
        cursor.execute(_UPDATE)
    confirmed = [
        (work.id, work.state.as_of)
        for work in works
        if work.before is not None and not work.is_changed and work.state.as_of != work.before.as_of
    ]
    if confirmed:
        cursor.execute(_CONFIRM, tuple(map(list, zip(*confirmed, strict=True))))
    # In the order in which every worker creates them.
    fresh = sorted((work for work in works if work.before is None), key=_key_of)
    if not fresh:
        return []
    for work, new_id in zip(fresh, take_ids(cursor, "scheduling_patient", len(fresh)), strict=False):
        work.id = new_id
    rows = [_row_of(work) for work in fresh]
    if _NEW.append_new(cursor, rows):
        return []
    _STAGE.stage(cursor, rows)
    cursor.execute(_INSERT, binary=True)
    written = {row[0] for row in cursor.fetchall()}
    return [work for work in fresh if work.id not in written]


def _merge_edges(cursor: Cursor, works: Mapping[PatientKey, PatientWork], messages: Iterable[ReadMessage]) -> None:
    """Store one alias edge for each merge (I3); a record is never merged into itself."""
    changed: dict[PatientKey, PatientWork] = {}
    for message, fact in patients_of(messages):
        if not fact.merged_from:
            continue
        survivor = works[patient_key(message, fact)]
        for retired in fact.merged_from:
            work = works[(message.feed.source_id, *retired)]
            if work is not survivor:
                edged = merge_edge(work.state, survivor.id, message.key)
                if edged is not work.state:
                    work.state = edged
                    changed[work.key] = work
    if changed:
        edges = [(work.id, work.state.merged_into, work.state.merge_key) for work in changed.values()]
        cursor.execute(_EDGE, tuple(map(list, zip(*edges, strict=True))))
