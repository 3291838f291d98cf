"""Binary COPY: the quickest way to append many rows, measured in docs/decisions/0002-hot-tables.md."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from django.db import transaction
from psycopg import Connection, sql
from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from scheduling.sql.cursors import Cursor

# Staging tables that a transaction of the connection has made and committed; one that was rolled back made none.
_made: WeakKeyDictionary[Connection[Any], set[str]] = WeakKeyDictionary()


class Table:
    """A table, or a staging table, with the columns and PostgreSQL types that COPY writes."""

    def __init__(self, name: str, columns: dict[str, str]) -> None:
        self.name = name
        self.columns = tuple(columns)
        self.types = tuple(columns.values())
        names = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        copy = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(name), names)
        self._copy = copy.as_string(None)
        typed = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in columns.items()
        )
        stage = {"name": sql.Identifier(name), "columns": typed}
        create = sql.SQL("CREATE TEMP TABLE IF NOT EXISTS {name} ({columns}) ON COMMIT DELETE ROWS; DELETE FROM {name}")
        self._create_stage = create.format(**stage).as_string(None)
        # DELETE leaves dead rows until the commit, TRUNCATE would make a new file each time.
        self._empty_stage = sql.SQL("DELETE FROM {name}").format(**stage).as_string(None)

    def append(self, cursor: Cursor, rows: Iterable[Sequence[Any]]) -> None:
        """Append ``rows``, whose values stand in the order of ``columns``."""
        with cursor.copy(self._copy) as copy:
            copy.set_types(self.types)
            write = copy.write_row
            for row in rows:
                write(row)

    def append_new(self, cursor: Cursor, rows: Iterable[Sequence[Any]]) -> bool:
        """Append ``rows`` if none of their keys is taken; else nothing is written and the answer is False.

        A key that another transaction is just taking is waited for, so give the rows in the order of their keys.
        """
        try:
            with transaction.atomic():
                self.append(cursor, rows)
        except UniqueViolation:
            return False
        return True

    def stage(self, cursor: Cursor, rows: Iterable[Sequence[Any]]) -> None:
        """Fill a temporary table of the same columns with these rows alone; it is empty after the transaction."""
        made = _made.setdefault(cursor.connection, set())
        if self.name in made:
            cursor.execute(self._empty_stage)
        else:
            cursor.execute(self._create_stage, prepare=False)  # two statements at once cannot be prepared
            transaction.on_commit(partial(made.add, self.name))
        self.append(cursor, rows)


def jsonb_of(text: str) -> Jsonb:
    """JSON text as a value for a jsonb column."""
    return Jsonb(text, dumps=_as_it_is)


def _as_it_is(text: str) -> str:
    return text
