"""Provenance of patients: statements, contact points and consent, appended with the message they came from."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import orjson
from psycopg.types.json import Jsonb

from scheduling.digestion.patient_work import PatientWork
from scheduling.digestion.reading import PatientKey, ReadMessage, patient_key, patients_of
from scheduling.folding.order import source_time
from scheduling.sql.copying import Table
from scheduling.sql.cursors import Cursor

_VERSION = Table(
    "scheduling_patientversion",
    {"patient_id": "int8", "statement": "jsonb", "order_key": "bytea", "valid_from": "timestamptz",
     "recorded_at": "timestamptz", "is_effective": "bool", "message_id": "int8"},
)  # fmt: skip
_CONTACT = Table(
    "scheduling_contactpoint",
    {"patient_id": "int8", "system": "text", "use": "text", "value": "text", "rank": "int2", "ends_on": "date"},
)
_CONSENTS = """
INSERT INTO scheduling_consent
    (patient_id, channel, topic, is_allowed, valid_from, recorded_at, order_key, message_id)
SELECT * FROM unnest(%b::int8[], %b::text[], %b::text[], %b::bool[], %b::timestamptz[], %b::timestamptz[], %b::bytea[],
    %b::int8[])
ON CONFLICT DO NOTHING
"""


def append_history(cursor: Cursor, works: Iterable[PatientWork], now: datetime) -> None:
    """Append what is news to provenance, and keep the number look-up in step where numbers changed."""
    news = [work for work in works if work.versions]
    if not news:
        return
    _VERSION.append(
        cursor,
        (
            (work.id, Jsonb(statement, dumps=_dump), key, source_time(key), now, is_effective, message_id)
            for work in news
            for statement, key, is_effective, message_id in work.versions
        ),
    )
    moved = [work for work in news if work.has_new_phones]
    if moved:
        cursor.execute(
            "DELETE FROM scheduling_contactpoint WHERE patient_id = ANY(%b)",
            ([work.id for work in moved if work.before is not None],),
        )
        _CONTACT.append(cursor, (point for work in moved for point in _points(work)))


def _points(work: PatientWork) -> Iterable[tuple[Any, ...]]:

    for system, use, value, rank, ends_on in [*(work.state.phones_home or []), *(work.state.phones_work or [])]:
        yield work.id, system[:8], use[:8], value, rank, date.fromisoformat(ends_on) if ends_on else None


def append_consents(
    cursor: Cursor, works: Mapping[PatientKey, PatientWork], messages: Iterable[ReadMessage], now: datetime
) -> None:
    """Append the consent lines that messages state; a line stated twice stands once."""
    rows = [
        (works[patient_key(message, fact)].id, channel, topic, allowed, message.source_at, now, message.key,
         message.claimed.message_id)
        for message, fact in patients_of(messages)
        if fact.mrn
        for channel, topic, allowed in fact.consents
    ]  # fmt: skip
    if rows:
        cursor.execute(_CONSENTS, tuple(map(list, zip(*rows, strict=True))))


def _dump(value: Any) -> bytes:
    return orjson.dumps(value)
