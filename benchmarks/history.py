"""Make a long history out of a short one: copies of every digested row under other keys, by SQL alone.

Each copy is another group of patients with visits, messages, slots, queue items and findings of their own, so that
every index is as deep as after years, while what is still to be digested meets the rows it would have met anyway.
"""

from collections.abc import Iterable

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[object, ...]]

# Columns of a copy that are not the original's. {k} is the copy's number, {table} the distance between the ids of two
# copies of a table's rows.
_DAY = "hashtextextended(t.{0}::text, k)"
_TEXT = "t.{0} || '-' || k"
_LEFT = """(
    SELECT jsonb_agg(jsonb_set(slot, '{0}', to_jsonb((slot ->> 0) || '-' || k)))
    FROM jsonb_array_elements(t."left") AS slot
)"""


def _of(table: str, column: str) -> str:
    return f"t.{column} + k * (SELECT span FROM spans WHERE name = '{table}')"


def _day(column: str) -> str:
    return _DAY.format(column)


def _text(column: str) -> str:
    return _TEXT.format(column)


MESSAGE, EVENT, APPOINTMENT = "scheduling_message", "scheduling_mappedevent", "scheduling_appointment"
PATIENT, ITEM = "scheduling_patient", "recovery_queueitem"
SPANNED = (MESSAGE, EVENT, APPOINTMENT, PATIENT, ITEM)
CHANGED: dict[str, dict[str, str]] = {
    PATIENT: {"id": _of(PATIENT, "id"), "mrn": _text("mrn"), "merged_into_id": _of(PATIENT, "merged_into_id")},
    "scheduling_patientversion": {
        "patient_id": _of(PATIENT, "patient_id"),
        "message_id": _of(MESSAGE, "message_id"),
    },
    "scheduling_contactpoint": {"patient_id": _of(PATIENT, "patient_id")},
    "scheduling_consent": {"patient_id": _of(PATIENT, "patient_id"), "message_id": _of(MESSAGE, "message_id")},
    MESSAGE: {
        "id": _of(MESSAGE, "id"),
        "control_id": _text("control_id"),
        "control_hash": "CASE t.control_hash WHEN 0 THEN 0 ELSE hashint8extended(t.control_hash, k) END",
        "digest": "decode(md5(t.digest || int8send(k)), 'hex')",
    },
    "scheduling_receipt": {"message_id": _of(MESSAGE, "message_id"), "patient_id": _of(PATIENT, "patient_id")},
    "scheduling_resourceday": {"id": _day("id"), "resource": _text("resource")},
    APPOINTMENT: {
        "id": _of(APPOINTMENT, "id"),
        "external_id": _text("external_id"),
        "patient_id": _of(PATIENT, "patient_id"),
        "resource": _text("resource"),
        "resource_day": _day("resource_day"),
        "left": _LEFT,
    },
    EVENT: {
        "id": _of(EVENT, "id"),
        "message_id": _of(MESSAGE, "message_id"),
        "appointment_id": _of(APPOINTMENT, "appointment_id"),
        "patient_id": _of(PATIENT, "patient_id"),
        "resource": _text("resource"),
    },
    "scheduling_vacancy": {
        "appointment_id": _of(APPOINTMENT, "appointment_id"),
        "resource": _text("resource"),
        "resource_day": _day("resource_day"),
    },
    "scheduling_templateslot": {"resource": _text("resource"), "resource_day": _day("resource_day")},
    ITEM: {
        "id": _of(ITEM, "id"),
        "subject": _text("subject"),
        "appointment_id": _of(APPOINTMENT, "appointment_id"),
        "patient_id": _of(PATIENT, "patient_id"),
        "resource": _text("resource"),
        "resource_day": _day("resource_day"),
    },
    "recovery_itemevent": {"item_id": _of(ITEM, "item_id")},
    "exceptions_membership": {
        "subject_id": f"CASE t.subject_kind WHEN 1 THEN {_of(APPOINTMENT, 'subject_id')}"
        f" WHEN 2 THEN {_of(PATIENT, 'subject_id')} ELSE {_day('subject_id')} END",
    },
}
# What is still to be digested is no history, and feeds stay as many as they are.
_KEPT = {
    MESSAGE: "NOT EXISTS (SELECT FROM scheduling_waiting w WHERE w.message_id = t.id)",
    "exceptions_membership": "t.subject_kind <> 3",
}
_COUNTS = """
UPDATE exceptions_integrationexception e SET live_count = m.live, occurrences = e.occurrences * (%s + 1)
FROM (SELECT exception_id, count(*) AS live FROM exceptions_membership GROUP BY 1) AS m WHERE m.exception_id = e.id
"""


def multiply(connection: Connection, copies: int) -> None:
    """Add ``copies`` copies of everything digested; ids keep the distance of a table's largest, sequences follow."""
    connection.execute("SET synchronous_commit = off")
    connection.execute("CREATE TEMP TABLE spans (name text, span int8)")
    for table in SPANNED:
        query = sql.SQL("INSERT INTO spans SELECT {}, coalesce(max(id), 0) + 1 FROM {}")
        connection.execute(query.format(sql.Literal(table), sql.Identifier(table)))
    for table, changed in CHANGED.items():
        _copy(connection, table, changed, copies)
    for table in SPANNED:
        query = sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), (SELECT max(id) + 1000 FROM {}))")
        connection.execute(query.format(sql.Literal(table), sql.Identifier(table)))
    connection.execute(_COUNTS, (copies,))


def settle(connection: Connection) -> None:
    """Vacuum, analyze and write everything out, so that a measurement pays for nothing but itself."""
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")


def _copy(connection: Connection, table: str, changed: dict[str, str], copies: int) -> None:
    indexes = _loose_indexes(connection, table)
    for name, _ in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    # Ids that nothing refers to come from the table's own sequence.
    columns = [name for name in _columns(connection, table) if name != "id" or "id" in changed]
    query = sql.SQL("INSERT INTO {0} ({1}) SELECT {2} FROM {0} t CROSS JOIN generate_series(1, %s) AS k WHERE {3}")
    connection.execute(
        query.format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(_expressions(columns, changed)),
            sql.SQL(_KEPT.get(table, "true")),
        ),
        (copies,),
    )
    for _, definition in indexes:
        connection.execute(definition)


def _expressions(columns: Iterable[str], changed: dict[str, str]) -> list[sql.Composable]:
    return [
        sql.SQL(changed[name]) if name in changed else sql.SQL("t.{}").format(sql.Identifier(name)) for name in columns
    ]


def _columns(connection: Connection, table: str) -> list[str]:
    query = "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position"
    return [str(name) for (name,) in connection.execute(query, (table,)).fetchall()]


def _loose_indexes(connection: Connection, table: str) -> list[tuple[str, str]]:
    """Name and definition of the indexes that no constraint needs; building them afterwards is quicker."""
    query = """
        SELECT i.indexname, i.indexdef FROM pg_indexes i
        WHERE i.tablename = %s AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)
    """
    return [(str(name), str(definition)) for name, definition in connection.execute(query, (table,)).fetchall()]
