"""What becomes of waiting notices before any is sent: given up, dropped, bundled, put off; by statements on sets."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from exceptions.notices.recipients import recipients
from exceptions.notices.timing import HOUR, after_quiet, deadline, next_hour
from exceptions.vocabulary import Channel, NoticeKind

MOST_AT_ONCE = 1_000
MOST_TRIES = 3

# Of the two keys of our advisory locks; arranging twice at once would bundle and count the same rows apart.
_LOCK_CLASS = 7_405
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(%s, 0)"

# A claim that ran out belongs to a sender that died: it is sent again under the same key, but not for ever.
_GIVE_UP = """
UPDATE exceptions_notice notice
SET settled_at = %(now)s, claimed_until = NULL,
    state = CASE WHEN gone.was_tried THEN 'failed' ELSE 'expired' END,
    problem = CASE
        WHEN gone.was_tried THEN 'The sender ended in the middle of the last try.'
        WHEN NOT gone.channel = ANY(%(ready)s) THEN 'No mail server is set up (EMAIL_URL).'
        WHEN notice.problem = '' THEN 'It could not go out in time.' ELSE notice.problem END
FROM (
    SELECT id, channel, tries >= %(tries)s AND state = 'sending' AS was_tried
    FROM exceptions_notice
    WHERE state IN ('waiting', 'sending') AND send_after <= %(now)s AND (state = 'waiting' OR claimed_until <= %(now)s)
        AND (deadline_at <= %(now)s OR (state = 'sending' AND tries >= %(tries)s))
    ORDER BY send_after, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
) gone
WHERE notice.id = gone.id
"""

# "Closed" is news only to those who heard of it; everything else about a closed exception is none at all.
_DROP = """
WITH judged AS (
    SELECT notice.id, CASE
        WHEN notice.kind IN ('step', 'assigned', 'reopened', 'ended') AND exception.state = 'resolved'
            THEN 'Closed meanwhile.'
        WHEN notice.kind = 'resolved' AND NOT EXISTS (
            SELECT FROM exceptions_notice told
            WHERE told.exception_id = notice.exception_id AND told.id < notice.id AND told.channel = notice.channel
                AND told.person_id IS NOT DISTINCT FROM notice.person_id
                AND told.endpoint_id IS NOT DISTINCT FROM notice.endpoint_id
                AND told.state IN ('sent', 'sending', 'bundled')
        ) THEN 'Closed before it was told.'
        WHEN endpoint.is_active = FALSE THEN 'The endpoint is switched off.'
        WHEN person.is_active = FALSE OR wishes.email = 'off' THEN 'E-mail to this person is switched off.'
        WHEN person.id IS NOT NULL AND exception.id IS NOT NULL AND NOT EXISTS (
            SELECT FROM accounts_grant held
            WHERE held.user_id = person.id AND (
                held.source_id = exception.source_id OR held.clinic_id = exception.clinic_id
                OR (held.source_id IS NULL AND held.clinic_id IS NULL))
        ) THEN 'It is not in the scope of this person.'
    END AS why
    FROM exceptions_notice notice
    LEFT JOIN exceptions_integrationexception exception ON exception.id = notice.exception_id
    LEFT JOIN exceptions_webhookendpoint endpoint ON endpoint.id = notice.endpoint_id
    LEFT JOIN accounts_user person ON person.id = notice.person_id
    LEFT JOIN exceptions_noticesettings wishes ON wishes.person_id = notice.person_id
    WHERE notice.state = 'waiting' AND notice.send_after <= %(now)s
), gone AS (
    SELECT notice.id, judged.why FROM exceptions_notice notice JOIN judged ON judged.id = notice.id
    WHERE judged.why IS NOT NULL AND notice.state = 'waiting' LIMIT %(most)s FOR UPDATE OF notice SKIP LOCKED
)
UPDATE exceptions_notice notice SET state = 'dropped', settled_at = %(now)s, problem = gone.why
FROM gone WHERE notice.id = gone.id
"""

# What had to wait goes out as one; an urgent one only if it was put off to another hour for being one too many.
# Whoever has had a digest in this hour gets the next one in the next.
_BUNDLE = """
WITH waited AS (
    SELECT id, channel, person_id, endpoint_id, is_urgent FROM exceptions_notice
    WHERE state = 'waiting' AND send_after <= %(now)s AND send_after > created_at AND tries = 0 AND kind <> 'digest'
        AND channel = ANY(%(ready)s)
        AND (NOT is_urgent OR send_after >= date_trunc('hour', created_at, 'UTC') + interval '1 hour')
    FOR UPDATE SKIP LOCKED
), opened AS (
    INSERT INTO exceptions_notice (
        key, kind, channel, person_id, endpoint_id, sentence, is_urgent, created_at, send_after, deadline_at, state,
        tries, problem
    )
    SELECT concat('digest:', %(hour)s, ':', channel, ':', coalesce(person_id, endpoint_id)), 'digest', channel,
        person_id, endpoint_id, concat(count(*), ' notices'), bool_or(is_urgent), %(now)s, %(now)s, %(deadline)s,
        'waiting', 0, ''
    FROM waited GROUP BY channel, person_id, endpoint_id HAVING count(*) > 1
    ON CONFLICT (key) DO NOTHING
    RETURNING id, channel, person_id, endpoint_id
)
UPDATE exceptions_notice notice SET state = 'bundled', settled_at = %(now)s, digest_id = opened.id
FROM waited JOIN opened ON opened.channel = waited.channel
    AND opened.person_id IS NOT DISTINCT FROM waited.person_id
    AND opened.endpoint_id IS NOT DISTINCT FROM waited.endpoint_id
