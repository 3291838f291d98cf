"""Ids in blocks: one ``nextval`` reserves a block of ids for COPY (migration 0002). Ids never mean order."""

from collections.abc import Iterator
from itertools import chain

from scheduling.sql.cursors import Cursor

BLOCK = 1000


def take_ids(cursor: Cursor, table: str, count: int) -> Iterator[int]:
    """``count`` fresh ids of ``table``; unused ids of a block are lost, which bigints can bear."""
    blocks = -(-count // BLOCK)
    if not blocks:
        return iter(())
    cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", (table, blocks))
    starts = [row[0] for row in cursor.fetchall()]
    return chain.from_iterable(range(start, start + BLOCK) for start in starts)
