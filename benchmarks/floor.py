"""The floor (DESIGN section 12): what PostgreSQL needs to write what every message touches, nothing read or thought.

For each message its raw row and its event are appended by binary COPY, and its appointment, patient and contact points
are upserted in their final form; batches of the same size, one commit each, all indexes present, fsync on. Rows come
from a database that the pipeline digested. Child process: ``python -m benchmarks.floor SOURCE_DB TARGET_DB BATCH PART
PARTS`` waits for a line on standard input, then prints the seconds it took.
"""

import gc
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from benchmarks.scratch import url_of

MESSAGE, EVENT = "scheduling_message", "scheduling_mappedevent"
APPOINTMENT, PATIENT, CONTACT = "scheduling_appointment", "scheduling_patient", "scheduling_contactpoint"
KEYS = {
    APPOINTMENT: ("source_id", "namespace", "external_id", "occurrence"),
    PATIENT: ("source_id", "authority", "mrn"),
    CONTACT: ("patient_id", "system", "use", "value"),
}
Row = tuple[Any, ...]
Connection = psycopg.Connection[Row]
Cursor = psycopg.Cursor[Row]


class Touched(NamedTuple):
    """The rows of one message; JSON columns as text."""

    message: Row
    events: list[Row]
    appointments: list[Row]
    patients: list[Row]
    contacts: list[Row]


class Table:
    """A table with its columns and types; reads rows that its statements write back."""

    def __init__(self, connection: Connection, name: str) -> None:
        query = """SELECT column_name, udt_name FROM information_schema.columns
                   WHERE table_name = %s ORDER BY ordinal_position"""
        self.name = name
        self.types: dict[str, str] = dict(connection.execute(query, (name,)).fetchall())
        self.columns = list(self.types)
        self.names = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        self.stage = sql.Identifier(f"stage_{name}")

    def rows(self, connection: Connection) -> list[Row]:
        """All rows by id."""
        query = sql.SQL("SELECT {} FROM {} ORDER BY id").format(self._typed("jsonb", "text"), sql.Identifier(self.name))
        with connection.cursor(binary=True) as cursor:
            return cursor.execute(query).fetchall()

    def append(self, cursor: Cursor, rows: Iterable[Row]) -> None:
        """Append by binary COPY."""
        query = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(self.name), self.names)
        places = [place for place, kind in enumerate(self.types.values()) if kind == "jsonb"]
        with cursor.copy(query) as copy:
            copy.set_types(list(self.types.values()))
            for row in rows:
                copy.write_row(_with_json(row, places))

    def create_stage(self, connection: Connection) -> None:
        """The temporary table that an upsert goes through."""
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL("text" if kind == "jsonb" else kind))
            for name, kind in self.types.items()
        )
        connection.execute(sql.SQL("CREATE TEMP TABLE {} ({}) ON COMMIT DELETE ROWS").format(self.stage, columns))

    def upsert(self, cursor: Cursor, rows: Sequence[Row]) -> None:
        """COPY into the temporary table, then one sorted INSERT … ON CONFLICT DO UPDATE."""
        if not rows:
            return
        copy_in = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(self.stage, self.names)
        with cursor.copy(copy_in) as copy:
            copy.set_types(["text" if kind == "jsonb" else kind for kind in self.types.values()])
            for row in rows:
                copy.write_row(row)
        cursor.execute(self._upsert())

    def _upsert(self) -> sql.Composed:
        key = sql.SQL(", ").join(map(sql.Identifier, KEYS[self.name]))
        changed = [name for name in self.columns if name not in (*KEYS[self.name], "id")]
        return sql.SQL(
            "INSERT INTO {table} ({names}) SELECT {values} FROM {stage} ORDER BY {key}"
            " ON CONFLICT ({key}) DO UPDATE SET {updates}"
        ).format(
            table=sql.Identifier(self.name),
            names=self.names,
            values=self._typed("jsonb", "jsonb"),
            stage=self.stage,
            key=key,
            updates=sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in changed),
        )

    def _typed(self, kind: str, read_as: str) -> sql.Composed:
        """The columns, those of one type cast to another."""
        return sql.SQL(", ").join(
            sql.SQL("{}::{}").format(sql.Identifier(name), sql.SQL(read_as)) if found == kind else sql.Identifier(name)
            for name, found in self.types.items()
        )


