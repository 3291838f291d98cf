"""Freed slots of a period, asked in SQL: yes-or-no answers about each, counted together; times and days gained.

Set-based: one statement each, whatever the number of slots. The answers are named in ``recovery.metrics.causes``.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from recovery.decisions import LEAST_NOTICE
from recovery.eligibility import LEAST_GAIN, MOST_GAIN
from recovery.metrics.causes import NO_WAY_CODES, PASSING_CODES, STALE_CODES, TAKEN, Flag, outcomes_of
from recovery.metrics.counting import SlotGroup
from recovery.metrics.measures import Spread, spread
from recovery.selectors.results_scope import Scope
from scheduling.vocabulary import STANDING, VACATING, Decision, LaunchMode, Status

# Silence, backlog, a file that did not come: exceptions that say the data of a source is old.
SILENCE = ("silent_feed", "never_heard", "extract_overdue", "backlog")
TIMED = ("time_to_fill", "time_feed_lag", "time_own")
_MISSED = (Status.MISSED, Status.LEFT_UNSEEN)
# A slot is named as the planner names it (services.read_slots); of several who left it the last counts. Its item is
# found by that visit, and who stands in it by the owner row of its day.
_SLOTS = """
slot AS MATERIALIZED (
    SELECT DISTINCT ON (v.resource_day, v.resource, v.starts_at)
           v.appointment_id, v.resource_day, v.resource, v.clinic_id, c.source_id, c.timezone, v.starts_at, v.minutes,
           v.visit_type, v.vacated_at, v.heard_at, v.starts_at - %(least_notice)s AS useful_until,
           (v.starts_at AT TIME ZONE c.timezone)::date AS on_day
    FROM scheduling_vacancy v
         JOIN accounts_clinic c ON c.id = v.clinic_id
         JOIN accounts_source s ON s.id = c.source_id
    WHERE v.clinic_id = ANY(%(clinics)s) AND v.starts_at >= %(begins)s AND v.starts_at < %(ends)s
      AND v.starts_at <= %(now)s AND v.vacated_at < v.starts_at AND v.vacated_at >= s.created_at
      AND (v.starts_at AT TIME ZONE c.timezone)::date BETWEEN %(first)s AND %(last)s
    ORDER BY v.resource_day, v.resource, v.starts_at, v.vacated_at DESC, v.appointment_id
), chance AS MATERIALIZED (
    SELECT slot.*, row_number() OVER () AS no, i.id AS item_id, i.level, i.close_reason, i.closed_at,
           f.is_completed, f.is_missed, f.is_standing, f.booked_at
    FROM slot
         LEFT JOIN LATERAL (
             SELECT q.id, q.level, q.close_reason, q.closed_at FROM recovery_queueitem q
             WHERE q.appointment_id = slot.appointment_id AND q.family = 'refill' AND q.resource = slot.resource
               AND q.starts_at = slot.starts_at
             ORDER BY q.id DESC LIMIT 1
         ) AS i ON true
         CROSS JOIN LATERAL (
             SELECT coalesce(bool_or(a.status = 'completed'), false) AS is_completed,
                    coalesce(bool_or(a.status = ANY(%(missed)s)), false) AS is_missed,
                    coalesce(bool_or(a.status IS NULL OR a.status = ANY(%(standing)s)), false) AS is_standing,
                    min(a.booked_at) FILTER (WHERE a.booked_at >= slot.vacated_at) AS booked_at
             FROM scheduling_appointment a
             WHERE a.resource_day = slot.resource_day AND a.resource = slot.resource
               AND (a.status IS NULL OR a.status = ANY(%(standing)s) OR a.status = ANY(%(missed)s))
               AND a.starts_at < slot.starts_at + slot.minutes * interval '1 minute'
               AND a.starts_at + coalesce(a.minutes, 30) * interval '1 minute' > slot.starts_at
         ) AS f
), asked AS (
    SELECT item_id, min(o.answered_at) FILTER (WHERE o.state = 'booked') AS answered_at,
           bool_or(o.state IN ('pending', 'booked') OR o.state = 'slot_gone' AND o.answered_at IS NOT NULL) AS accepted,
           bool_or(o.state = 'declined') AS declined,
           bool_or(o.state IN ('live', 'expired') OR o.state = 'slot_gone' AND o.answered_at IS NULL) AS unanswered
    FROM chance JOIN recovery_offer o USING (item_id) GROUP BY item_id
), tried AS (
    SELECT item_id, count(*) FILTER (WHERE t.is_counted) AS contacts,
           bool_or(t.outcome = ANY(%(accepted)s)) AS accepted, bool_or(t.outcome = ANY(%(declined)s)) AS declined,
           bool_or(t.outcome = ANY(%(unanswered)s)) AS unanswered,
           bool_or(t.outcome = ANY(%(unreachable)s)) AS unreachable
    FROM chance JOIN recovery_attempt t USING (item_id) WHERE t.is_counted GROUP BY item_id
), refused AS (
    SELECT item_id, bool_or(e.reason = ANY(%(stale)s)) AS stale, bool_or(e.reason = ANY(%(no_way)s)) AS no_way,
           bool_or(e.reason <> ALL(%(known)s) AND e.reason NOT LIKE 'closed\\_%%') AS held
    FROM chance JOIN recovery_itemevent e USING (item_id) WHERE e.kind = 'refused' GROUP BY item_id
), said AS (
    SELECT a.clinic_id, a.visit_type, (a.starts_at AT TIME ZONE c.timezone)::date AS on_day, min(a.booked_at) AS since
    FROM scheduling_appointment a JOIN accounts_clinic c ON c.id = a.clinic_id
    WHERE a.clinic_id = ANY(%(clinics)s) AND a.starts_at >= %(begins)s AND a.starts_at < %(ends)s + %(most_gain)s
      AND a.patient_id IS NOT NULL AND a.visit_type IS NOT NULL AND a.status <> ALL(%(vacating)s)
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT DISTINCT clinic_id, visit_type, on_day, NULL::timestamptz FROM chance
), ahead AS MATERIALIZED (
    SELECT DISTINCT ON (clinic_id, visit_type, on_day) clinic_id, visit_type, on_day, min(since) OVER (
               PARTITION BY clinic_id, visit_type ORDER BY on_day
               RANGE BETWEEN %(least_gain)s FOLLOWING AND %(most_gain)s FOLLOWING
           ) AS booked_at
    FROM said ORDER BY clinic_id, visit_type, on_day
), waited AS MATERIALIZED (
    SELECT DISTINCT c.no FROM chance c JOIN recovery_waitlistentry w USING (clinic_id, visit_type)
    WHERE w.since < c.useful_until AND (w.settled_at IS NULL OR w.settled_at > c.vacated_at)
), silent AS MATERIALIZED (
    SELECT x.source_id, x.clinic_id, p.opened_at, coalesce(least(p.cleared_at, p.closed_at), 'infinity') AS over_at
    FROM exceptions_integrationexception x JOIN exceptions_spell p ON p.exception_id = x.id
    WHERE x.check_id = ANY(%(silence)s) AND p.opened_at <= %(ends)s
      AND coalesce(least(p.cleared_at, p.closed_at), 'infinity') > %(begins)s
)
"""
_ANSWERS: Mapping[Flag, str] = {
    Flag.NOTICED: "c.starts_at - c.vacated_at >= %(notice)s",
    Flag.COMPLETED: "c.is_completed",
    Flag.MISSED: "c.is_missed",
    Flag.STANDING: "c.is_standing AND NOT c.is_completed",
    Flag.LATE: "c.vacated_at > c.useful_until",
    Flag.TEMPLATE: """c.close_reason = 'template_blocked' OR c.item_id IS NULL AND EXISTS (
        SELECT FROM scheduling_templateslot t WHERE t.resource_day = c.resource_day AND t.resource = c.resource
          AND t.status <> 'open' AND t.starts_at < c.starts_at + c.minutes * interval '1 minute'
          AND t.starts_at + t.minutes * interval '1 minute' > c.starts_at)""",
    Flag.HEARD_LATE: "c.heard_at > c.useful_until",
    Flag.NOT_LIVE: """(SELECT m.mode FROM accounts_cliniclaunchmode m
        WHERE m.clinic_id = c.clinic_id AND m.decision = %(decision)s AND m.valid_from <= c.useful_until
        ORDER BY m.valid_from DESC, m.id DESC LIMIT 1) IS DISTINCT FROM %(live)s""",
    Flag.ACCEPTED: "asked.accepted OR tried.accepted",
    Flag.UNANSWERED: "asked.unanswered OR tried.unanswered",
    Flag.DECLINED: "asked.declined OR tried.declined",
    Flag.UNREACHABLE: "tried.unreachable",
    Flag.BY_HAND: "c.close_reason = 'done'",
    Flag.STALE: """refused.stale OR EXISTS (
        SELECT FROM silent WHERE silent.source_id = c.source_id AND silent.opened_at <= c.useful_until
          AND silent.over_at > c.useful_until AND (silent.clinic_id IS NULL OR silent.clinic_id = c.clinic_id))""",
    Flag.NO_WAY: "refused.no_way",
    Flag.HELD: "c.level = 2 OR refused.held",
    Flag.NOBODY: "waited.no IS NULL AND (ahead.booked_at IS NULL OR ahead.booked_at >= c.useful_until)",
    Flag.FOUND: "c.item_id IS NOT NULL",
    Flag.ACTED: "asked.item_id IS NOT NULL OR tried.item_id IS NOT NULL",
}
_BITS = " | ".join(f"coalesce(({asked})::int, 0) * {int(flag)}" for flag, asked in _ANSWERS.items())
_ANSWERED = f"""
WITH {_SLOTS}, answered AS (
    SELECT c.item_id, c.clinic_id, c.appointment_id, c.starts_at, c.on_day, {_BITS} AS flags,
           coalesce(tried.contacts, 0) AS contacts,
           greatest(coalesce(asked.answered_at, c.booked_at, c.closed_at) - c.vacated_at, interval '0') AS to_fill,
           greatest(c.heard_at - c.vacated_at, interval '0') AS feed_lag,
           coalesce(asked.answered_at, c.booked_at, c.closed_at) >= c.vacated_at AS is_timed
    FROM chance c LEFT JOIN asked USING (item_id) LEFT JOIN tried USING (item_id) LEFT JOIN refused USING (item_id)
         LEFT JOIN waited USING (no) LEFT JOIN ahead USING (clinic_id, visit_type, on_day)
)
"""  # noqa: S608 - put together from our own texts
_QUARTILES = "percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY extract(epoch FROM {}))"
_COUNT = f"""{_ANSWERED}
SELECT date_trunc('week', on_day)::date, flags, count(*), sum(contacts)::int8,
       NULL::float8[], NULL::float8[], NULL::float8[]
