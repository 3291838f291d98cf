"""How far the data of a person's clinics can be trusted now: one query, whatever the number of clinics."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Clinic
from accounts.scope import clinic_scope_q
from config.web.asking import answers, rows_of_sql
from recovery.trust import ClinicTrust, FeedTrust, oldest, proven_at
from scheduling.decisions import Limits
from scheduling.vocabulary import Decision, LaunchMode

CACHE_NAME = "_desk_trusts"
# Of each clinic's settings the newest version in force.
_CLINICS = """
SELECT c.id, c.name, c.timezone, c.source_id, s.name AS source,
    (SELECT json_agg(json_build_array(decision, warn_after, held_after)) FROM (
        SELECT DISTINCT ON (decision) decision, warn_after, held_after FROM accounts_cliniclimit
        WHERE clinic_id = c.id AND valid_from <= %s ORDER BY decision, valid_from DESC, id DESC
    ) AS l) AS limits,
    (SELECT json_agg(json_build_array(decision, mode)) FROM (
        SELECT DISTINCT ON (decision) decision, mode FROM accounts_cliniclaunchmode
        WHERE clinic_id = c.id AND valid_from <= %s ORDER BY decision, valid_from DESC, id DESC
    ) AS m) AS modes
FROM accounts_clinic c JOIN accounts_source s ON s.id = c.source_id
WHERE c.id IN ({scope}) ORDER BY c.name, c.id
"""
_FEEDS = """
SELECT f.source_id, f.id, f.key, f.name, t.name AS owner, p.digested_to, p.heartbeat_at, e.taken_at,
    w.received_at AS waiting
FROM scheduling_feed f
LEFT JOIN accounts_team t ON t.id = f.owner_team_id
LEFT JOIN scheduling_feedproof p ON p.feed_id = f.id
LEFT JOIN (
    SELECT feed_id, max(taken_at) AS taken_at FROM scheduling_extract WHERE finished_at IS NOT NULL GROUP BY feed_id
) AS e ON e.feed_id = f.id
LEFT JOIN (SELECT feed_id, min(received_at) AS received_at FROM scheduling_waiting GROUP BY feed_id) AS w
    ON w.feed_id = f.id
WHERE f.is_active AND f.source_id IN (SELECT source_id FROM accounts_clinic WHERE id IN ({scope}))
"""


def clinic_trusts(user: Any, now: datetime) -> list[ClinicTrust]:
    """The clinics a person may see, by name, with their slowest feed, limits and launch modes as of ``now``."""
    return trusts_of(Clinic.objects.filter(clinic_scope_q(user, "pk", "source")), now)


def trusts_of(clinics: QuerySet[Clinic], now: datetime) -> list[ClinicTrust]:
    """The same for these clinics, whoever asks."""
    try:
        scope, params = clinics.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return []
    found = answers(
        {
            "clinics": rows_of_sql(_CLINICS.format(scope=scope), (now, now, *params)),
            "feeds": rows_of_sql(_FEEDS.format(scope=scope), params),
        }
    )
    feeds = _by_source(found["feeds"])
    return [_trust(row, oldest(feeds[row["source_id"]])) for row in found["clinics"]]


def trusts_for(request: HttpRequest, now: datetime) -> list[ClinicTrust]:
    """The same for showing, asked once a request; whoever acts asks ``clinic_trusts`` behind the locks (I5)."""
    kept: list[ClinicTrust] | None = request.__dict__.get(CACHE_NAME)
    if kept is None:
        kept = clinic_trusts(request.user, now)
        request.__dict__[CACHE_NAME] = kept
    return kept


def _trust(row: dict[str, Any], feed: FeedTrust | None) -> ClinicTrust:
    return ClinicTrust(
        clinic_id=row["id"],
        name=row["name"],
        source_id=row["source_id"],
        source_name=row["source"],
        zone=ZoneInfo(row["timezone"]),
        feed=feed,
        limits={
            Decision(decision): Limits(timedelta(seconds=warn), timedelta(seconds=held))
            for decision, warn, held in row["limits"] or ()
        },
        modes={Decision(decision): LaunchMode(mode) for decision, mode in row["modes"] or ()},
    )


def _by_source(rows: list[dict[str, Any]]) -> defaultdict[int, list[FeedTrust]]:
    """The proofs of active feeds; a feed that never proved anything is left out."""
    found: defaultdict[int, list[FeedTrust]] = defaultdict(list)
    for row in rows:
        proven = proven_at(
            digested_to=_moment(row["digested_to"]),
            heartbeat_at=_moment(row["heartbeat_at"]),
            extract_taken_at=_moment(row["taken_at"]),
            oldest_waiting=_moment(row["waiting"]),
        )
        if proven is not None:
            found[row["source_id"]].append(FeedTrust(row["id"], row["key"], row["name"], row["owner"] or "", proven))
    return found


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
