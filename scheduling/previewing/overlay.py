"""Changed appointments and their vacancies, laid over the real rows, so that the planning reads what it would find.

Temporary tables bear the names of the real ones and are found before them once changes are laid, so the statements that
plan the queue run here word for word. They hold every row that the planning looks at, and no other: what concerns the
given resource days and patients.
"""

from collections.abc import Collection
from typing import Any

from psycopg import sql

from scheduling.digestion.places import write_vacancies
from scheduling.digestion.resource_days import Days
from scheduling.digestion.rows import APPOINTMENT_COLUMNS, dump_state
from scheduling.folding.change import AppointmentChange, BatchChanges
from scheduling.sql.copying import Table
from scheduling.sql.cursors import Cursor

_APPOINTMENT = Table(
    "scheduling_appointment", {"id": "int8", "source_id": "int8", **APPOINTMENT_COLUMNS, "resource_day": "int8"}
)
_VACANCY = (
    "appointment_id", "resource_day", "resource", "clinic_id", "starts_at", "minutes", "visit_type", "cause",
    "initiator", "vacated_at", "heard_at",
)  # fmt: skip
_JSON = frozenset({"troubles", "left"})

_SCHEMA = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = 'scheduling_appointment'::regclass"
_CREATE = """
CREATE TEMP TABLE scheduling_appointment ON COMMIT DROP AS SELECT {states} FROM {schema}.scheduling_appointment
    WITH NO DATA;
ALTER TABLE pg_temp.scheduling_appointment ADD PRIMARY KEY (id);
CREATE INDEX ON pg_temp.scheduling_appointment (resource_day);
CREATE INDEX ON pg_temp.scheduling_appointment (patient_id);
CREATE TEMP TABLE scheduling_vacancy ON COMMIT DROP AS SELECT {slots} FROM {schema}.scheduling_vacancy WITH NO DATA;
CREATE INDEX ON pg_temp.scheduling_vacancy (resource_day);
CREATE INDEX ON pg_temp.scheduling_vacancy (appointment_id);
"""
_HIDDEN = "SET LOCAL search_path TO {schema}, pg_temp"
_FOUND = "SET LOCAL search_path TO pg_temp, {schema}"
_VACANCIES_OF_CHANGED = """
INSERT INTO pg_temp.scheduling_vacancy SELECT {slots} FROM {schema}.scheduling_vacancy
WHERE appointment_id IN (SELECT id FROM pg_temp.scheduling_appointment)
"""
# What changed is there already, whatever it has left.
_VACANCIES_OF_DAYS = """
INSERT INTO pg_temp.scheduling_vacancy SELECT {slots} FROM {schema}.scheduling_vacancy v
WHERE v.resource_day = ANY(%b::int8[])
    AND NOT EXISTS (SELECT FROM pg_temp.scheduling_appointment c WHERE c.id = v.appointment_id)
"""
_APPOINTMENTS = """
INSERT INTO pg_temp.scheduling_appointment
SELECT {states} FROM {schema}.scheduling_appointment WHERE resource_day = ANY(%b::int8[])
UNION SELECT {states} FROM {schema}.scheduling_appointment WHERE patient_id = ANY(%b::int8[])
UNION SELECT {states} FROM {schema}.scheduling_appointment
    WHERE id IN (SELECT appointment_id FROM pg_temp.scheduling_vacancy)
ON CONFLICT (id) DO NOTHING
"""


class Overlay:
    """Two temporary tables over the facts of one transaction; ``create`` before it becomes read-only."""

    def __init__(self) -> None:
        self._schema: sql.Composable = sql.SQL("")

    def create(self, cursor: Cursor) -> None:
        """Make the empty tables; nobody finds them yet, since temporary tables are looked for last."""
        cursor.execute(_SCHEMA)
        (schema,) = cursor.fetchone() or ("public",)
        self._schema = sql.SQL(schema)  # already quoted by PostgreSQL where it needs to be
        cursor.execute(self._text(_CREATE + _HIDDEN), prepare=False)

    def lay_changes(self, cursor: Cursor, changes: BatchChanges, days: Days) -> None:
        """Put the appointments after the change in place, and the slots they left; these are found first now."""
        cursor.execute(self._text(_FOUND))
        _APPOINTMENT.append(cursor, (_row(change, days) for change in changes.appointments))
        cursor.execute(self._text(_VACANCIES_OF_CHANGED))
        write_vacancies(cursor, changes.appointments, days)

    def lay_surroundings(self, cursor: Cursor, resource_days: Collection[int], patient_ids: Collection[int]) -> None:
        """Add what did not change: every visit and left slot of these resource days, every visit of these patients."""
        wanted = sorted(resource_days)
        cursor.execute(self._text(_VACANCIES_OF_DAYS), (wanted,))
        cursor.execute(self._text(_APPOINTMENTS), (wanted, sorted(patient_ids)))

    def _text(self, text: str) -> sql.Composed:
        return sql.SQL(text).format(schema=self._schema, states=_STATES, slots=_SLOTS)


def _row(change: AppointmentChange, days: Days) -> tuple[Any, ...]:
    after = change.after
    day = days(change.source_id, after.resource, after.starts_at)
    return (change.appointment_id, change.source_id, *dump_state(after), day)


def _columns(names: Collection[str]) -> sql.Composed:
    """The columns as the overlay holds them: JSON as text, which is how everybody reads it."""
    return sql.SQL(", ").join(
        sql.SQL("{0}::text AS {0}" if name in _JSON else "{0}").format(sql.Identifier(name)) for name in names
    )


_STATES, _SLOTS = _columns(_APPOINTMENT.columns), _columns(_VACANCY)
