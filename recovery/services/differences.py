"""What a batch changes in the queue: the difference between the items that should be open and those that are.

Only reading, so that a preview may ask the same questions of a snapshot (``lock=False``). In a batch the owner rows of
all changed places and the batch's patients are locked, so what is read here cannot change before the commit. A fixed
number of statements, whatever the batch holds.
"""

from dataclasses import dataclass, field
from datetime import datetime

from exceptions.checks.required import missing
from recovery.confirming import CONFIRMABLE, plan_confirms
from recovery.decisions import CONFIRM_NOTICE
from recovery.planning import DesiredItem, Plan, plan_rebooks, plan_refills
from recovery.services.done_by_hand import without_done
from recovery.services.read_lost_visits import read_clinic_days, read_lost_visits, read_other_visits
from recovery.services.read_persons import Persons
from recovery.services.read_risky_visits import read_risky_visits
from recovery.services.read_slots import more_days, read_freed_slots
from recovery.services.write_items import OpenItem, open_of_people, open_refills
from recovery.vocabulary import CloseReason, Family
from scheduling.digestion.resource_days import Days
from scheduling.folding.change import AppointmentChange, BatchChanges
from scheduling.folding.state import AppointmentState
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import STANDING, Status

LOST = frozenset({Status.MISSED, Status.BUMPED})


@dataclass(slots=True)
class Difference:
    """Items to open, open items that should say something else, and items to close with their reasons."""

    opening: list[DesiredItem] = field(default_factory=list)
    changing: list[tuple[OpenItem, DesiredItem]] = field(default_factory=list)
    closing: list[tuple[OpenItem, CloseReason]] = field(default_factory=list)


def uncertain_leavers(changes: BatchChanges) -> list[int]:
    """Appointments whose left slots are held by something else now, without any place having changed."""
    return [
        change.appointment_id
        for change in changes.appointments
        if change.before is not None and change.after.left and _doubts(change.before) != _doubts(change.after)
    ]


def _doubts(state: AppointmentState) -> tuple[object, ...]:
    """What holds the slots a visit left, beside the place itself: its troubles, and the fields that are missing."""
    return (state.troubles, *missing(state))


def refill_days(cursor: Cursor, changes: BatchChanges, days: Days, *, lock: bool = True) -> set[int]:
    """Every resource and day on which a freed slot is to be looked at anew, owned from now on where ``lock``."""
    unsure = uncertain_leavers(changes)
    return changes.resource_days | more_days(cursor, unsure, days, known=changes.resource_days, lock=lock)


def refill_difference(
    cursor: Cursor, changes: BatchChanges, places: set[int], days: Days, *, lock: bool = True
) -> Difference:
    """What the freed slots change that begin on these resource days, or run past midnight into one of them."""
    if not places:
        return Difference()
    slots = read_freed_slots(cursor, places, days, changes.now, lock=lock)
    plan = without_done(cursor, plan_refills(slots, changes.now))
    found = open_refills(cursor, sorted(places.union(slot.resource_day for slot in slots)), lock=lock)
    # Of a day before, only the slots that run into these days were looked at.
    looked_at = [item for item in found if item.resource_day in places or plan.knows(item.key)]
    return difference_of(plan, looked_at, changes, CloseReason.BOOKED)


@dataclass(slots=True, frozen=True)
class Concerned:
    """Patient records that a batch touched, and those of them whose lost visits are to be looked at anew.

    ``renewed`` are those whose own record says something else about who they are or whether they live.
    """

    touched: set[int]
    looked_at: set[int]
    renewed: set[int]


