"""Patient records in their table: known ones locked in order, others created, changes and merges written."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import orjson
from psycopg.types.json import Jsonb

from scheduling.digestion.patient_work import PatientWork
from scheduling.digestion.reading import PatientKey
from scheduling.patients.state import PatientState, fields_of
from scheduling.sql.blocks import take_ids
from scheduling.sql.copying import Table
from scheduling.sql.cursors import Cursor

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


def lock_known(cursor: Cursor, works: Mapping[PatientKey, PatientWork], pending: Sequence[PatientWork]) -> None:
    """Lock the records of ``pending`` that exist, in id order, and put what they are into ``works``."""
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


def write_records(cursor: Cursor, works: Sequence[PatientWork]) -> list[PatientWork]:
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


def write_edges(cursor: Cursor, retired: Iterable[PatientWork]) -> None:
    """Store for each retired record which one survived it and the key of the message that said so."""
    edges = [(work.id, work.state.merged_into, work.state.merge_key) for work in retired]
    cursor.execute(_EDGE, tuple(map(list, zip(*edges, strict=True))))
