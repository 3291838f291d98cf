"""Write notices down, in the transaction of the change they tell of (I9)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from exceptions.notices.recipients import Recipient, recipients
from exceptions.notices.requests import LONGEST_KEY, NoticeRequest
from exceptions.notices.timing import deadline, send_after
from exceptions.vocabulary import Channel, NoticeState

MOST_AT_ONCE = 5_000
LONGEST_SENTENCE = 300

_WRITE = """
INSERT INTO exceptions_notice (
    key, kind, channel, person_id, endpoint_id, exception_id, step_run_id, sentence, is_urgent, created_at, send_after,
    deadline_at, state, tries, settled_at, problem
)
SELECT key, kind, channel, person, endpoint, exception, step_run, sentence, is_urgent, %s, send_after, deadline_at,
    state, 0, settled_at, ''
FROM unnest(
    %s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[],
    %s::boolean[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::timestamptz[]
) AS new (
    key, kind, channel, person, endpoint, exception, step_run, sentence, is_urgent, send_after, deadline_at, state,
    settled_at
)
ORDER BY key
ON CONFLICT (key) DO NOTHING
"""


class Written(NamedTuple):
    """A row of the outbox, in the order of ``_WRITE``."""

    key: str
    kind: str
    channel: str
    person_id: int | None
    endpoint_id: int | None
    exception_id: int | None
    step_run_id: int | None
    sentence: str
    is_urgent: bool
    send_after: datetime
    deadline_at: datetime
    state: str
    settled_at: datetime | None


def queue_notices(requests: Sequence[NoticeRequest], *, now: datetime) -> int:
    """Write what is to be told; return how many notices are new, all channels counted.

    Call it inside the transaction of the change. A person gets a notice in the desk, delivered by being written, and
    an e-mail where their settings want one; an endpoint gets one webhook. Two statements however many requests, up
    to ``MOST_AT_ONCE``; nothing for nobody. What was written before under the same key stays as it is.

    Raises:
        ValueError: a key is too long, or a request names no recipient or two.
    """
    for request in requests:
        _check(request)
    people = sorted({request.person_id for request in requests if request.person_id is not None})
    found = recipients(people) if people else {}
    rows = [row for request in requests for row in _fan_out(request, found, now)]
    # One order for all who write, so that two writers of the same keys wait for each other and never deadlock.
    rows.sort(key=lambda row: row.key)
    return sum(_write(part, now) for part in _parts(rows))


def _check(request: NoticeRequest) -> None:
    if (request.person_id is None) == (request.endpoint_id is None):
        raise ValueError(f"Notice {request.key} has no recipient, or two.")
    if len(request.key) > LONGEST_KEY:
        raise ValueError(f"The key of a notice has at most {LONGEST_KEY} characters: {request.key}.")


def _fan_out(request: NoticeRequest, found: Mapping[int, Recipient], now: datetime) -> Iterator[Written]:
    """The rows of one request: none for a person who is not there any more."""
    if request.person_id is None:
        yield _row(request, Channel.WEBHOOK, now)
        return
    recipient = found.get(request.person_id)
    if recipient is None:
        return
    yield _row(request, Channel.IN_APP, now)._replace(deadline_at=now, state=NoticeState.SENT, settled_at=now)
    if recipient.wants_email:
        first = send_after(now, mode=recipient.mode, quiet=recipient.quiet, is_urgent=request.is_urgent)
        yield _row(request, Channel.EMAIL, first)


def _row(request: NoticeRequest, channel: Channel, first: datetime) -> Written:
    recipient = request.person_id if request.endpoint_id is None else request.endpoint_id
    return Written(
        f"{request.key}:{channel}:{recipient}",
        request.kind,
        channel,
        request.person_id,
        request.endpoint_id,
        request.exception_id,
        request.step_run_id,
        request.sentence[:LONGEST_SENTENCE],
        request.is_urgent,
        first,
        deadline(request.kind, first),
        NoticeState.WAITING,
        None,
    )


def _parts(rows: Sequence[Written]) -> Iterator[Sequence[Written]]:
    for at in range(0, len(rows), MOST_AT_ONCE):
        yield rows[at : at + MOST_AT_ONCE]


def _write(rows: Sequence[Written], now: datetime) -> int:
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [now, *columns])
        return int(cursor.rowcount)
