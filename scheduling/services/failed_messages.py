"""Messages on which our own work failed: what they are, and how they go back into the inbox once it is mended."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from scheduling.digestion.claim import LANES
from scheduling.models import Feed, Receipt
from scheduling.readers.peek import peek
from scheduling.services.intake import WAITING, patient_hash
from scheduling.services.waking import wake_workers
from scheduling.sql.cursors import server_cursor
from scheduling.vocabulary import FeedFormat, Outcome

MOST_AT_ONCE = 5_000
# The receipts are locked in order, so that two people who press at once cannot wait for each other in a circle; the
# second finds none. Only a failed message may go back: of any other the desk holds facts already.
_TAKE_BACK = """
WITH gone AS (
    DELETE FROM scheduling_receipt WHERE message_id IN (
        SELECT message_id FROM scheduling_receipt
        WHERE message_id = ANY(%b) AND feed_id = %b AND outcome = 'failed'
        ORDER BY message_id FOR UPDATE
    ) RETURNING message_id
)
SELECT m.id, m.control_id, m.body, m.received_at FROM gone JOIN scheduling_message m ON m.id = gone.message_id
ORDER BY m.id
"""


def failed_receipts(feed_id: int | None, error: str, *, since: datetime, until: datetime) -> QuerySet[Receipt]:
    """Receipts of a feed's messages that an error of ours stopped, received in [since, until].

    ``error`` is the name of the exception class as ``config.digesting`` writes it into the sentence.
    """
    return Receipt.objects.filter(
        feed=feed_id,
        outcome=Outcome.FAILED,
        received_at__gte=since,
        received_at__lte=until,
        sentence__startswith=f"Digesting it raised {error};",
    )


@transaction.atomic
def process_again(
    feed: Feed, message_ids: list[int], *, actor: User | None, now: datetime, request_id: str = ""
) -> list[int]:
    """Put failed messages of a feed back into the inbox; returns the ids of those that went back.

    Each loses its receipt and waits again in one transaction, so the ledger adds up at every moment (I2). Those that
    are not failed (any more) are left alone: pressing twice changes nothing.
    """
    with server_cursor() as cursor:
        cursor.execute(_TAKE_BACK, (message_ids[:MOST_AT_ONCE], feed.pk), binary=True)
        rows = []
        for message_id, control_id, body, received_at in cursor.fetchall():
            _, patient_key, _ = peek(body, FeedFormat(feed.format))
            hashed = patient_hash(patient_key or control_id)
            rows.append((message_id, feed.pk, hashed % LANES, hashed, received_at))
        WAITING.append(cursor, rows)
    back = [row[0] for row in rows]
    if back:
        record(
            AuditAction.CHANGED, actor=actor, subject_kind="scheduling.message", subjects=back,
            detail={"verb": "process_again"}, now=now, request_id=request_id,
        )  # fmt: skip
        transaction.on_commit(wake_workers)
    return back
