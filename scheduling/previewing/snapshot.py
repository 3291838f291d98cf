"""One view of the whole database that cannot change, and in which nothing can be written or locked.

PostgreSQL itself keeps a preview pure: the transaction is READ ONLY, so that every INSERT, UPDATE, DELETE and SELECT …
FOR UPDATE on a real table is refused, and REPEATABLE READ, so that all of it sees one moment. Temporary tables may be
written; they are made first, because creating one is refused too (docs/decisions/0008-previews.md).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from django.db import connections
from psycopg.rows import tuple_row

from scheduling.sql.cursors import Cursor


@contextmanager
def snapshot(prepare: Callable[[Cursor], None]) -> Iterator[Cursor]:
    """A cursor on a connection of its own, inside one read-only transaction that is rolled back in the end.

    ``prepare`` creates temporary tables; they shadow real ones of the same name, and go with the transaction. The
    connection is its own because statements prepared on another would still read the real tables.

    Errors of the block are Django's, whose cause is psycopg's.
    """
    wrapper = connections["default"].copy()
    wrapper.connect()
    try:
        raw = wrapper.connection
        raw.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with (
            wrapper.wrap_database_errors,
            raw.transaction(force_rollback=True),
            psycopg.Cursor(raw, row_factory=tuple_row) as cursor,
        ):
            prepare(cursor)
            cursor.execute("SET TRANSACTION READ ONLY")
            yield cursor
    finally:
        wrapper.close()
