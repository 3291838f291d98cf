"""Plan again outside of a batch: after what people said, and before a chance that was closed by hand opens again.

The same plan from the same rows as a batch's, so both end in the same open items (I3). Whoever calls holds the locks
that a batch would hold: the people's records, or the slot's owner row.
"""

from collections.abc import Iterable
from datetime import datetime

from recovery.models import QueueItem
from recovery.services.differences import Concerned, Difference, people_differences, refill_difference
from recovery.services.plan_batch import write_difference
from recovery.services.read_persons import Persons, read_persons
from scheduling.digestion.resource_days import Days
from scheduling.folding.change import BatchChanges
from scheduling.models import ResourceDay
from scheduling.sql.cursors import Cursor, server_cursor


def replan_people(patient_ids: Iterable[int], *, now: datetime) -> None:
    """Bring the open items of these records' persons in step with what is known by ``now``.

    Call it inside ``transaction.atomic`` with the records locked; running it again changes nothing.
    """
    changes, ids = BatchChanges(now), set(patient_ids)
    with server_cursor() as cursor:
        persons = read_persons(cursor, sorted(ids))
        for difference in people_differences(cursor, changes, Concerned(ids, ids, ids), persons):
            write_difference(cursor, difference, changes)


def replan_item(item: QueueItem, *, now: datetime) -> None:
    """The same for one open item alone: it changes, or closes with its reason; no other item is written.

    Call it inside ``transaction.atomic`` with everything locked that the guard locks for the item.
    """
    changes = BatchChanges(now)
    with server_cursor() as cursor:
        for difference in _differences(cursor, item, changes):
            write_difference(cursor, _only(difference, item.pk), changes)


def _differences(cursor: Cursor, item: QueueItem, changes: BatchChanges) -> Iterable[Difference]:
    if item.resource_day is not None:
        row = ResourceDay.objects.get(pk=item.resource_day)
        days = Days({row.source_id: item.source.zone})
        days.remember(row.pk, row.source_id, row.resource, row.on)
        return [refill_difference(cursor, changes, {row.pk}, days, lock=False)]
    ids = {item.patient_id} if item.patient_id is not None else set()
    persons = read_persons(cursor, sorted(ids), lock=False) if ids else Persons()
    return people_differences(cursor, changes, Concerned(ids, ids, ids), persons, lock=False)


def _only(difference: Difference, item_id: int) -> Difference:
    return Difference(
        changing=[pair for pair in difference.changing if pair[0].id == item_id],
        closing=[pair for pair in difference.closing if pair[0].id == item_id],
    )
