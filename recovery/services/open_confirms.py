"""Ask about visits at risk: open an item for each visit that was decided to be contacted and stands as it did then.

Batches close and change these items as messages arrive (``plan_batch``); this opens them when the decision is made.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from recovery.confirming import plan_confirms
from recovery.services.differences import difference_of
from recovery.services.done_by_hand import without_done
from recovery.services.plan_batch import write_difference
from recovery.services.read_persons import Persons, read_persons
from recovery.services.read_risky_visits import read_risky_visits
from recovery.services.write_items import open_of_people
from recovery.vocabulary import CloseReason, Family
from scheduling.folding.change import BatchChanges
from scheduling.sql.cursors import Cursor, server_cursor

_PATIENTS = (
    "SELECT DISTINCT patient_id FROM scheduling_appointment WHERE id = ANY(%b::int8[]) AND patient_id IS NOT NULL"
)
_LOCK_PATIENTS = "SELECT id FROM scheduling_patient WHERE id = ANY(%b::int8[]) ORDER BY id FOR UPDATE"
_LOCK_VISITS = "SELECT id FROM scheduling_appointment WHERE id = ANY(%b::int8[]) ORDER BY id FOR UPDATE"


def open_confirms(appointment_ids: Sequence[int], *, now: datetime) -> int:
    """Bring the items of these visits in step with their decisions; returns how many opened.

    Locks patients, then visits, then items; whoever writes the decisions calls it in the same transaction, holding no
    lock of these. Running it again changes nothing. A fixed number of statements, whatever the number of visits.
    """
    ids = sorted(set(appointment_ids))
    with transaction.atomic(), server_cursor() as cursor:
        persons = _own(cursor, ids)
        found = [item for item in open_of_people(cursor, [], ids) if item.family == Family.CONFIRM]
        plan = without_done(cursor, plan_confirms(read_risky_visits(cursor, persons, ids, []), now))
        changes = BatchChanges(now)
        difference = difference_of(plan, found, changes, CloseReason.CALLED_OFF)
        write_difference(cursor, difference, changes)
    return len(difference.opening)


def _own(cursor: Cursor, ids: list[int]) -> Persons:
    """Lock everybody whose visits these are, and the visits.

    Who that is was read before the locks were ours: a merge, or a visit given to somebody else, may have come first.
    Then the newly named are locked too, out of order; such a second round may deadlock like that of a batch, and the
    next sweep tries again.
    """
    known: tuple[list[int], Persons] | None = None
    while True:
        cursor.execute(_PATIENTS, (ids,))
        patients = sorted(row[0] for row in cursor.fetchall())
        read = patients, read_persons(cursor, patients, lock=False)
        if read == known:
            return read[1]
        known = read
        cursor.execute(_LOCK_PATIENTS, (read[1].everyone(patients),))
        cursor.execute(_LOCK_VISITS, (ids,))
