"""Missed visits by how long they were booked ahead, and visits at risk that were to be confirmed."""

from datetime import date

from django.db import connection

from recovery.metrics.counting import ChanceGroup
from recovery.metrics.definitions import LEAD_BANDS
from recovery.metrics.measures import Chain
from recovery.selectors.results_scope import Scope
from recovery.vocabulary import Family

COUNTS_AS_MISSED = 4
_VISITS = """
FROM scheduling_appointment a JOIN accounts_clinic c ON c.id = a.clinic_id
"""
_IN_PERIOD = """
a.clinic_id = ANY(%(clinics)s) AND a.starts_at >= %(begins)s AND a.starts_at < %(ends)s AND a.starts_at <= %(now)s
  AND (a.starts_at AT TIME ZONE c.timezone)::date BETWEEN %(first)s AND %(last)s
"""
_WEEK = "date_trunc('week', a.starts_at AT TIME ZONE c.timezone)::date"
_LEADS = f"""
SELECT {_WEEK}, width_bucket(greatest((a.starts_at AT TIME ZONE c.timezone)::date
           - (a.booked_at AT TIME ZONE c.timezone)::date, 0), %(bands)s::int4[]),
       count(*) FILTER (WHERE a.status <> 'completed'), count(*)
{_VISITS}
WHERE {_IN_PERIOD} AND a.booked_at IS NOT NULL
  AND (a.status IN ('completed', 'missed')
       OR a.status IN ('cancelled', 'left_unseen') AND a.reason_flags & %(as_missed)s > 0)
GROUP BY 1, 2
"""
_CONFIRMS = f"""
SELECT {_WEEK}, count(DISTINCT a.id), count(DISTINCT a.id) FILTER (WHERE t.contacts > 0),
       count(DISTINCT a.id) FILTER (WHERE t.contacts > 0 AND a.status = 'completed'), sum(t.contacts)::int8
{_VISITS} JOIN recovery_queueitem i ON i.appointment_id = a.id AND i.family = %(family)s
       CROSS JOIN LATERAL (
           SELECT count(*) AS contacts FROM recovery_attempt WHERE item_id = i.id AND is_counted
       ) AS t
WHERE {_IN_PERIOD}
GROUP BY 1
"""  # noqa: S608


def count_leads(scope: Scope) -> list[tuple[str, date, int, int]]:
    """(figure, week, missed, all) of visits that ended, by days from booking to start; one statement."""
    bounds = [0, *(last + 1 for _, _, last in LEAD_BANDS[:-1])]
    with connection.cursor() as cursor:
        cursor.execute(_LEADS, scope.params() | {"bands": bounds, "as_missed": COUNTS_AS_MISSED})
        rows = cursor.fetchall()
    return [(f"lead_{LEAD_BANDS[band - 1][0]}", week, missed, every) for week, band, missed, every in rows]


def count_confirms(scope: Scope) -> list[ChanceGroup]:
    """Visits at risk that were in the queue, by week of their start; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_CONFIRMS, scope.params() | {"family": str(Family.CONFIRM)})
        rows = cursor.fetchall()
    return [
        ChanceGroup(week, Family.CONFIRM, Chain(found, acted, completed), contacts)
        for week, found, acted, completed, contacts in rows
    ]
