"""Score the visits to come by the plain baseline (recovery.risk.baseline, docs/risk.md), once a day each.

Counts of the past and visits to come are read by their traits in SQL, so that both mean the same by them.
"""

from datetime import datetime, timedelta

from django.db import transaction

from recovery.risk.baseline import NAME, Count, CountTable, Traits
from scheduling.sql.cursors import Cursor, server_cursor

HISTORY = timedelta(days=365)
# So far ahead a policy may decide (RiskPolicy.days_ahead).
WINDOW = timedelta(days=14)
CHUNK, MOST_CHUNKS = 5_000, 20

# Visits whose end is known: a timer's "missed" is only a guess, and what is held is not counted.
_ENDED = """
{0}.troubles IS NULL AND {0}.starts_at IS NOT NULL AND (
    {0}.status IN ('completed', 'left_unseen') OR ({0}.status = 'missed' AND {0}.set_by IS DISTINCT FROM 'timer'))
"""
_EARLIER = """
CASE WHEN earlier.ended = 0 THEN 'new' WHEN earlier.missed = 0 THEN 'none' WHEN earlier.missed = 1 THEN 'one'
     ELSE 'more' END
"""
_LEAD = """
CASE WHEN a.booked_at IS NULL OR a.booked_at > a.starts_at THEN 'unknown'
     WHEN a.starts_at - a.booked_at < interval '1 day' THEN 'day'
     WHEN a.starts_at - a.booked_at < interval '7 days' THEN 'week'
     WHEN a.starts_at - a.booked_at < interval '28 days' THEN 'month' ELSE 'longer' END
"""
# Of a person's records the one that the others were merged into; what is known a week before the visit counts.
_TRAITS = f"""
WITH ended AS (
    SELECT a.id, a.clinic_id, a.starts_at, a.status, a.visit_type, a.booked_at, a.status = 'missed' AS is_missed,
           coalesce(p.merged_into_id, p.id) AS person_id
    FROM scheduling_appointment a JOIN accounts_clinic c ON c.id = a.clinic_id AND NOT c.is_test
    JOIN scheduling_patient p ON p.id = a.patient_id
    WHERE a.starts_at >= %b AND a.starts_at < %b AND {_ENDED.format("a")}
), a AS (
    SELECT *, count(*) OVER before AS earlier_ended, count(*) FILTER (WHERE is_missed) OVER before AS earlier_missed
    FROM ended WINDOW before AS (
        PARTITION BY person_id ORDER BY starts_at RANGE BETWEEN '365 days' PRECEDING AND '7 days' PRECEDING)
), traits AS (
    SELECT a.id, a.clinic_id, {_EARLIER} AS earlier, {_LEAD} AS lead, coalesce(a.visit_type, '') AS visit_type,
           a.is_missed
    FROM a CROSS JOIN LATERAL (SELECT a.earlier_ended AS ended, a.earlier_missed AS missed) AS earlier
    WHERE a.starts_at >= %b
)
SELECT clinic_id, earlier, lead, visit_type, count(*), count(*) FILTER (WHERE is_missed) FROM traits
"""  # noqa: S608 - put together from our own texts
_COUNTS = f"{_TRAITS} GROUP BY ROLLUP (clinic_id, earlier, lead, visit_type)"
_UNTOUCHED = f"""{_TRAITS} WHERE clinic_id = ANY(%b::int8[])
  AND NOT EXISTS (SELECT FROM recovery_riskdecision d WHERE d.appointment_id = traits.id AND d.arm = 'contact')
GROUP BY clinic_id, earlier, lead, visit_type
"""
_TO_COME = f"""
SELECT a.id, a.clinic_id, {_EARLIER}, {_LEAD}, coalesce(a.visit_type, '')
FROM scheduling_appointment a JOIN accounts_clinic c ON c.id = a.clinic_id AND NOT c.is_test
JOIN scheduling_patient p ON p.id = a.patient_id
CROSS JOIN LATERAL (
    SELECT count(*) AS ended, count(*) FILTER (WHERE h.status = 'missed') AS missed
    FROM scheduling_appointment h
    WHERE h.patient_id IN (
            SELECT coalesce(p.merged_into_id, p.id) UNION ALL
            SELECT o.id FROM scheduling_patient o WHERE o.merged_into_id = coalesce(p.merged_into_id, p.id))
      AND h.starts_at >= a.starts_at - interval '365 days'
      AND h.starts_at <= a.starts_at - interval '7 days' AND h.starts_at < %b AND {_ENDED.format("h")}
) AS earlier
WHERE a.starts_at > %b AND a.starts_at <= %b AND a.status IN ('pending', 'booked') AND a.troubles IS NULL
  AND NOT EXISTS (
      SELECT FROM recovery_riskscore s WHERE s.appointment_id = a.id AND s.model = '{NAME}' AND s.scored_at >= %b)
ORDER BY a.id LIMIT %b
"""  # noqa: S608
_WRITE = f"""
INSERT INTO recovery_riskscore (appointment_id, model, score, reason, scored_at, recorded_at)
SELECT told.visit, '{NAME}', told.score, told.reason, %b, %b
FROM unnest(%b::int8[], %b::float8[], %b::text[]) AS told (visit, score, reason)
ON CONFLICT DO NOTHING
"""  # noqa: S608


def score_baseline(now: datetime) -> int:
    """Score what starts within two weeks and has no baseline score of this UTC day yet; returns how many.

    Nothing is scored before 200 visits have ended. Running it again the same day scores only what was booked since.
    """
    scored = 0
    table: CountTable | None = None
    for _ in range(MOST_CHUNKS):
        with transaction.atomic(), server_cursor() as cursor:
            visits = read_visits_to_come(cursor, now)
            if visits and table is None:
                table = read_counts(cursor, now)
            if not visits or table is None or not table.is_enough:
                break
            scored += _write(cursor, visits, table, now)
        if len(visits) < CHUNK:
            break
    return scored


def read_counts(cursor: Cursor, now: datetime) -> CountTable:
    """How the visits of the last year ended; earlier visits of their people reach back another year."""
    cursor.execute(_COUNTS, (now - 2 * HISTORY, now, now - HISTORY))
    found = {}
    for *traits, ended, missed in cursor.fetchall():
        group = tuple(trait for trait in traits if trait is not None)
        found[group] = Count(ended, missed)
    return CountTable(found)


def read_ended(cursor: Cursor, clinics: list[int], since: datetime, until: datetime) -> list[tuple[Traits, Count]]:
    """How visits of these clinics ended that began in [since, until), by their traits.

    Those that were to be contacted are left out: outreach changes what happens.
    """
    cursor.execute(_UNTOUCHED, (since - HISTORY, until, since, clinics))
    return [(Traits._make(row[:4]), Count._make(row[4:])) for row in cursor.fetchall()]


def read_visits_to_come(cursor: Cursor, now: datetime) -> list[tuple[int, Traits]]:
    """Visits to be scored with their traits, at most one chunk."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    cursor.execute(_TO_COME, (now, now, now + WINDOW, today, CHUNK))
    return [(row[0], Traits._make(row[1:])) for row in cursor.fetchall()]


def _write(cursor: Cursor, visits: list[tuple[int, Traits]], table: CountTable, now: datetime) -> int:
    told = [(visit, *table.score(traits)) for visit, traits in visits]
    cursor.execute(_WRITE, (now, now, *([*column] for column in zip(*told, strict=True))))
    return int(cursor.rowcount)
