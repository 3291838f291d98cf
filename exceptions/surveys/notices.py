"""The survey of notices: what was given up in the last hour, by channel or endpoint and by feed."""

from datetime import datetime, timedelta

from exceptions.checks.notices import GivenUp, find
from exceptions.surveys.looking import Looked
from scheduling.sql.cursors import Cursor

LOOKED_BACK = timedelta(hours=1)

# A digest is about what its members are about. What concerns a whole source stands at its first feed. What expired
# because no mail server was ever set up is shown on the outbox, and is no failure.
_GIVEN_UP = """
SELECT coalesce(endpoint.name, 'e-mail'), exception.source_id, coalesce(exception.feed_id, first_feed.id),
    min(notice.settled_at)
FROM exceptions_notice notice
LEFT JOIN exceptions_webhookendpoint endpoint ON endpoint.id = notice.endpoint_id
LEFT JOIN exceptions_notice member ON member.digest_id = notice.id
JOIN exceptions_integrationexception exception ON exception.id = coalesce(notice.exception_id, member.exception_id)
CROSS JOIN LATERAL (
    SELECT min(id) AS id FROM scheduling_feed feed WHERE feed.source_id = exception.source_id
) first_feed
WHERE notice.channel IN ('email', 'webhook') AND notice.settled_at > %(since)s
    AND (notice.state = 'failed' OR (notice.state = 'expired' AND notice.tries > 0))
    AND coalesce(exception.feed_id, first_feed.id) IS NOT NULL
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def look(cursor: Cursor, now: datetime) -> Looked:
    """Find the ways that failed lately; it clears an hour after the last failure."""
    cursor.execute(_GIVEN_UP, {"since": now - LOOKED_BACK}, prepare=False)
    return Looked(find(GivenUp(*row) for row in cursor.fetchall()))
