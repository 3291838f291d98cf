"""The survey of outreach: messages that nothing was heard of, and clinic days without any contact."""

from datetime import datetime, timedelta

from django.conf import settings

from exceptions.surveys.calendars import read_calendars
from exceptions.surveys.looking import MOST, WINDOW, Looked, Survey
from exceptions.surveys.registry import register
from recovery.decisions import DECISIONS_OF
from recovery.outreach.checks import CHECKS, ClinicWork, Unheard, find_silent, find_unheard
from recovery.outreach.gateways import GATEWAYS, chosen_gateways
from recovery.vocabulary import Level
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import LaunchMode

# What concerns a whole source stands at its first feed. Messages of long ago tell nothing of the gateway now.
_UNHEARD = """
SELECT attempt.channel, clinic.source_id, min(feed.id), min(outbound.settled_at)
FROM recovery_outbound outbound
JOIN recovery_attempt attempt ON attempt.id = outbound.attempt_id
JOIN accounts_clinic clinic ON clinic.id = attempt.clinic_id
JOIN scheduling_feed feed ON feed.source_id = clinic.source_id
WHERE outbound.state = 'sent' AND outbound.status_at IS NULL AND attempt.channel = ANY(%(channels)s)
    AND outbound.settled_at < %(until)s AND outbound.settled_at >= %(since)s
GROUP BY attempt.channel, clinic.source_id ORDER BY 1, 2
"""
# Clinics that are live, with the chances that could be worked: from when they were ready until they ended or closed.
_WORK = """
WITH modes AS (
    SELECT DISTINCT ON (clinic_id, decision) clinic_id, decision, mode FROM accounts_cliniclaunchmode
    WHERE valid_from <= %(now)s ORDER BY clinic_id, decision, valid_from DESC, id DESC
), live AS (
    SELECT clinic_id, array_agg(decision) AS decisions FROM modes WHERE mode = %(live)s GROUP BY clinic_id
), chances AS (
    SELECT item.clinic_id, greatest(item.opened_at, item.ready_from, item.not_before) AS begins,
        least(item.useful_until, coalesce(item.closed_at, item.useful_until)) AS ends
    FROM recovery_queueitem item
    JOIN live ON live.clinic_id = item.clinic_id
    JOIN unnest(%(families)s::text[], %(decisions)s::text[]) AS wanted (family, decision)
        ON wanted.family = item.family AND wanted.decision = ANY(live.decisions)
    WHERE item.level < %(held)s AND item.useful_until > %(since)s AND coalesce(item.closed_at, %(now)s) > %(since)s
    ORDER BY item.opened_at DESC, item.id DESC LIMIT %(most)s
)
SELECT clinic.id, clinic.source_id, (SELECT min(id) FROM scheduling_feed WHERE source_id = clinic.source_id),
    array_agg(chances.begins ORDER BY chances.begins, chances.ends),
    array_agg(chances.ends ORDER BY chances.begins, chances.ends),
    (SELECT max(at) FROM recovery_attempt attempt
     WHERE attempt.clinic_id = clinic.id AND attempt.is_counted AND attempt.at >= %(since)s)
FROM chances JOIN accounts_clinic clinic ON clinic.id = chances.clinic_id
GROUP BY clinic.id ORDER BY clinic.id
"""


def look(cursor: Cursor, now: datetime) -> Looked:
    """Find what lives at ``now``."""
    return Looked(
        [*find_unheard(_unheard(cursor, now)), *find_silent(_work(cursor, now), read_calendars(cursor).by_clinic, now)]
    )


def _unheard(cursor: Cursor, now: datetime) -> list[Unheard]:
    channels = [str(channel) for channel, name in chosen_gateways().items() if GATEWAYS[name].tells_status]
    until = now - timedelta(hours=settings.OUTREACH_STATUS_HOURS)
    cursor.execute(_UNHEARD, {"channels": channels, "until": until, "since": now - WINDOW}, prepare=False)
    return [Unheard(*row) for row in cursor.fetchall()]


def _work(cursor: Cursor, now: datetime) -> list[ClinicWork]:
    pairs = sorted({(str(family), str(one)) for family, decisions in DECISIONS_OF.items() for one in decisions})
    cursor.execute(
        _WORK,
        {
            "now": now,
            "since": now - WINDOW,
            "live": str(LaunchMode.LIVE),
            "held": int(Level.HELD),
            "families": [family for family, _ in pairs],
            "decisions": [decision for _, decision in pairs],
            "most": MOST,
        },
        prepare=False,
    )
    return [
        ClinicWork(clinic, source, feed, tuple(zip(begins, ends, strict=True)), contacted)
        for clinic, source, feed, begins, ends, contacted in cursor.fetchall()
        if feed is not None
    ]


def register_survey() -> None:
    """Add the survey and its two checks to the catalogue; called once when Django is ready."""
    register(Survey("outreach", CHECKS, look))
