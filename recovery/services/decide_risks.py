"""Decide which visits at risk are called about and which are left uncontacted on purpose; a decision is never changed.

Each clinic's seed row is the owner of its draws: whoever decides locks it, and another sweep passes the clinic by.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from recovery.contacting.policy import CONFIRM_REST
from recovery.risk.arms import arm_of
from recovery.services.open_confirms import open_confirms
from recovery.vocabulary import RiskArm
from scheduling.sql.cursors import Cursor, server_cursor

# Later nobody is reached in time, and the slot could not be given to anybody else.
LEAST_AHEAD = timedelta(hours=4)
# What a score says of a visit is old by then; scores come nightly or weekly.
SCORE_LASTS = timedelta(days=7)
# The rest between two contacts counts whatever the arm: so both arms hold the same kind of people.
REST = CONFIRM_REST
CHUNK, MOST_CHUNKS = 500, 20

_DUE = """
WITH policy AS (
    SELECT DISTINCT ON (clinic_id) id, clinic_id, is_on, model, threshold, days_ahead, holdout
    FROM recovery_riskpolicy WHERE valid_from <= %b ORDER BY clinic_id, valid_from DESC, id DESC
), mode AS (
    SELECT DISTINCT ON (clinic_id) clinic_id, mode FROM accounts_cliniclaunchmode
    WHERE decision = 'confirm' AND valid_from <= %b ORDER BY clinic_id, valid_from DESC, id DESC
), drawing AS (
    SELECT policy.*, mode.mode, seed.secret
    FROM policy JOIN mode USING (clinic_id) JOIN recovery_riskseed seed USING (clinic_id)
    WHERE policy.is_on AND mode.mode IN ('shadow', 'live')
), rested AS (
    SELECT p.clinic_id, coalesce(who.merged_into_id, who.id) AS person_id
    FROM recovery_riskdecision d JOIN recovery_riskpolicy p ON p.id = d.policy_id
    JOIN scheduling_appointment o ON o.id = d.appointment_id JOIN scheduling_patient who ON who.id = o.patient_id
    WHERE d.at > %b
), due AS (
    SELECT DISTINCT ON (a.clinic_id, coalesce(who.merged_into_id, who.id))
           a.id, drawing.id AS policy_id, drawing.model, newest.score, newest.reason, drawing.threshold,
           drawing.holdout, drawing.mode, a.starts_at, drawing.secret
    FROM drawing JOIN scheduling_appointment a ON a.clinic_id = drawing.clinic_id
    JOIN scheduling_patient who ON who.id = a.patient_id
    CROSS JOIN LATERAL (
        SELECT s.score, s.reason, s.scored_at FROM recovery_riskscore s
        WHERE s.appointment_id = a.id AND s.model = drawing.model ORDER BY s.scored_at DESC LIMIT 1
    ) AS newest
    WHERE drawing.clinic_id = ANY(%b::int8[])
      AND a.starts_at > %b AND a.starts_at <= %b + drawing.days_ahead * interval '1 day'
      AND a.status IN ('pending', 'booked') AND a.troubles IS NULL AND NOT who.died
      AND newest.score >= drawing.threshold AND newest.scored_at > %b
      AND NOT EXISTS (SELECT FROM recovery_riskdecision d WHERE d.appointment_id = a.id)
      AND NOT EXISTS (SELECT FROM rested WHERE rested.clinic_id = a.clinic_id
                      AND rested.person_id = coalesce(who.merged_into_id, who.id))
    ORDER BY a.clinic_id, coalesce(who.merged_into_id, who.id), a.starts_at, a.id
)
SELECT * FROM due ORDER BY id LIMIT %b
"""
_OWN = "SELECT clinic_id FROM recovery_riskseed ORDER BY clinic_id FOR UPDATE SKIP LOCKED"
# A visit may move from one clinic to another while the sweeps of both draw it.
_WRITE = """
INSERT INTO recovery_riskdecision
    (appointment_id, policy_id, model, score, reason, threshold, arm, mode, starts_at, at)
SELECT told.*, %b
FROM unnest(%b::int8[], %b::int8[], %b::text[], %b::float8[], %b::text[], %b::float8[], %b::text[], %b::text[],
            %b::timestamptz[]) AS told
ON CONFLICT (appointment_id) DO NOTHING RETURNING appointment_id, arm
"""


class Due(NamedTuple):
    """A visit that is to be decided now, and by what."""

    visit: int
    policy: int
    model: str
    score: float
    reason: str
    threshold: float
    holdout: int
    mode: str
    starts_at: datetime
    secret: bytes


class Decided(NamedTuple):
    """How many visits went into either arm."""

    contact: int = 0
    holdout: int = 0


def decide_risks(now: datetime) -> Decided:
    """Decide every visit that is due at ``now``, by its clinic's policy in force; running it again changes nothing.

    Due is a visit that stands for sure, starts in more than four hours and within the policy's window, and whose
    newest score of the policy's model reaches the threshold and is at most a week old. Of one person's visits at a
    clinic only the next is decided, and none within 60 days of another. Clinics that only observe decide nothing.
    Chances of those to be contacted open in the same transaction.
    """
    contact = holdout = 0
    for _ in range(MOST_CHUNKS):
        with transaction.atomic(), server_cursor() as cursor:
            due = _read_due(cursor, now)
            arms = _write(cursor, due, now) if due else {}
            called = sorted(visit for visit, arm in arms.items() if arm == RiskArm.CONTACT)
            if called:
                open_confirms(called, now=now)
        contact, holdout = contact + len(called), holdout + len(arms) - len(called)
        if len(due) < CHUNK:
            break
    return Decided(contact, holdout)


def _read_due(cursor: Cursor, now: datetime) -> list[Due]:
    cursor.execute(_OWN)
    clinics = [row[0] for row in cursor.fetchall()]
    if not clinics:
        return []
    cursor.execute(_DUE, (now, now, now - REST, clinics, now + LEAST_AHEAD, now, now - SCORE_LASTS, CHUNK))
    return [Due._make(row) for row in cursor.fetchall()]


def _write(cursor: Cursor, due: Iterable[Due], now: datetime) -> dict[int, str]:
    rows = [
        (
            one.visit,
            one.policy,
            one.model,
            one.score,
            one.reason,
            one.threshold,
            str(arm_of(one.secret, one.visit, one.holdout)),
            one.mode,
            one.starts_at,
        )
        for one in due
    ]
    cursor.execute(_WRITE, (now, *([*column] for column in zip(*rows, strict=True))))
    return dict(cursor.fetchall())
