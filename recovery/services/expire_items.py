"""Close what the clock ended."""

from datetime import datetime

from django.db import connection, transaction

# One sweep's worth; the next tick takes the rest.
MOST = 5_000
_EXPIRE = """
WITH due AS (
    SELECT id FROM recovery_queueitem WHERE state = 'open' AND useful_until <= %s
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
), closed AS (
    UPDATE recovery_queueitem AS i
    SET state = 'closed', closed_at = %s, close_reason = 'expired', version = i.version + 1
    FROM due WHERE i.id = due.id
    RETURNING i.id
)
INSERT INTO recovery_itemevent (item_id, kind, at, reason, detail)
SELECT id, 'closed', %s, 'expired', '{}' FROM closed ORDER BY id
"""


@transaction.atomic
def expire_items(now: datetime) -> int:
    """Close every open item whose last useful moment has passed; returns how many. Running it again changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRE, (now, MOST, now, now))
        return int(cursor.rowcount)
