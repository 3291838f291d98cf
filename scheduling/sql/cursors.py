"""A psycopg cursor on Django's own connection, inside Django's own transaction.

Django's cursor binds on the client, which makes bytea slow and keeps COPY out of reach; this one binds on the server
and may read binary.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connections
from psycopg.rows import tuple_row

type_of_row = tuple[Any, ...]
Cursor = psycopg.Cursor[type_of_row]

# Planning a wide join takes longer than running it. Django leaves this off, for its own cursor cannot prepare.
PREPARED_AFTER = 1
_BY_KEY = "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"


@contextmanager
def server_cursor(using: str = "default") -> Iterator[Cursor]:
    """A server-binding cursor on the connection ``using``; call it inside ``transaction.atomic``.

    Errors of the block are Django's, whose cause is psycopg's, as with Django's own cursor.
    """
    wrapper = connections[using]
    wrapper.ensure_connection()
    wrapper.connection.prepare_threshold = PREPARED_AFTER
    with wrapper.wrap_database_errors, psycopg.Cursor(wrapper.connection, row_factory=tuple_row) as cursor:
        yield cursor


def look_up_by_key(cursor: Cursor) -> None:
    """Make the planner use indexes until the transaction ends.

    A batch finds every row by its key, but counts of arrays and staging tables are guesses to the planner, and it
    then prefers to read whole tables: cheap while they are small, and dearer with every day of history.
    """
    cursor.execute(_BY_KEY, prepare=False)
