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


@contextmanager
def server_cursor(using: str = "default") -> Iterator[Cursor]:
    """A server-binding cursor on the connection ``using``; call it inside ``transaction.atomic``.

    Errors of the block are Django's, whose cause is psycopg's, as with Django's own cursor.
    """
    wrapper = connections[using]
    wrapper.ensure_connection()
    with wrapper.wrap_database_errors, psycopg.Cursor(wrapper.connection, row_factory=tuple_row) as cursor:
        yield cursor
