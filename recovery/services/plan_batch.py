"""Bring the queue in step with what a batch changed (config/pipeline.py calls it before exceptions are judged).

Runs in the batch's transaction, after appointments, vacancies and template slots are written: it reads the difference
between what should be open and what is, under lock, and writes it.
"""

from recovery.services.differences import Difference, concerned, people_differences, refill_days, refill_difference
from recovery.services.end_offers import end_offers_of_dead
from recovery.services.keep_waitlist import keep_waitlist
from recovery.services.read_persons import read_persons
from recovery.services.settle_offers import settle_offers
from recovery.services.write_items import close_items, save_items
from scheduling.digestion.resource_days import Days
from scheduling.folding.change import BatchChanges
from scheduling.sql.cursors import Cursor


def plan_batch(cursor: Cursor, changes: BatchChanges, days: Days) -> None:
    """Open, change and close items so that those open are the ones that should be at ``changes.now``.

    ``days`` names the owner rows of ``changes``.
    """
    places = refill_days(cursor, changes, days)
    refills = refill_difference(cursor, changes, places, days)
    write_difference(cursor, refills, changes)
    settle_offers(cursor, places | {item.resource_day for item, _ in refills.closing if item.resource_day}, changes.now)
    keep_waitlist(cursor, changes)
    people = concerned(changes)
    if people.touched or changes.appointments:  # a visit at risk may have lost its patient
        persons = read_persons(cursor, sorted(people.touched))
        end_offers_of_dead(cursor, changes, persons)
        for difference in people_differences(cursor, changes, people, persons):
            write_difference(cursor, difference, changes)


def write_difference(cursor: Cursor, difference: Difference, changes: BatchChanges) -> None:
    """Open, change and close what the difference says; nothing is sent where it is empty."""
    save_items(cursor, [*difference.opening, *(item for _, item in difference.changing)], changes)
    close_items(cursor, difference.closing, changes)
