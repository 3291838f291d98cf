"""Full extracts: what is missing from one has vanished from the source (I3)."""

from datetime import datetime

from django.db import connection, transaction

from scheduling.models import Extract, Feed
from scheduling.readers.envelopes import Envelope, vanished_message
from scheduling.services.intake import Arrival, FeedRef, store
from scheduling.vocabulary import FeedFormat, Transport

# A source does not lose this much at once; more than both means that the extract was cut short.
GUARD_COUNT = 20
GUARD_SHARE = 0.2

# Visits this feed's extracts listed that start after the extract was taken, and are not in it.
_MISSING = """
SELECT a.namespace, a.external_id FROM scheduling_appointment a
WHERE a.source_id = %(source)s AND a.starts_at > %(taken_at)s AND a.status IN ('pending', 'booked', 'confirmed')
AND a.booked_at < %(taken_at)s
AND NOT EXISTS (
    SELECT 1 FROM scheduling_mappedevent e JOIN scheduling_message m ON m.id = e.message_id
    WHERE e.appointment_id = a.id AND m.extract_id = %(extract)s
)
AND EXISTS (
    SELECT 1 FROM scheduling_mappedevent e JOIN scheduling_message m ON m.id = e.message_id
    WHERE e.appointment_id = a.id AND m.extract_id IS NOT NULL
)
"""
_LOST = """
SELECT EXISTS (
    SELECT 1 FROM scheduling_receipt r JOIN scheduling_message m ON m.id = r.message_id
    WHERE m.extract_id = %s AND r.outcome IN ('rejected', 'failed')
)
"""
_UNFINISHED = """
SELECT x.id FROM scheduling_extract x
WHERE x.finished_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM scheduling_waiting w JOIN scheduling_message m ON m.id = w.message_id WHERE m.extract_id = x.id
) ORDER BY x.taken_at
"""


def finish_extracts(*, now: datetime) -> int:
    """Conclude what vanished from each full extract whose last row is digested; returns how many were finished."""
    with connection.cursor() as cursor:
        cursor.execute(_UNFINISHED)
        ids = [row[0] for row in cursor.fetchall()]
    return sum(finish_extract(extract_id, now=now) for extract_id in ids)


@transaction.atomic
def finish_extract(extract_id: int, *, now: datetime) -> bool:
    """Store one event, as of the extract's time, for each visit it no longer lists; False if another did it first.

    Where implausibly much is missing, or a row could not be read, nothing is concluded and the extract is marked
    guarded.
    """
    extract = Extract.objects.select_for_update(skip_locked=True).filter(pk=extract_id, finished_at=None).first()
    if extract is None:
        return False
    feed = Feed.objects.get(pk=extract.feed_id)
    newer = Extract.objects.filter(feed=feed, taken_at__gt=extract.taken_at, finished_at__isnull=False).exists()
    missing = [] if newer else _missing(extract, feed)
    is_implausible = len(missing) > max(GUARD_COUNT, GUARD_SHARE * (extract.rows + len(missing)))
    extract.guarded = extract.guarded or is_implausible or _lost_rows(extract)
    extract.vanished = len(missing)
    extract.finished_at = now
    extract.save(update_fields=["guarded", "vanished", "finished_at"])
    if missing and not extract.guarded:
        _store_vanished(extract, feed, missing, now)
    return True


def _missing(extract: Extract, feed: Feed) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_MISSING, {"source": feed.source_id, "taken_at": extract.taken_at, "extract": extract.pk})
        return [(namespace, external_id) for namespace, external_id in cursor.fetchall()]


def _lost_rows(extract: Extract) -> bool:
    """Whether a row of the extract could not be read: its visit would look vanished."""
    with connection.cursor() as cursor:
        cursor.execute(_LOST, (extract.pk,))
        return bool(cursor.fetchone()[0])


def _store_vanished(extract: Extract, feed: Feed, missing: list[tuple[str, str]], now: datetime) -> None:
    bodies = [
        vanished_message(external_id, extract.taken_at, extract.key, namespace) for namespace, external_id in missing
    ]
    ref = FeedRef(feed.pk, FeedFormat(feed.format), Transport.FILE)
    store([Arrival(ref, now, Envelope(bodies))])
