"""Binary COPY: the quickest way to append many rows, measured in docs/decisions/0002-hot-tables.md."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import sql

from scheduling.sql.cursors import Cursor


class Table:
    """A table, or a staging table, with the columns and PostgreSQL types that COPY writes."""

    def __init__(self, name: str, columns: dict[str, str]) -> None:
        self.name = name
        self.columns = tuple(columns)
        self.types = tuple(columns.values())
        names = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        self._copy = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(name), names)
        typed = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in columns.items()
        )
        # Both in one round trip. DELETE leaves dead rows until the commit, TRUNCATE would make a new file each time.
        self._empty_stage = sql.SQL(
            "CREATE TEMP TABLE IF NOT EXISTS {0} ({1}) ON COMMIT DELETE ROWS; DELETE FROM {0}"
        ).format(sql.Identifier(name), typed)

    def append(self, cursor: Cursor, rows: Iterable[Sequence[Any]]) -> None:
        """Append ``rows``, whose values stand in the order of ``columns``."""
        with cursor.copy(self._copy) as copy:
            copy.set_types(self.types)
            write = copy.write_row
            for row in rows:
                write(row)

    def stage(self, cursor: Cursor, rows: Iterable[Sequence[Any]]) -> None:
        """Fill a temporary table of the same columns with these rows alone; it is empty after the transaction."""
        cursor.execute(self._empty_stage, prepare=False)  # two statements at once cannot be prepared
        self.append(cursor, rows)
