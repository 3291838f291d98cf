"""What else may go on in the database while a batch runs: another worker's locks, a table that refuses or is slow."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import psycopg
from django.db import connection

from scheduling.digestion.claim import LANE_LOCK


@contextmanager
def busy_lane(lane: int) -> Iterator[None]:
    """A worker in a session of its own holds one lane."""
    params = connection.get_connection_params()
    wanted = {name: params[name] for name in ("host", "port", "user", "password", "dbname") if params.get(name)}
    with psycopg.connect(**wanted, autocommit=True) as session:
        session.execute("SELECT pg_advisory_lock(%s, %s)", (LANE_LOCK, lane))
        yield
        # Said aloud: a session that merely ends lets go of its locks a moment later.
        session.execute("SELECT pg_advisory_unlock(%s, %s)", (LANE_LOCK, lane))


def on_insert(table: str, body: str, *, each: Literal["ROW", "STATEMENT"] = "ROW") -> None:
    """Run some PL/pgSQL before rows of a table are written; a second call replaces the first. Rolled back as all is."""
    with connection.cursor() as cursor:
        cursor.execute(f"""
            CREATE OR REPLACE FUNCTION before_writing() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN {body} RETURN NEW; END $$;
            DROP TRIGGER IF EXISTS before_writing ON {table};
            CREATE TRIGGER before_writing BEFORE INSERT OR UPDATE ON {table}
            FOR EACH {each} EXECUTE FUNCTION before_writing();
        """)
