"""How far the data of a person's clinics can be trusted now: two queries, whatever the number of clinics."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connection

from accounts.models import Clinic
from accounts.scope import clinic_scope_q
from recovery.decisions import Limits
from recovery.trust import ClinicTrust, FeedTrust, oldest, proven_at
from scheduling.vocabulary import Decision, LaunchMode

# Of each clinic's settings the newest version in force; JSON as text, since every page asks this.
_CLINICS = """
SELECT c.id, c.name, c.timezone, c.source_id, s.name,
    (SELECT json_agg(json_build_array(decision, warn_after, held_after))::text FROM (
        SELECT DISTINCT ON (decision) decision, warn_after, held_after FROM accounts_cliniclimit
        WHERE clinic_id = c.id AND valid_from <= %s ORDER BY decision, valid_from DESC, id DESC
    ) AS limits),
    (SELECT json_agg(json_build_array(decision, mode))::text FROM (
        SELECT DISTINCT ON (decision) decision, mode FROM accounts_cliniclaunchmode
        WHERE clinic_id = c.id AND valid_from <= %s ORDER BY decision, valid_from DESC, id DESC
    ) AS modes)
FROM accounts_clinic c JOIN accounts_source s ON s.id = c.source_id
WHERE c.id IN ({scope}) ORDER BY c.name, c.id
"""
_FEEDS = """
SELECT f.source_id, f.id, f.key, f.name, t.name, p.digested_to, p.heartbeat_at, e.taken_at, w.received_at
FROM scheduling_feed f
LEFT JOIN accounts_team t ON t.id = f.owner_team_id
LEFT JOIN scheduling_feedproof p ON p.feed_id = f.id
LEFT JOIN (
    SELECT feed_id, max(taken_at) AS taken_at FROM scheduling_extract WHERE finished_at IS NOT NULL GROUP BY feed_id
) AS e ON e.feed_id = f.id
LEFT JOIN (SELECT feed_id, min(received_at) AS received_at FROM scheduling_waiting GROUP BY feed_id) AS w
    ON w.feed_id = f.id
WHERE f.is_active AND f.source_id = ANY(%s)
"""


def clinic_trusts(user: Any, now: datetime) -> list[ClinicTrust]:
    """The clinics a person may see, by name, with their slowest feed, limits and launch modes as of ``now``."""
    visible = Clinic.objects.filter(clinic_scope_q(user, "pk", "source")).order_by().values("pk")
    try:
        scope, params = visible.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_CLINICS.format(scope=scope), [now, now, *params])
        rows = cursor.fetchall()
        cursor.execute(_FEEDS, [sorted({row[3] for row in rows})])
        feeds = _by_source(cursor.fetchall())
    return [
        ClinicTrust(
            clinic_id=clinic_id,
            name=name,
            source_id=source_id,
            source_name=source_name,
            zone=ZoneInfo(zone),
            feed=oldest(feeds[source_id]),
            limits={
                Decision(decision): Limits(timedelta(seconds=warn), timedelta(seconds=held))
                for decision, warn, held in orjson.loads(limits or "[]")
            },
            modes={Decision(decision): LaunchMode(mode) for decision, mode in orjson.loads(modes or "[]")},
        )
        for clinic_id, name, zone, source_id, source_name, limits, modes in rows
    ]


def _by_source(rows: list[tuple[Any, ...]]) -> defaultdict[int, list[FeedTrust]]:
    """The proofs of active feeds; a feed that never proved anything is left out."""
    found: defaultdict[int, list[FeedTrust]] = defaultdict(list)
    for source_id, feed_id, key, name, owner, digested_to, heartbeat_at, taken_at, waiting in rows:
        proven = proven_at(
            digested_to=digested_to, heartbeat_at=heartbeat_at, extract_taken_at=taken_at, oldest_waiting=waiting
        )
        if proven is not None:
            found[source_id].append(FeedTrust(feed_id, key, name, owner or "", proven))
    return found
