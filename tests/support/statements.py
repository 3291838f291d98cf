"""Every statement that reaches the database on a test's own connection, whoever sends it.

with statements_sent() as sent:
    digest_batch(now=NOW)
assert sent.total() < 80
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection


@contextmanager
def statements_sent() -> Iterator[Counter[str]]:
    """Every statement and COPY that psycopg sends on this connection, Django's included."""
    sent: Counter[str] = Counter()
    driver = connection.connection
    execute, copy = psycopg.Cursor.execute, psycopg.Cursor.copy

    def counted(original):
        def call(self, statement, *args, **kwargs):
            if self.connection is driver:
                text = statement if isinstance(statement, str) else statement.as_string(self)
                sent[" ".join(re.sub(r'SAVEPOINT ".*"', "SAVEPOINT", text).split())] += 1
            return original(self, statement, *args, **kwargs)

        return call

    psycopg.Cursor.execute, psycopg.Cursor.copy = counted(execute), counted(copy)  # type: ignore[method-assign]  # to count
    try:
        yield sent
    finally:
        psycopg.Cursor.execute, psycopg.Cursor.copy = execute, copy  # type: ignore[method-assign]  # as it was