def concerned(changes: BatchChanges) -> Concerned:
    """Everybody who lost a visit, has one waiting to be rebooked, or gave up one that stood."""
    touched = {change.patient_id for change in changes.patients}
    touched |= {
        state.merged_into
        for change in changes.patients
        for state in (change.before, change.after)
        if state is not None and state.merged_into is not None
    }
    renewed = {change.patient_id for change in changes.patients if _may_matter(change.before, change.after)}
    looked_at = set(renewed)
    for change in changes.appointments:
        patients = {
            state.patient_id for state in (change.before, change.after) if state is not None and state.patient_id
        }
        touched |= patients
        if _loses_or_frees(change):
            looked_at |= patients
    return Concerned(touched, looked_at, renewed)


def people_differences(
    cursor: Cursor, changes: BatchChanges, people: Concerned, persons: Persons, *, lock: bool = True
) -> tuple[Difference, Difference]:
    """What these people's lost visits change, and their visits at risk.

    ``persons`` are the merges of all who were touched.
    """
    touched = persons.everyone(people.touched)
    found = open_of_people(cursor, touched, [change.appointment_id for change in changes.appointments], lock=lock)
    rebooks = [item for item in found if item.family != Family.CONFIRM]
    confirms = [item for item in found if item.family == Family.CONFIRM]
    lost = _rebook_plan(cursor, persons, people, rebooks, changes)
    risky = _confirm_plan(cursor, persons, people, confirms, changes)
    return difference_of(lost, rebooks, changes, None), difference_of(risky, confirms, changes, CloseReason.CALLED_OFF)


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


def _rebook_plan(
    cursor: Cursor, persons: Persons, people: Concerned, found: list[OpenItem], changes: BatchChanges
) -> Plan:
    everyone = persons.everyone(people.looked_at | {item.patient_id for item in found if item.patient_id is not None})
    lost = read_lost_visits(cursor, persons, everyone, now=changes.now) if everyone else []
    if not lost:
        return Plan({}, {})
    losers = persons.everyone({visit.person_id for visit in lost})
    others = read_other_visits(
        cursor, persons, losers, since=min(min(visit.starts_at, visit.lost_at) for visit in lost)
    )
    missed_at = {visit.clinic_id for visit in lost if visit.status == Status.MISSED and visit.clinic_id is not None}
    days = read_clinic_days(cursor, sorted(missed_at))
    return without_done(cursor, plan_rebooks(lost, others, days, changes.now))


def _confirm_plan(
    cursor: Cursor, persons: Persons, people: Concerned, found: list[OpenItem], changes: BatchChanges
) -> Plan:
    """Only what may have been decided about is looked up, so that a batch of new visits asks nothing."""
    ids = {item.appointment_id for item in found}
    ids |= {change.appointment_id for change in changes.appointments if _may_be_asked_about(change, changes.now)}
    renewed = persons.everyone(people.renewed)
    visits = read_risky_visits(cursor, persons, sorted(ids), renewed) if ids or renewed else []
    return without_done(cursor, plan_confirms(visits, changes.now))


def _may_be_asked_about(change: AppointmentChange, now: datetime) -> bool:
    """Whether the visit, which was known before, stands ahead; nothing is decided about a visit before it is known."""
    after = change.after
    is_ahead = after.starts_at is not None and after.starts_at > now + CONFIRM_NOTICE  # a visit in year 1 has no before
    return change.before is not None and is_ahead and after.status in CONFIRMABLE


def difference_of(
    plan: Plan, found: list[OpenItem], changes: BatchChanges, otherwise: CloseReason | None
) -> Difference:
    """Compare what should be open with what is."""
    is_open = {item.key: item for item in found}
    after = {change.appointment_id: change.after for change in changes.appointments}
    return Difference(
        opening=[item for key, item in plan.desired.items() if key not in is_open],
        changing=[
            (is_open[key], item) for key, item in plan.desired.items() if key in is_open and is_open[key].differs(item)
        ],
        closing=[
            (
                item,
                plan.refused.get(item.key) or _why_gone(item, after.get(item.appointment_id), changes.now, otherwise),
            )
            for item in found
            if item.key not in plan.desired
        ],
    )


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
