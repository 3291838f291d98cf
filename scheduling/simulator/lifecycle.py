"""What becomes of a visit: booked, confirmed, moved, cancelled, missed, attended. Actions for :class:`World`."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random

from scheduling.simulator.agenda import BLOCKED, local
from scheduling.simulator.attendance import (
    AHEAD,
    change_room,
    check_in,
    close,
    complete,
    confirm,
    false_miss,
    leave,
    start_visit,
)
from scheduling.simulator.organisation import ClinicPlan
from scheduling.simulator.reasons import CLINIC_REASONS, PATIENT_REASONS, REASONS
from scheduling.simulator.world import Visit, World
from scheduling.vocabulary import EventKind, Status

UNTOLD = False
# (share in percent, least and most days ahead) of a booking's wish
WISHES = ((8, 0, 0), (12, 1, 1), (27, 2, 7), (34, 8, 21), (19, 22, 42))
URGENT_WISHES = ((92, 0, 0), (8, 1, 1))
SEARCH_DAYS = 12
LEAST_NOTICE = timedelta(minutes=12)


def book(world: World, clinic: ClinicPlan, mrn: str = "") -> None:
    """Somebody asks for a visit; nothing happens when no slot is left."""
    random = world.random
    key = (clinic.source, clinic.code)
    visit_type = random.choices(clinic.visit_types, [kind.weight for kind in clinic.visit_types])[0]
    place = world.agendas[key].find(
        random,
        day=_wished_day(world, clinic),
        days=2 if clinic.is_round_the_clock else SEARCH_DAYS,
        count=visit_type.slots,
        after=world.now + LEAST_NOTICE,
    )
    if place is None:
        return
    visit = Visit(
        key=world.next_key(clinic.source),
        clinic=clinic,
        mrn=_patient(world, clinic, mrn),
        place=place,
        visit_type=visit_type.code,
        room=place.provider.room,
        status=Status.BOOKED,
        booked_at=world.now,
    )
    world.agendas[key].take(place, visit.key)
    world.upcoming[key].append(visit)
    world.emit_visit(visit, EventKind.CREATED)
    plan_future(world, visit)


def _wished_day(world: World, clinic: ClinicPlan) -> date:
    wishes = URGENT_WISHES if clinic.is_round_the_clock else WISHES
    _, least, most = world.random.choices(wishes, [wish[0] for wish in wishes])[0]
    days = least + int(world.random.random() * (most - least + 1))
    return world.now.astimezone(clinic.zone).date() + timedelta(days=days)


def _patient(world: World, clinic: ClinicPlan, mrn: str) -> str:
    """The record a visit is booked under: the one named, a known one, a new one, or a twin made by mistake."""
    people = world.people[clinic.source]
    if not mrn and world.random.random() < world.rates.new_patient:
        record = people.register(world.now.date())
        world.emit_patient(record, EventKind.PATIENT_CHANGED, clinic.code, "registered")
        return record.mrn
    mrn = mrn or people.pick().mrn
    if world.tells_merges(clinic.source) and world.twins.random() < world.duplicate_rate:
        twin = people.duplicate(mrn, world.twins)
        world.emit_patient(twin, EventKind.PATIENT_CHANGED, clinic.code, "registered")
        world.soon(merge, clinic, mrn, twin.mrn, minutes=60 + world.twins.random() ** 2 * 9 * 1440)
        return twin.mrn
    return mrn


def merge(world: World, clinic: ClinicPlan, mrn: str, merged: str) -> None:
    """Somebody notices that two records are one person; the older record survives."""
    people = world.people[clinic.source]
    while people.records[mrn].merged_into:
        mrn = people.records[mrn].merged_into
    people.change(merged, merged_into=mrn)
    world.emit_patient(people.records[merged], EventKind.PATIENT_CHANGED, clinic.code, "merged", is_told=False)
    world.emit_patient(people.records[mrn], EventKind.PATIENTS_MERGED, clinic.code, merged_mrn=merged)


def plan_future(world: World, visit: Visit) -> None:
    """Draw what will become of a visit that has just got its time."""
    random, rates = world.random, world.rates
    visit.plan += 1
    lead = visit.starts_at - world.now
    if lead > timedelta(days=2) and random.random() < rates.confirmed:
        _later(world, visit, visit.starts_at - timedelta(hours=18 + random.random() * 54), confirm)
    if random.random() < rates.changed:
        _later(world, visit, world.now + lead * random.random(), change_room)
    luck = random.random()
    # most who cancel or move do so late: the square root pulls the moment towards the start
    moment = world.now + lead * random.random() ** 0.5
    for chance, when, action in (
        (rates.cancelled, moment, cancel_by_patient),
        (rates.rescheduled, moment, reschedule),
        (rates.deleted, world.now + min(timedelta(minutes=25), lead) * random.random(), delete),
    ):
        if luck < chance:
            _later(world, visit, when, action)
            return
        luck -= chance
    if luck < rates.missed:
        plan_missed(world, visit)
    else:
        _plan_attended(world, visit, leaves=luck < rates.missed + rates.left_unseen)


def _later(world: World, visit: Visit, when: datetime, action: Callable[..., None], *args: object) -> None:
    """Plan an action on a visit as it stands; what would lie in the past follows a little after what just happened."""
    earliest = world.now + timedelta(seconds=40 + world.random.random() * 300)
    world.at(max(when, earliest), _if_still_planned, visit, visit.plan, action, args)


def _if_still_planned(
    world: World, visit: Visit, plan: int, action: Callable[..., None], args: tuple[object, ...]
) -> None:
    if visit.plan == plan:
        action(world, visit, *args)


def plan_missed(world: World, visit: Visit) -> None:
    """The patient will not come; a person or the nightly timer will say so."""
    random = world.random
    if random.random() < world.rates.by_timer:
        zone = visit.clinic.zone
        night = local(visit.starts_at.astimezone(zone).date(), time(22, 5), zone)
        _later(world, visit, max(night, visit.starts_at + timedelta(hours=1)), miss, "timer")
    else:
        _later(world, visit, visit.starts_at + timedelta(minutes=20 + random.random() * 160), miss)


def _plan_attended(world: World, visit: Visit, *, leaves: bool) -> None:
    random, rates = world.random, world.rates
    start, minutes = visit.starts_at, timedelta(minutes=1)
    if random.random() < rates.false_timer and not leaves:
        # seen, but nobody entered it; at night the timer makes it a missed visit
        _later(world, visit, start, check_in, UNTOLD)
        _later(world, visit, start + visit.minutes * minutes, complete, UNTOLD)
        _later(world, visit, start + timedelta(hours=14), false_miss)
        return
    arrival = start + minutes * (random.random() * 32 - 24)
    _later(world, visit, arrival, check_in, random.random() >= rates.untold_check_in)
    begun = max(arrival, start) + minutes * (2 + random.random() * 22)
    if leaves:
        _later(world, visit, begun + 25 * minutes, leave)
        return
    _later(world, visit, begun, start_visit, random.random() >= rates.untold_start)
    over = begun + minutes * visit.minutes * (0.6 + random.random() * 0.7)
    _later(world, visit, over, complete, random.random() >= rates.untold_completion)


def reschedule(world: World, visit: Visit) -> None:
    """The patient gets another time; with none left the visit is cancelled."""
    agenda = world.agendas[visit.clinic.source, visit.clinic.code]
    place = agenda.find(
        world.random,
        day=_wished_day(world, visit.clinic),
        days=SEARCH_DAYS,
        count=visit.place.length,
        after=world.now + LEAST_NOTICE,
    )
    if place is None:
        cancel(world, visit, "conflict")
        return
    agenda.free(visit.place, visit.key)
    agenda.take(place, visit.key)
    visit.place, visit.room, visit.status = place, place.provider.room, Status.BOOKED
    world.emit_visit(visit, EventKind.RESCHEDULED)
    plan_future(world, visit)


def cancel_by_patient(world: World, visit: Visit) -> None:
    """The patient cancels for one of the patients' reasons."""
    cancel(world, visit, _drawn(world.random, PATIENT_REASONS))