WHERE notice.id = waited.id
"""

# Urgent ones count only urgent ones against the limit, so that small talk never delays them.
_OVER = """
WITH due AS (
    SELECT id, channel, person_id, endpoint_id, is_urgent, send_after > created_at AS has_waited,
        row_number() OVER (
            PARTITION BY channel, person_id, endpoint_id ORDER BY is_urgent DESC, send_after, id
        ) AS place
    FROM exceptions_notice
    WHERE state = 'waiting' AND send_after <= %(now)s AND tries = 0 AND kind <> 'digest' AND channel = ANY(%(ready)s)
), used AS (
    SELECT channel, person_id, endpoint_id, count(*) AS number, count(*) FILTER (WHERE is_urgent) AS urgent
    FROM exceptions_notice
    WHERE channel = ANY(%(ready)s) AND kind <> 'digest'
        AND ((state = 'sent' AND settled_at > %(since)s) OR state = 'sending')
    GROUP BY channel, person_id, endpoint_id
)
SELECT due.id, due.person_id FROM due
LEFT JOIN used ON used.channel = due.channel AND used.person_id IS NOT DISTINCT FROM due.person_id
    AND used.endpoint_id IS NOT DISTINCT FROM due.endpoint_id
LEFT JOIN exceptions_noticesettings wishes ON wishes.person_id = due.person_id
LEFT JOIN exceptions_webhookendpoint endpoint ON endpoint.id = due.endpoint_id
WHERE due.place + coalesce(CASE WHEN due.is_urgent THEN used.urgent ELSE used.number END, 0)
        > coalesce(wishes.most_per_hour, endpoint.most_per_hour, %(usual)s)
    OR (due.has_waited AND EXISTS (
        SELECT FROM exceptions_notice digest
        WHERE digest.key = concat('digest:', %(hour)s, ':', due.channel, ':', coalesce(due.person_id, due.endpoint_id))
    ))
ORDER BY due.id LIMIT %(most)s
"""

_PUT_OFF = """
UPDATE exceptions_notice notice SET send_after = new.at, deadline_at = greatest(notice.deadline_at, new.at + %s)
FROM unnest(%s::bigint[], %s::timestamptz[]) AS new (id, at)
WHERE notice.id = new.id AND notice.state = 'waiting'
"""
USUAL_PER_HOUR = 12


class Arranged(NamedTuple):
    """How many notices were given up, dropped, put into digests, and put off to the next hour."""

    given_up: int
    dropped: int
    bundled: int
    put_off: int


@transaction.atomic
def arrange(now: datetime, *, ready: list[Channel]) -> Arranged:
    """Settle what need not be sent, and bundle or put off what is too much; five statements whatever waits.

    ``ready`` are the channels that are set up. Notices of the others wait until their deadline.
    """
    values: dict[str, Any] = {
        "now": now,
        "hour": f"{now:%Y%m%dT%H}",
        "since": now - HOUR,
        "deadline": deadline(NoticeKind.DIGEST, now),
        "ready": list(ready),
        "tries": MOST_TRIES,
        "usual": USUAL_PER_HOUR,
        "most": MOST_AT_ONCE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME, [_LOCK_CLASS])
        given_up, dropped, bundled = (_changed(cursor, statement, values) for statement in (_GIVE_UP, _DROP, _BUNDLE))
        cursor.execute(_OVER, values)
        over = cursor.fetchall()
        if over:
            cursor.execute(_PUT_OFF, _later(over, now))
    return Arranged(given_up, dropped, bundled, len(over))


def _changed(cursor: CursorWrapper, statement: str, values: dict[str, Any]) -> int:
    cursor.execute(statement, values)
    return int(cursor.rowcount)


def _later(over: list[tuple[int, int | None]], now: datetime) -> list[Any]:
    """The parameters of ``_PUT_OFF``: the next full hour, for people outside of their quiet hours."""
    people = recipients({person for _, person in over if person is not None})
    hour = next_hour(now)
    moments = [
        after_quiet(hour, people[person].quiet) if person is not None and person in people else hour
        for _, person in over
    ]
    return [HOUR, [number for number, _ in over], moments]
