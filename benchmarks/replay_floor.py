"""The floor of a replay (child process): ``python -m benchmarks.replay_floor REPLAYED_DB TARGET_DB BATCH``.

Writes the event and appointment rows that a replay made of ``TARGET_DB``'s, as they stand in ``REPLAYED_DB``: rows that
differ go by binary COPY into temporary tables and from there by one UPDATE each; batches of so many appointments with
their events, one commit each. Nothing is read or thought while the clock runs, and nobody's queue is kept in step.
"""

import gc
import sys
import time
from collections import defaultdict
from collections.abc import Sequence

import psycopg
from psycopg import sql

from benchmarks.floor import APPOINTMENT, EVENT, Row, Table
from benchmarks.scratch import url_of

# What a replay may change of an event; of an appointment it may change everything.
MEANING = (
    "id", "mapping", "kind", "status", "initiator", "set_by", "reason_flags", "rule", "revision", "clinic_id",
    "outcome",
)  # fmt: skip


class Staged:
    """Rows of one table on their way into it through a temporary one."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        self.columns = columns
        self.types = ["text" if table.types[name] == "jsonb" else table.types[name] for name in columns]
        stage, target = table.stage, sql.Identifier(table.name)
        typed = (
            sql.SQL("{} {}").format(sql.Identifier(n), sql.SQL(t)) for n, t in zip(columns, self.types, strict=True)
        )
        self.create = sql.SQL("CREATE TEMP TABLE {} ({}) ON COMMIT DELETE ROWS").format(
            stage, sql.SQL(", ").join(typed)
        )
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        self.copy = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(stage, names)
        changes = sql.SQL(", ").join(
            sql.SQL("{0} = s.{0}::{1}").format(sql.Identifier(name), sql.SQL(table.types[name])) for name in columns[1:]
        )
        self.update = sql.SQL("UPDATE {} t SET {} FROM {} s WHERE t.id = s.id").format(target, changes, stage)

    def write(self, cursor: psycopg.Cursor[Row], rows: Sequence[Row]) -> None:
        """Update these rows."""
        if not rows:
            return
        with cursor.copy(self.copy) as copy:
            copy.set_types(self.types)
            for row in rows:
                copy.write_row(row)
        cursor.execute(self.update)


class Floor:
    """The rows that differ, in memory, and the writing of them."""

    def __init__(self, replayed: str, target: str) -> None:
        with psycopg.connect(url_of(replayed)) as after, psycopg.connect(url_of(target)) as before:
            events, appointments = Table(after, EVENT), Table(after, APPOINTMENT)
            self.events, self.appointments = Staged(events, MEANING), Staged(appointments, appointments.columns)
            picked = [events.columns.index(name) for name in MEANING]
            owner = events.columns.index("appointment_id")
            meanings: dict[int, list[Row]] = defaultdict(list)
            for row in _changed(events, after, before):
                meanings[row[owner]].append(tuple(row[place] for place in picked))
            pictures = {row[0]: row for row in _changed(appointments, after, before)}
        self.work = [(pictures.get(key), meanings[key]) for key in sorted(meanings.keys() | pictures.keys())]

    def run(self, target: str, batch: int) -> float:
        """Write everything into ``target`` at a word on standard input; seconds."""
        with psycopg.connect(url_of(target)) as connection:
            for staged in (self.events, self.appointments):
                connection.execute(staged.create)
            connection.commit()
            print("ready", flush=True)
            sys.stdin.readline()
            started = time.perf_counter()
            for at in range(0, len(self.work), batch):
                part = self.work[at : at + batch]
                with connection.cursor() as cursor:
                    self.appointments.write(cursor, [picture for picture, _ in part if picture is not None])
                    self.events.write(cursor, [row for _, rows in part for row in rows])
                connection.commit()
            return time.perf_counter() - started


def _changed(table: Table, after: psycopg.Connection[Row], before: psycopg.Connection[Row]) -> list[Row]:
    """The rows that stand otherwise after than before."""
    known = set(table.rows(before))
    return [row for row in table.rows(after) if row not in known]


def main(replayed: str, target: str, batch: int) -> None:
    """Load, wait, write, tell."""
    floor = Floor(replayed, target)
    gc.collect()
    gc.freeze()
    gc.disable()
    print(floor.run(target, batch), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
