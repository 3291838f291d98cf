"""The floor (DESIGN section 12): what PostgreSQL needs to write what every message touches, nothing read or thought.

For each message its raw row and its event are appended by binary COPY, and its appointment, patient and contact points
are upserted in their final form; batches of the same size, one commit each, all indexes present, fsync on. Rows come
from a database that the pipeline digested. Child process: ``python -m benchmarks.floor SOURCE_DB BATCH PART PARTS``
waits for a line on standard input, then prints the seconds it took.
"""

import sys
import time
from collections import defaultdict
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.scratch import url_of

TABLES = {
    "scheduling_appointment": ("source_id", "namespace", "external_id", "occurrence"),
    "scheduling_patient": ("source_id", "authority", "mrn"),
    "scheduling_contactpoint": ("patient_id", "system", "use", "value"),
}
JSON_TYPES = {"jsonb"}
Row = tuple[Any, ...]


class Floor:
    """Rows in memory, and the statements that write them."""

    def __init__(self, source: str, part: int, parts: int) -> None:
        with psycopg.connect(url_of(source)) as connection:
            self.columns = {table: self._columns(connection, table) for table in (*TABLES, "scheduling_message", "scheduling_mappedevent")}
            self.messages = self._rows(connection, "scheduling_message")
            events = self._rows(connection, "scheduling_mappedevent")
            appointments = {row[0]: row for row in self._rows(connection, "scheduling_appointment")}
            patients = {row[0]: row for row in self._rows(connection, "scheduling_patient")}
            contacts: dict[int, list[Row]] = defaultdict(list)
            place = list(self.columns["scheduling_contactpoint"]).index("patient_id")
            for row in self._rows(connection, "scheduling_contactpoint"):
                contacts[row[place]].append(row)
        self._by_message(events, appointments, patients, contacts, part, parts)

    @staticmethod
    def _columns(connection: psycopg.Connection[Row], table: str) -> dict[str, str]:
        query = "SELECT column_name, udt_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position"
        return dict(connection.execute(query, (table,)).fetchall())

    def _rows(self, connection: psycopg.Connection[Row], table: str) -> list[Row]:
        names = [
            sql.SQL("{}::text").format(sql.Identifier(name)) if kind in JSON_TYPES else sql.Identifier(name)
            for name, kind in self.columns[table].items()
        ]
        query = sql.SQL("SELECT {} FROM {} ORDER BY id").format(sql.SQL(", ").join(names), sql.Identifier(table))
        with connection.cursor(binary=True) as cursor:
            return cursor.execute(query).fetchall()

    def _by_message(
        self,
        events: list[Row],
        appointments: dict[int, Row],
        patients: dict[int, Row],
        contacts: dict[int, list[Row]],
        part: int,
        parts: int,
    ) -> None:
        names = list(self.columns["scheduling_mappedevent"])
        message, appointment, patient = (names.index(n) for n in ("message_id", "appointment_id", "patient_id"))
        of_message: dict[int, list[Row]] = defaultdict(list)
        for event in events:
            of_message[event[message]].append(event)
        self.work: list[tuple[Row, list[Row], list[Row], list[Row], list[Row]]] = []
        for row in self.messages:
            found = of_message[row[0]]
            owner = found[0][patient] if found and found[0][patient] else None
            if parts > 1 and (owner or row[0]) % parts != part:
                continue
            self.work.append(
                (
                    row,
                    found,
                    [appointments[event[appointment]] for event in found],
                    [patients[owner]] if owner else [],
                    contacts[owner] if owner else [],
                )
            )

    def run(self, target: str, batch: int) -> float:
        """Write everything into ``target``; seconds."""
        with psycopg.connect(url_of(target)) as connection:
            self._stages(connection)
            connection.commit()
            sys.stdin.readline()
            started = time.perf_counter()
            for at in range(0, len(self.work), batch):
                self._write(connection, self.work[at : at + batch])
                connection.commit()
            return time.perf_counter() - started

    def _stages(self, connection: psycopg.Connection[Row]) -> None:
        for table in TABLES:
            columns = sql.SQL(", ").join(
                sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL("text" if kind in JSON_TYPES else kind))
                for name, kind in self.columns[table].items()
            )
            connection.execute(
                sql.SQL("CREATE TEMP TABLE {} ({}) ON COMMIT DELETE ROWS").format(sql.Identifier(f"stage_{table}"), columns)
            )

    def _write(self, connection: psycopg.Connection[Row], work: list[tuple[Row, ...]]) -> None:
        with connection.cursor() as cursor:
            self._copy(cursor, "scheduling_message", "scheduling_message", [item[0] for item in work])
            self._copy(cursor, "scheduling_mappedevent", "scheduling_mappedevent", [e for item in work for e in item[1]])
            for place, table in ((3, "scheduling_patient"), (2, "scheduling_appointment"), (4, "scheduling_contactpoint")):
                self._upsert(cursor, table, {row[0]: row for item in work for row in item[place]})

    def _copy(self, cursor: psycopg.Cursor[Row], table: str, like: str, rows: Any) -> None:
        columns = self.columns[like]
        is_stage = table.startswith("stage_")
        query = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with cursor.copy(query) as copy:
            copy.set_types(["text" if is_stage and kind in JSON_TYPES else kind for kind in columns.values()])
            for row in rows:
                copy.write_row(row if is_stage else self._typed(row, columns))

    @staticmethod
    def _typed(row: Row, columns: dict[str, str]) -> Row:
        """JSON of events is rare; it is passed on as text that COPY takes for jsonb."""
        return tuple(
            psycopg.types.json.Jsonb(psycopg.types.json.json.loads(value)) if kind in JSON_TYPES and value is not None else value
            for value, kind in zip(row, columns.values(), strict=True)
        )

    def _upsert(self, cursor: psycopg.Cursor[Row], table: str, rows: dict[int, Row]) -> None:
        if not rows:
            return
        self._copy(cursor, f"stage_{table}", table, rows.values())
        columns, key = self.columns[table], TABLES[table]
        cast = [
            sql.SQL("{}::jsonb").format(sql.Identifier(name)) if kind in JSON_TYPES else sql.Identifier(name)
            for name, kind in columns.items()
        ]
        updates = [
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in columns if name not in (*key, "id")
        ]
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} ORDER BY {} ON CONFLICT ({}) DO UPDATE SET {}").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.SQL(", ").join(cast),
                sql.Identifier(f"stage_{table}"),
                sql.SQL(", ").join(map(sql.Identifier, key)),
                sql.SQL(", ").join(map(sql.Identifier, key)),
                sql.SQL(", ").join(updates),
            )
        )


if __name__ == "__main__":
    source, target, batch, part, parts = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
    floor = Floor(source, part, parts)
    print("ready", flush=True)
    print(floor.run(target, batch), flush=True)
