"""Full extracts: what is missing from one has vanished from the source (I3).

What an extract concludes depends on what was said up to its own time and on nothing later. So extracts may come in any
order: an older one that comes late changes what the next newer one found missing, and that is concluded again.
"""

from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from scheduling.digestion.envelopes import NO_MESSAGE
from scheduling.digestion.history import load_history
from scheduling.folding.fold import fold
from scheduling.models import EnvelopeNote, Extract, Feed, Message
from scheduling.readers.envelopes import Envelope, vanished_message
from scheduling.services.intake import Arrival, FeedRef, store
from scheduling.sql.cursors import server_cursor
from scheduling.vocabulary import FeedFormat, Status, Transport

# A source does not lose this much at once; more than both means that the extract was cut short.
GUARD_COUNT = 20
GUARD_SHARE = 0.2
EXPECTED = frozenset({Status.PENDING, Status.BOOKED, Status.CONFIRMED})

# Visits that are not in the extract though, of all extracts, one of this feed listed them last before it was taken.
_UNLISTED = """
SELECT a.id, a.namespace, a.external_id, a.occurrence FROM scheduling_appointment a
WHERE a.source_id = %(source)s AND a.starts_at > %(taken_at)s
AND NOT EXISTS (
    SELECT 1 FROM scheduling_mappedevent e JOIN scheduling_message m ON m.id = e.message_id
    WHERE e.appointment_id = a.id AND m.extract_id = %(extract)s
)
AND %(feed)s = (
    SELECT m.feed_id FROM scheduling_mappedevent e JOIN scheduling_message m ON m.id = e.message_id
    WHERE e.appointment_id = a.id AND m.extract_id IS NOT NULL AND e.source_at < %(taken_at)s
    ORDER BY e.order_key DESC LIMIT 1
)
AND (%(listed_by)s::bigint IS NULL OR EXISTS (
    SELECT 1 FROM scheduling_mappedevent e JOIN scheduling_message m ON m.id = e.message_id
    WHERE e.appointment_id = a.id AND m.extract_id = %(listed_by)s
))
ORDER BY a.id
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


class Unlisted(NamedTuple):
    """A visit that an extract does not list."""

    id: int
    namespace: str
    external_id: str
    occurrence: str


def finish_extracts(*, now: datetime) -> int:
    """Conclude what vanished from each full extract whose last row is digested; returns how many were finished."""
    with connection.cursor() as cursor:
        cursor.execute(_UNFINISHED)
        ids = [row[0] for row in cursor.fetchall()]
    return sum(finish_extract(extract_id, now=now) for extract_id in ids)


@transaction.atomic
def finish_extract(extract_id: int, *, now: datetime) -> bool:
    """Store one event, as of the extract's time, for each visit it no longer lists; False if another did it first.

    Where implausibly much is missing, or a row could not be read, nothing is concluded, the extract is marked guarded
    and a note of it is left for judgement.
    """
    extract = Extract.objects.select_for_update(skip_locked=True).filter(pk=extract_id, finished_at=None).first()
    if extract is None:
        return False
    # One extract of a feed at a time: each looks at what the others concluded.
    feed = Feed.objects.select_for_update(no_key=True).get(pk=extract.feed_id)
    missing = _missing(extract, feed)
    is_implausible = _is_implausible(len(missing), extract)
    extract.guarded = extract.guarded or is_implausible or _lost_rows(extract)
    extract.vanished = len(missing)
    extract.finished_at = now
    extract.save(update_fields=["guarded", "vanished", "finished_at"])
    if extract.guarded:
        _note_refusal(extract, "mass_vanish" if is_implausible else "extract_in_doubt", now)
    elif missing:
        _store_vanished(extract, feed, missing, now)
    _conclude_newer(extract, feed, now)
    return True


def _note_refusal(extract: Extract, kind: str, now: datetime) -> None:
    """Leave a note that nothing was concluded; ``kind`` is the id of a check."""
    newest = Message.objects.filter(extract=extract).order_by("-pk").values_list("pk", flat=True).first()
    EnvelopeNote.objects.create(feed_id=extract.feed_id, received_at=now, kind=kind, message_id=newest or NO_MESSAGE)


def _conclude_newer(late: Extract, feed: Feed, now: datetime) -> None:
    """Conclude again what the next newer extract lacks of what ``late``, which came after it, lists.

    Extracts newer still have concluded from that one what they lack of it.
    """
    newer = (
        Extract.objects.select_for_update()
        .filter(feed=feed, taken_at__gt=late.taken_at, finished_at__isnull=False, guarded=False)
        .order_by("taken_at")
        .first()
    )
    if newer is None:
        return
    missing = _missing(newer, feed, listed_by=late)
    vanished = (newer.vanished or 0) + len(missing)
    if missing and not _is_implausible(vanished, newer):
        newer.vanished = vanished
        newer.save(update_fields=["vanished"])
        _store_vanished(newer, feed, missing, now)


def _is_implausible(missing: int, extract: Extract) -> bool:
    return missing > max(GUARD_COUNT, GUARD_SHARE * (extract.rows + missing))


def _missing(extract: Extract, feed: Feed, listed_by: Extract | None = None) -> list[Unlisted]:
    """The unlisted visits that, by all that was said before the extract was taken, were still to come then."""
    named: dict[str, int | datetime | None] = {
        "source": feed.source_id,
        "feed": feed.pk,
        "taken_at": extract.taken_at,
        "extract": extract.pk,
        "listed_by": listed_by.pk if listed_by else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_UNLISTED, named)
        unlisted = [Unlisted(*row) for row in cursor.fetchall()]
    with server_cursor() as history_cursor:
        history = load_history(history_cursor, [visit.id for visit in unlisted])
    missing = []
    for visit in unlisted:
        then = fold(old.event for old in history[visit.id] if old.event.source_at < extract.taken_at)
        if then.status in EXPECTED and then.starts_at is not None and then.starts_at > extract.taken_at:
            missing.append(visit)
    return missing


def _lost_rows(extract: Extract) -> bool:
    """Whether a row of the extract could not be read: its visit would look vanished."""
    with connection.cursor() as cursor:
        cursor.execute(_LOST, (extract.pk,))
        return bool(cursor.fetchone()[0])


def _store_vanished(extract: Extract, feed: Feed, missing: list[Unlisted], now: datetime) -> None:
    bodies = [
        vanished_message(visit.external_id, extract.taken_at, extract.key, visit.namespace, visit.occurrence)
        for visit in missing
    ]
    ref = FeedRef(feed.pk, FeedFormat(feed.format), Transport.FILE)
    store([Arrival(ref, now, Envelope(bodies))])