def bump(world: World, visit: Visit) -> None:
    """The clinic cancels for one of the clinics' reasons."""
    if visit.status in AHEAD and visit.starts_at > world.now:
        cancel(world, visit, _drawn(world.random, CLINIC_REASONS))
        world.agendas[visit.clinic.source, visit.clinic.code].take(visit.place, BLOCKED)


def _drawn(random: Random, reasons: tuple[str, ...]) -> str:
    return random.choices(reasons, [REASONS[reason].weight for reason in reasons])[0]


def cancel(world: World, visit: Visit, reason: str) -> None:
    """Cancel a visit that still stands; its slots are free again and some patients book anew by themselves."""
    why = REASONS[reason]
    visit.initiator = why.initiator
    close(world, visit, Status.BUMPED if why.kind is EventKind.BUMPED else Status.CANCELLED, why.kind, reason)
    world.agendas[visit.clinic.source, visit.clinic.code].free(visit.place, visit.key)
    if why.reopens and world.random.random() < world.rates.rebooks_alone:
        world.soon(rebook, visit.clinic, visit.mrn, minutes=10 + world.random.random() ** 2 * 8000)


def rebook(world: World, clinic: ClinicPlan, mrn: str) -> None:
    """The patient books again without being asked, unless dead by now."""
    people = world.people[clinic.source]
    first = people.records[people.first_of(mrn)]
    if first.died_at is None:
        book(world, clinic, first.mrn)


def delete(world: World, visit: Visit) -> None:
    """The booking was an error."""
    close(world, visit, Status.ENTERED_IN_ERROR, EventKind.DELETED)
    world.agendas[visit.clinic.source, visit.clinic.code].free(visit.place, visit.key)


def miss(world: World, visit: Visit, reason: str = "") -> None:
    """The patient did not come; a person or the nightly timer (``reason`` "timer") says so."""
    close(world, visit, Status.MISSED, EventKind.MISSED, reason)
    if world.random.random() < world.rates.rebooks_alone / 2:
        world.soon(rebook, visit.clinic, visit.mrn, minutes=600 + world.random.random() * 6000)
