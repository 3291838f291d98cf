"""Claim what waits: lock some lanes, take their oldest messages out of the thin waiting table."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from scheduling.sql.cursors import Cursor

LANES = 64
LANE_LOCK = 7_041  # our class of advisory locks; the lane is the object

# The locks are asked for one by one, in the order of the series, until the limit is reached.
_LOCK_LANES = f"""
SELECT lane FROM (SELECT (%b::int4 + step) %% {LANES} AS lane FROM generate_series(0, {LANES - 1}) AS step) AS lanes
WHERE pg_try_advisory_xact_lock({LANE_LOCK}, lane) LIMIT %b::int4
"""
# With what each message repeats (I2): every stored message is compared, digested or not, so the answer does not depend
# on who digests what first.
_TAKEN = """
SELECT m.id, m.feed_id, m.received_at, m.control_id, m.control_hash, m.digest, m.body, m.extract_id, (
    SELECT bool_or(other.digest = m.digest) FROM scheduling_message other
    WHERE m.control_hash <> 0 AND other.feed_id = m.feed_id AND other.control_hash = m.control_hash
      AND (other.received_at, other.id) < (m.received_at, m.id)
)
FROM taken JOIN scheduling_message m ON m.id = taken.message_id
"""
# Deleted by place, since the rows are locked and never updated: by id, each batch would read the whole backlog.
_CLAIM = f"""
WITH taken AS (
    DELETE FROM scheduling_waiting WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM scheduling_waiting ORDER BY message_id LIMIT %b FOR UPDATE SKIP LOCKED
    )) RETURNING message_id
)
{_TAKEN}
"""
# What belongs to a lane of somebody else, by a merge, is moved there instead, once.
_CLAIM_AND_MOVE = f"""
WITH oldest AS MATERIALIZED (
    SELECT ctid AS place, patient_hash FROM scheduling_waiting WHERE lane = ANY(%b::int2[])
    ORDER BY message_id LIMIT %b FOR UPDATE SKIP LOCKED
), stray AS MATERIALIZED (
    SELECT place, (survivor_hash %% {LANES})::int2 AS lane FROM oldest JOIN scheduling_lanelink USING (patient_hash)
    WHERE (survivor_hash %% {LANES})::int2 <> ALL(%b::int2[])
), moved AS (
    UPDATE scheduling_waiting w SET lane = stray.lane FROM stray WHERE w.ctid = stray.place
), taken AS (
    DELETE FROM scheduling_waiting WHERE ctid = ANY(ARRAY(
        SELECT place FROM oldest EXCEPT ALL SELECT place FROM stray
    )) RETURNING message_id
)
{_TAKEN}
"""
_CLAIM_THESE = f"""
WITH taken AS (
    DELETE FROM scheduling_waiting WHERE message_id IN (
        SELECT message_id FROM scheduling_waiting WHERE message_id = ANY(%b)
        ORDER BY message_id FOR UPDATE SKIP LOCKED
    ) RETURNING message_id
)
{_TAKEN}
"""
_REFOLDS = """
DELETE FROM scheduling_refoldrequest WHERE appointment_id = ANY(ARRAY(
    SELECT appointment_id FROM scheduling_refoldrequest WHERE NOT is_parked
    ORDER BY position, appointment_id LIMIT %b FOR UPDATE SKIP LOCKED
)) RETURNING appointment_id, replay_id
"""
_THESE_REFOLDS = """
DELETE FROM scheduling_refoldrequest WHERE appointment_id IN (
    SELECT appointment_id FROM scheduling_refoldrequest WHERE appointment_id = ANY(%b) AND NOT is_parked
    ORDER BY appointment_id FOR UPDATE SKIP LOCKED
) RETURNING appointment_id, replay_id
"""


class Claimed(NamedTuple):
    """One message out of the inbox. It is back in the inbox if the batch does not commit.

    ``repeats``: whether an earlier message of the feed with its control id has its bytes too; None where there is none.
    """

    message_id: int
    feed_id: int
    received_at: datetime
    control_id: str
    control_hash: int
    digest: bytes
    body: bytes
    extract_id: int | None
    repeats: bool | None = None


class Refold(NamedTuple):
    """One appointment to map and fold anew, and the replay that asked for it. Asked for again if the batch fails."""

    appointment_id: int
    replay_id: int | None = None


def lock_lanes(cursor: Cursor, *, start: int, share: int) -> list[int]:
    """Lock up to ``share`` lanes that nobody works on, beginning at lane ``start``, until the batch ends."""
    cursor.execute(_LOCK_LANES, (start, share), binary=True)
    return [row[0] for row in cursor.fetchall()]


def claim(cursor: Cursor, lanes: Collection[int], *, limit: int) -> list[Claimed]:
    """Take the oldest waiting messages of ``lanes``, at most ``limit``.

    Of these, messages of a record that was merged into one of another lane are moved there and left: a person whose
    records were worked on in several lanes would make their workers wait for each other's commit.
    """
    if len(lanes) == LANES:
        cursor.execute(_CLAIM, (limit,), binary=True)
    else:
        cursor.execute(_CLAIM_AND_MOVE, (list(lanes), limit, list(lanes)), binary=True)
    return [Claimed(*row) for row in cursor.fetchall()]


def claim_these(cursor: Cursor, message_ids: Collection[int]) -> list[Claimed]:
    """Take those of ``message_ids`` that still wait and nobody else holds."""
    cursor.execute(_CLAIM_THESE, (list(message_ids),), binary=True)
    return [Claimed(*row) for row in cursor.fetchall()]


def claim_refolds(cursor: Cursor, *, limit: int) -> list[Refold]:
    """Take appointments that are to be mapped and folded anew, those of replays in the order of their source."""
    cursor.execute(_REFOLDS, (limit,), binary=True)
    return [Refold(*row) for row in cursor.fetchall()]


def claim_these_refolds(cursor: Cursor, appointment_ids: Collection[int]) -> list[Refold]:
    """Take those of ``appointment_ids`` that are still to be folded anew and nobody else holds."""
    cursor.execute(_THESE_REFOLDS, (list(appointment_ids),), binary=True)
    return [Refold(*row) for row in cursor.fetchall()]
