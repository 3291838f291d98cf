"""Take notices to send, and say how it went: both by guarded statements, so that two senders never share one."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F

from exceptions.models import Notice
from exceptions.notices.arranging import MOST_TRIES
from exceptions.notices.outgoing import Outgoing
from exceptions.vocabulary import Channel, NoticeState

# Longer than one exchange may take, so that only a dead sender's claim runs out.
CLAIM = timedelta(seconds=30)
# By the number of tries that went wrong.
BACKOFF = {1: timedelta(minutes=1), 2: timedelta(minutes=15)}
REST = timedelta(minutes=1)
_POOL = 200

# What is urgent first, then the first notice of an exception to somebody, then by age. The pool keeps the price of
# looking for earlier notices small while many thousands wait.
_CLAIM = """
WITH pool AS (
    SELECT id, is_urgent, channel, exception_id, person_id, endpoint_id, send_after FROM exceptions_notice
    WHERE state IN ('waiting', 'sending') AND send_after <= %(now)s AND (state = 'waiting' OR claimed_until <= %(now)s)
        AND tries < %(tries)s AND deadline_at > %(now)s AND channel = ANY(%(ready)s)
    ORDER BY is_urgent DESC, send_after, id LIMIT %(pool)s FOR UPDATE SKIP LOCKED
), chosen AS (
    SELECT pool.id, row_number() OVER (
        ORDER BY pool.is_urgent DESC, EXISTS (
            SELECT FROM exceptions_notice told
            WHERE told.exception_id = pool.exception_id AND told.id <> pool.id AND told.channel = pool.channel
                AND told.person_id IS NOT DISTINCT FROM pool.person_id
                AND told.endpoint_id IS NOT DISTINCT FROM pool.endpoint_id
                AND (told.state IN ('sent', 'bundled') OR told.id < pool.id)
        ), pool.send_after, pool.id
    ) AS place
    FROM pool ORDER BY place LIMIT %(most)s
), claimed AS (
    UPDATE exceptions_notice notice SET state = 'sending', tries = tries + 1, claimed_until = %(until)s
    FROM chosen WHERE notice.id = chosen.id
    RETURNING notice.id, chosen.place
)
SELECT id FROM claimed ORDER BY place
"""


def claim(now: datetime, *, most: int, ready: Collection[Channel]) -> list[int]:
    """Claim the ids of what to send next, in order. One statement, committed by itself; each claim counts a try."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "now": now,
                "until": now + CLAIM,
                "tries": MOST_TRIES,
                "ready": list(ready),
                "most": most,
                "pool": _POOL,
            },
        )
        return [number for (number,) in cursor.fetchall()]


def settle_sent(notice: Outgoing, now: datetime) -> bool:
    """Write that it went out; False if the claim had run out and somebody else has it."""
    return _settle(notice, state=NoticeState.SENT, settled_at=now, problem="")


def settle_failed(notice: Outgoing, problem: str, now: datetime, *, is_final: bool) -> bool:
    """Write that it did not go out: it is tried again after a while, or given up for good."""
    if is_final or notice.tries >= MOST_TRIES:
        return _settle(notice, state=NoticeState.FAILED, settled_at=now, problem=problem)
    later = now + BACKOFF[notice.tries]
    return _settle(notice, state=NoticeState.WAITING, send_after=later, problem=problem)


def give_back(notice: Outgoing, *, until: datetime | None = None) -> bool:
    """Let go of a claim without having tried, so that it does not count as a try; ``until`` keeps it waiting."""
    waits = {} if until is None else {"send_after": until}
    return _settle(notice, state=NoticeState.WAITING, tries=F("tries") - 1, **waits)


def _settle(notice: Outgoing, **changes: object) -> bool:
    held = Notice.objects.filter(
        pk=notice.notice_id, state=NoticeState.SENDING, tries=notice.tries, claimed_until=notice.claimed_until
    )
    return bool(held.update(claimed_until=None, **changes))
