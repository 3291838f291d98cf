"""Merge a batch's statements into patient records: lock the known ones in order, create the others, write changes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from scheduling.digestion.patient_history import append_consents, append_history
from scheduling.digestion.patient_work import PatientWork
from scheduling.digestion.reading import PatientKey, ReadMessage, patient_key
from scheduling.folding.change import PatientChange
from scheduling.patients.merge import Merge, merge, merge_edge, stated
from scheduling.patients.state import PatientState
from scheduling.sql.blocks import take_ids
from scheduling.sql.copying import Table
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import MessageKind, Outcome

_COLUMNS = {
    "family": "text", "given": "text", "born_on": "date", "sex": "text", "language": "text", "zone": "text",
    "phones_home": "text", "phones_work": "text", "died": "bool", "died_at": "timestamptz", "publicity": "text",
    "protection": "text", "vip": "text", "portal": "text", "duplicate_of": "text", "guardian": "text",
    "identifiers": "text", "as_of": "bytea", "merged_into_id": "int8", "merge_key": "bytea",
}  # fmt: skip
_JSON = frozenset({"phones_home", "phones_work", "identifiers"})
_STAGE = Table("stage_patient", {"id": "int8", "source_id": "int8", "authority": "text", "mrn": "text", **_COLUMNS})


def _read_as(prefix: str, name: str) -> str:
    return f"{prefix}{name}::text" if name in _JSON else f"{prefix}{name}"


def _write_as(prefix: str, name: str) -> str:
    return f"{prefix}{name}::jsonb" if name in _JSON else f"{prefix}{name}"


_LOCK = f"""
SELECT p.id, p.source_id, p.authority, p.mrn, {", ".join(_read_as("p.", name) for name in _COLUMNS)}
FROM unnest(%b::int8[], %b::text[], %b::text[]) AS k(source_id, authority, mrn)
JOIN scheduling_patient p USING (source_id, authority, mrn) ORDER BY p.id FOR UPDATE OF p
"""
_INSERT = f"""
INSERT INTO scheduling_patient (id, source_id, authority, mrn, {", ".join(_COLUMNS)})
SELECT id, source_id, authority, mrn, {", ".join(_write_as("", name) for name in _COLUMNS)}
FROM stage_patient ORDER BY source_id, authority, mrn
ON CONFLICT (source_id, authority, mrn) DO NOTHING RETURNING id
"""
_UPDATE = f"""
UPDATE scheduling_patient p SET {", ".join(f"{name} = {_write_as('s.', name)}" for name in _COLUMNS)}
FROM stage_patient s WHERE p.id = s.id
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

    def work_of(key: PatientKey) -> PatientWork:
        work = works.get(key)
        if work is None:
            work = works[key] = PatientWork(key)
        return work

    for message in messages:
        reading = message.reading
        if reading is None:
            continue
        if reading.patient is not None and reading.patient.mrn:
            work_of(patient_key(message, reading.patient)).messages.append(message)
            for retired in reading.patient.merged_from:
                work_of((message.feed.source_id, *retired))
        for fact in reading.appointments:
            if fact.patient is not None:
                work_of((message.feed.source_id, *fact.patient))
    return works


def _lock_known(cursor: Cursor, works: Mapping[PatientKey, PatientWork], pending: Sequence[PatientWork]) -> None:
    keys = [work.key for work in pending]
    cursor.execute(_LOCK, ([k[0] for k in keys], [k[1] for k in keys], [k[2] for k in keys]), binary=True)
    for row in cursor.fetchall():
        work = works[(row[1], row[2], row[3])]
        work.id = row[0]
        work.before = work.state = _state_of(row[4:])


def _state_of(row: Sequence[Any]) -> PatientState:
    values = dict(zip(_COLUMNS, row, strict=True))
    for name in _JSON:
        if values[name] is not None:
            values[name] = orjson.loads(values[name])
    values["merged_into"] = values.pop("merged_into_id")
    return PatientState(**values)


def _row_of(work: PatientWork) -> tuple[Any, ...]:
    state = work.state
    values = (getattr(state, "merged_into" if name == "merged_into_id" else name) for name in _COLUMNS)
    dumped = (
        orjson.dumps(value).decode() if name in _JSON and value is not None else value
        for name, value in zip(_COLUMNS, values, strict=True)
    )
    return (work.id, *work.key, *dumped)


def _merge_statements(work: PatientWork) -> None:
    """Fold the batch's statements into the locked record; may run again after a lost insert."""
    work.state = work.before if work.before is not None else PatientState()
    work.versions.clear()
    work.has_new_phones = False
    for message in sorted(work.messages, key=lambda message: message.key):
        fact = message.reading.patient if message.reading is not None else None
        if fact is None:
            continue
        statement = stated(fact)
        merged = merge(work.state, statement, message.key)
        _note_versions(work, message, statement, merged)
        if message.kind == MessageKind.PATIENT:
            is_news = bool(merged.changed) or bool(fact.merged_from)
            message.outcome = Outcome.APPLIED if is_news else Outcome.SUPERSEDED
        work.state = merged.state


def _note_versions(work: PatientWork, message: ReadMessage, statement: dict[str, Any], merged: Merge) -> None:
    if merged.changed:
        news = {aspect: statement[aspect] for aspect in merged.changed}
        work.versions.append((news, message.key, True, message.claimed.message_id))
        work.has_new_phones = work.has_new_phones or "phones_home" in news or "phones_work" in news
    if merged.outdated:
        old = {aspect: statement[aspect] for aspect in merged.outdated}
        work.versions.append((old, message.key, False, message.claimed.message_id))


def _write(cursor: Cursor, works: Sequence[PatientWork]) -> list[PatientWork]:
    """Write records; returns those that another worker created meanwhile, to be locked and merged again."""
    known = [work for work in works if work.before is not None and work.state != work.before]
    if known:
        _STAGE.stage(cursor, map(_row_of, known))
        cursor.execute(_UPDATE)
    fresh = [work for work in works if work.before is None]
    if not fresh:
        return []
    for work, new_id in zip(fresh, take_ids(cursor, "scheduling_patient", len(fresh)), strict=False):
        work.id = new_id
    _STAGE.stage(cursor, map(_row_of, fresh))
    cursor.execute(_INSERT, binary=True)
    written = {row[0] for row in cursor.fetchall()}
    return [work for work in fresh if work.id not in written]


def _merge_edges(cursor: Cursor, works: Mapping[PatientKey, PatientWork], messages: Iterable[ReadMessage]) -> None:
    """Store one alias edge for each merge (I3); a record is never merged into itself."""
    changed: dict[PatientKey, PatientWork] = {}
    for message in messages:
        fact = message.reading.patient if message.reading is not None else None
        if fact is None or not fact.mrn:
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
        _STAGE.stage(cursor, map(_row_of, changed.values()))
        cursor.execute(_UPDATE)
