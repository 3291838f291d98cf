"""What a preview's changes would do to the queue: the plan of a batch, read from a snapshot and written nowhere."""

from dataclasses import dataclass

from recovery.services.differences import (
    Difference,
    concerned,
    people_differences,
    refill_days,
    refill_difference,
)
from recovery.services.read_persons import read_persons
from scheduling.digestion.resource_days import Days
from scheduling.folding.change import BatchChanges
from scheduling.previewing.overlay import Overlay
from scheduling.sql.cursors import Cursor


@dataclass(slots=True)
class QueuePreview:
    """The differences for freed slots, for lost visits, and for visits at risk."""

    refills: Difference
    rebooks: Difference
    confirms: Difference


def preview_queue(cursor: Cursor, changes: BatchChanges, overlay: Overlay, days: Days) -> QueuePreview:
    """Say what ``plan_batch`` would write after these changes, whose resource days are named.

    Lays the changes and all that the planning looks at over the real rows; ``cursor`` reads the snapshot that the
    overlay was created in.
    """
    overlay.lay_changes(cursor, changes, days)
    places = refill_days(cursor, changes, days, lock=False)
    people = concerned(changes)
    persons = read_persons(cursor, sorted(people.touched), lock=False)
    overlay.lay_surroundings(cursor, _around(places, days), persons.everyone(people.touched))
    return QueuePreview(
        refill_difference(cursor, changes, places, days, lock=False),
        *people_differences(cursor, changes, people, persons, lock=False),
    )


def _around(places: set[int], days: Days) -> set[int]:
    """These resource days, the two before and the one after: where whatever overlaps their slots may begin."""
    before = {days.before(place) for place in places}
    return places | before | {days.before(place) for place in before} | {days.after(place) for place in places}
