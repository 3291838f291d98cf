"""Entries of the waitlist that feeds bring: a visit whose status is waitlisted opens one, any other status ends it.

In the batch's transaction, so that the list is as true as the facts, and convergent (I3): of the persons that a batch
touched it compares which visits are waitlisted now with the feed's entries that wait. Entries of staff and files are
people's own and stay, and what a person took off the list is not put on it again for the same visit.
"""

from recovery.vocabulary import EntryOrigin
from scheduling.folding.change import BatchChanges
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import Status

# Patients are locked by the batch. Of several waitlisted visits of one type the first to be asked for counts.
_LAPSE = """
UPDATE recovery_waitlistentry AS e
SET state = 'lapsed', settled_at = %(now)b, settled_why = 'The visit is not waitlisted any more.'
WHERE e.patient_id = ANY(%(patients)b::int8[]) AND e.state = 'waiting' AND e.origin = %(feed)b
  AND NOT EXISTS (
      SELECT FROM scheduling_appointment a
      WHERE a.id = e.appointment_id AND a.patient_id = e.patient_id AND a.status = %(waitlisted)b
        AND a.clinic_id = e.clinic_id AND a.visit_type = e.visit_type AND a.troubles IS NULL
  )
"""
_OPEN = """
INSERT INTO recovery_waitlistentry (
    source_id, patient_id, clinic_id, visit_type, provider_code, minutes, appointment_id, weekdays, origin, since,
    added_at, state, settled_why
)
SELECT DISTINCT ON (a.patient_id, a.clinic_id, a.visit_type)
       a.source_id, a.patient_id, a.clinic_id, a.visit_type, '', a.minutes, a.id, '{}', %(feed)b,
       coalesce(a.booked_at, a.status_at, a.said_at), %(now)b, 'waiting', ''
FROM scheduling_appointment a
WHERE a.patient_id = ANY(%(patients)b::int8[]) AND a.status = %(waitlisted)b AND a.troubles IS NULL
  AND a.clinic_id IS NOT NULL AND a.visit_type IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM recovery_waitlistentry e WHERE e.appointment_id = a.id AND e.state IN ('removed', 'booked')
  )
ORDER BY a.patient_id, a.clinic_id, a.visit_type, coalesce(a.booked_at, a.status_at, a.said_at), a.id
ON CONFLICT (patient_id, clinic_id, visit_type) WHERE state = 'waiting' DO NOTHING
"""


def keep_waitlist(cursor: Cursor, changes: BatchChanges) -> None:
    """Bring the feeds' entries in step with what a batch changed: nothing where no visit is or was waitlisted."""
    patients = sorted(_touched(changes))
    if not patients:
        return
    asked = {
        "patients": patients,
        "now": changes.now,
        "feed": str(EntryOrigin.FEED),
        "waitlisted": str(Status.WAITLISTED),
    }
    cursor.execute(_LAPSE, asked)
    cursor.execute(_OPEN, asked)


def _touched(changes: BatchChanges) -> set[int]:
    """The records of visits that are or were waitlisted."""
    return {
        state.patient_id
        for change in changes.appointments
        if Status.WAITLISTED in (change.after.status, change.before.status if change.before is not None else None)
        for state in (change.before, change.after)
        if state is not None and state.patient_id is not None
    }