def _with_json(row: Row, places: Sequence[int]) -> Row:
    """The row with its JSON texts as COPY takes them; most rows of most tables have none."""
    if not any(row[place] for place in places):
        return row
    return tuple(
        Jsonb(json.loads(value)) if place in places and value is not None else value for place, value in enumerate(row)
    )


class Floor:
    """Everything one process writes, in memory, and the writing of it."""

    def __init__(self, source: str, part: int, parts: int) -> None:
        with psycopg.connect(url_of(source)) as connection:
            self.tables = {name: Table(connection, name) for name in (MESSAGE, EVENT, *KEYS)}
            rows = {name: table.rows(connection) for name, table in self.tables.items()}
            told = "SELECT message_id, patient_id FROM scheduling_receipt WHERE patient_id IS NOT NULL"
            patients_told: dict[int, int] = dict(connection.execute(told).fetchall())
        self.work = self._share(rows, patients_told, part, parts)

    def _share(self, rows: dict[str, list[Row]], told: dict[int, int], part: int, parts: int) -> list[Touched]:
        """The messages of this process with what they touch; one patient's messages stay together, as in lanes."""
        message, appointment, patient = map(
            self.tables[EVENT].columns.index, ("message_id", "appointment_id", "patient_id")
        )
        owner_of_contact = self.tables[CONTACT].columns.index("patient_id")
        appointments, patients = ({row[0]: row for row in rows[name]} for name in (APPOINTMENT, PATIENT))
        events, contacts = defaultdict(list), defaultdict(list)
        for event in rows[EVENT]:
            events[event[message]].append(event)
        for contact in rows[CONTACT]:
            contacts[contact[owner_of_contact]].append(contact)
        work = []
        for row in rows[MESSAGE]:
            found = events[row[0]]
            owner = next((event[patient] for event in found if event[patient]), told.get(row[0]))
            if (owner or row[0]) % parts == part:
                named = [patients[owner]] if owner else []
                work.append(Touched(row, found, [appointments[e[appointment]] for e in found], named, contacts[owner]))
        return work

    def run(self, target: str, batch: int) -> float:
        """Write everything into ``target`` at a word on standard input; seconds."""
        with psycopg.connect(url_of(target)) as connection:
            for name in KEYS:
                self.tables[name].create_stage(connection)
            connection.commit()
            print("ready", flush=True)
            sys.stdin.readline()
            started = time.perf_counter()
            for at in range(0, len(self.work), batch):
                with connection.cursor() as cursor:
                    self._write(cursor, self.work[at : at + batch])
                connection.commit()
            return time.perf_counter() - started

    def _write(self, cursor: Cursor, work: Sequence[Touched]) -> None:
        self.tables[MESSAGE].append(cursor, (item.message for item in work))
        self.tables[EVENT].append(cursor, (event for item in work for event in item.events))
        self.tables[PATIENT].upsert(cursor, _once(item.patients for item in work))
        self.tables[APPOINTMENT].upsert(cursor, _once(item.appointments for item in work))
        self.tables[CONTACT].upsert(cursor, _once(item.contacts for item in work))


def _once(rows: Iterable[Iterable[Row]]) -> list[Row]:
    """Each row once, though many messages touch it."""
    return list({row[0]: row for some in rows for row in some}.values())


def main(source: str, target: str, batch: int, part: int, parts: int) -> None:
    """Load, wait, write, tell."""
    floor = Floor(source, part, parts)
    gc.collect()
    gc.freeze()
    gc.disable()
    print(floor.run(target, batch), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))