FROM answered GROUP BY 1, 2
UNION ALL
SELECT NULL, NULL, count(*), NULL, {_QUARTILES.format("to_fill")}, {_QUARTILES.format("feed_lag")},
       {_QUARTILES.format("greatest(to_fill - feed_lag, interval '0')")}
FROM answered WHERE flags & {int(Flag.NOTICED)} > 0 AND flags & {int(TAKEN)} > 0 AND is_timed
"""  # noqa: S608
_BEHIND = f"""{_ANSWERED}
SELECT a.item_id, a.clinic_id, a.starts_at, a.flags FROM answered a
       JOIN scheduling_appointment v ON v.id = a.appointment_id
       LEFT JOIN scheduling_patient p ON p.id = v.patient_id
WHERE a.item_id IS NOT NULL AND a.flags = ANY(%(masks)s) AND coalesce(p.protection <> 'Y' AND p.vip = '', true)
ORDER BY a.starts_at DESC, a.item_id LIMIT %(most)s
"""  # noqa: S608
# What the visit had been before the offer: where it stood when it left that place for the slot, else where it stands.
_SOONER = """
SELECT count(*), percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY days) FROM (
    SELECT (coalesce(left_at.starts_at, a.starts_at) AT TIME ZONE c.timezone)::date
               - (i.starts_at AT TIME ZONE c.timezone)::date AS days
    FROM recovery_offer o
         JOIN recovery_queueitem i ON i.id = o.item_id
         JOIN accounts_clinic c ON c.id = i.clinic_id
         JOIN scheduling_appointment a ON a.id = o.appointment_id
         LEFT JOIN LATERAL (
             SELECT v.starts_at FROM scheduling_vacancy v
             WHERE v.appointment_id = a.id AND v.vacated_at >= o.made_at AND v.starts_at <> i.starts_at
             ORDER BY v.vacated_at, v.starts_at LIMIT 1
         ) AS left_at ON true
    WHERE o.state = 'booked' AND i.clinic_id = ANY(%(clinics)s) AND i.starts_at <= %(now)s
      AND (i.starts_at AT TIME ZONE c.timezone)::date BETWEEN %(first)s AND %(last)s
) AS gained
"""


class SlotRow(NamedTuple):
    """One slot that was in the queue, by its item."""

    item_id: int
    clinic_id: int
    starts_at: datetime
    flags: Flag


class SlotCounts(NamedTuple):
    """Freed slots by week and answers; and of those that were taken how long that took, in seconds, by figure."""

    groups: list[SlotGroup]
    times: dict[str, Spread]


def count_slots(scope: Scope) -> SlotCounts:
    """Count the freed slots of the period; one statement."""
    *groups, timed = sorted(_ask(_COUNT, _params(scope)), key=lambda row: row[0] is None)
    cases, quartiles = timed[2], timed[4:]
    return SlotCounts(
        [SlotGroup(week, Flag(flags), slots, contacts) for week, flags, slots, contacts, *_ in groups],
        {name: spread(found, cases) for name, found in zip(TIMED, quartiles, strict=True)},
    )


def days_sooner(scope: Scope) -> Spread:
    """How many days sooner people came through booked offers; one statement."""
    [(cases, quartiles)] = _ask(_SOONER, _params(scope))
    return spread(quartiles, cases, in_days=True)


def slots_behind(scope: Scope, answers: Iterable[Flag], most: int) -> list[SlotRow]:
    """The newest slots with these answers that were in the queue, without those that restricted patients left.

    One statement.
    """
    masks = sorted({int(flags) for flags in answers})
    rows = _ask(_BEHIND, _params(scope) | {"masks": masks, "most": most})
    return [SlotRow(item, clinic, at, Flag(flags)) for item, clinic, at, flags in rows]


def _params(scope: Scope) -> dict[str, Any]:
    return scope.params() | {
        "notice": scope.notice,
        "least_notice": LEAST_NOTICE,
        "least_gain": LEAST_GAIN,
        "most_gain": MOST_GAIN,
        "missed": [str(status) for status in _MISSED],
        "standing": sorted(str(status) for status in STANDING),
        "vacating": sorted(str(status) for status in VACATING),
        "accepted": outcomes_of(Flag.ACCEPTED),
        "declined": outcomes_of(Flag.DECLINED),
        "unanswered": outcomes_of(Flag.UNANSWERED),
        "unreachable": outcomes_of(Flag.UNREACHABLE),
        "stale": sorted(STALE_CODES),
        "no_way": sorted(NO_WAY_CODES),
        "known": sorted(STALE_CODES | NO_WAY_CODES | PASSING_CODES),
        "silence": list(SILENCE),
        "decision": str(Decision.REFILL_24H),
        "live": str(LaunchMode.LIVE),
    }


def _ask(sql: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
