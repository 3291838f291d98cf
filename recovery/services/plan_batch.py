"""Bring the queue in step with what a batch changed (config/pipeline.py calls it before exceptions are judged).

Runs in the batch's transaction, after appointments, vacancies and template slots are written. The owner rows of all
changed places and the batch's patients are locked, so what is read here cannot change before the commit. A fixed
number of statements, whatever the batch holds.
"""

from datetime import datetime

from exceptions.checks.required import missing
from recovery.planning import Plan, plan_rebooks, plan_refills
from recovery.services.read_lost_visits import read_clinic_days, read_lost_visits, read_other_visits
from recovery.services.read_persons import Persons, read_persons
from recovery.services.read_slots import lock_more_days, read_freed_slots
from recovery.services.write_items import OpenItem, close_items, open_rebooks, open_refills, save_items
from recovery.vocabulary import CloseReason
from scheduling.folding.change import AppointmentChange, BatchChanges
from scheduling.folding.state import AppointmentState
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import STANDING, Status

LOST = frozenset({Status.MISSED, Status.BUMPED})


def plan_batch(cursor: Cursor, changes: BatchChanges) -> None:
    """Open, change and close items so that those open are the ones that should be at ``changes.now``."""
    _plan_refills(cursor, changes)
    _plan_rebooks(cursor, changes)


def _plan_refills(cursor: Cursor, changes: BatchChanges) -> None:
    """Look at every resource and day on which a place changed."""
    unsure = [
        change.appointment_id
        for change in changes.appointments
        if change.before is not None and change.after.left and _doubts(change.before) != _doubts(change.after)
    ]
    days = changes.resource_days | lock_more_days(cursor, unsure, known=changes.resource_days)
    if not days:
        return
    plan = plan_refills(read_freed_slots(cursor, sorted(days), changes.now), changes.now)
    _converge(cursor, plan, open_refills(cursor, sorted(days)), changes, CloseReason.BOOKED)


def _doubts(state: AppointmentState) -> tuple[object, ...]:
    """What holds the slots a visit left, beside the place itself: its troubles, and the fields that are missing."""
    return (state.troubles, *missing(state))


def _plan_rebooks(cursor: Cursor, changes: BatchChanges) -> None:
    """Look at every person who lost a visit, has one waiting to be rebooked, or gave up one that stood."""
    touched = {change.patient_id for change in changes.patients}
    touched |= {
        state.merged_into
        for change in changes.patients
        for state in (change.before, change.after)
        if state is not None and state.merged_into is not None
    }
    looked_at = {change.patient_id for change in changes.patients if _may_matter(change.before, change.after)}
    for change in changes.appointments:
        patients = {
            state.patient_id for state in (change.before, change.after) if state is not None and state.patient_id
        }
        touched |= patients
        if _loses_or_frees(change):
            looked_at |= patients
    if not touched:
        return
    persons = read_persons(cursor, sorted(touched))
    found = open_rebooks(cursor, persons.everyone(touched), [change.appointment_id for change in changes.appointments])
    looked_at |= {item.patient_id for item in found if item.patient_id is not None}
    everyone = persons.everyone(looked_at)
    if not everyone:
        return
    plan = _rebook_plan(cursor, persons, everyone, changes)
    _converge(cursor, plan, found, changes, None)


def _may_matter(before: object, after: object) -> bool:
    """Whether a patient's record says something else than before about who this is or whether they live."""
    names = ("died", "merged_into")
    return before is not None and any(getattr(before, name) != getattr(after, name) for name in names)


def _loses_or_frees(change: AppointmentChange) -> bool:
    """Whether the visit is or was lost, or stood in another way than now; a mere new booking can only close items."""
    before, after = change.before, change.after
    if after.status in LOST or (before is not None and before.status in LOST):
        return True
    return before is not None and before.status in STANDING and _standing(before) != _standing(after)


def _standing(state: AppointmentState) -> tuple[object, ...]:
    """What a standing visit means for the rebooking of another."""
    if state.status not in STANDING:
        return ()
    return (state.patient_id, state.clinic_id, state.visit_type, state.starts_at, state.booked_at)


def _rebook_plan(cursor: Cursor, persons: Persons, everyone: list[int], changes: BatchChanges) -> Plan:
    lost = read_lost_visits(cursor, persons, everyone, now=changes.now)
    if not lost:
        return Plan({}, {})
    losers = persons.everyone({visit.person_id for visit in lost})
    others = read_other_visits(
        cursor, persons, losers, since=min(min(visit.starts_at, visit.lost_at) for visit in lost)
    )
    missed_at = {visit.clinic_id for visit in lost if visit.status == Status.MISSED and visit.clinic_id is not None}
    return plan_rebooks(lost, others, read_clinic_days(cursor, sorted(missed_at)), changes.now)


def _converge(
    cursor: Cursor, plan: Plan, found: list[OpenItem], changes: BatchChanges, otherwise: CloseReason | None
) -> None:
    """Write the difference between what should be open and what is."""
    is_open = {item.key: item for item in found}
    save_items(
        cursor,
        [item for key, item in plan.desired.items() if key not in is_open or is_open[key].differs(item)],
        changes,
    )
    after = {change.appointment_id: change.after for change in changes.appointments}
    closing = [
        (item, plan.refused.get(item.key) or _why_gone(item, after.get(item.appointment_id), changes.now, otherwise))
        for item in found
        if item.key not in plan.desired
    ]
    close_items(cursor, closing, changes)


def _why_gone(
    item: OpenItem, after: AppointmentState | None, now: datetime, otherwise: CloseReason | None
) -> CloseReason:
    """Why the slot or the lost visit is not there any more."""
    if item.useful_until <= now:
        return CloseReason.EXPIRED
    if otherwise is not None:
        return otherwise
    if after is not None and after.status in STANDING and after.status != Status.COMPLETED:
        return CloseReason.BOOKED
    return CloseReason.VISIT_GONE
