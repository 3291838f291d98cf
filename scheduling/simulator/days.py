"""What a day brings to a clinic besides its visits: bookings, blocks, openings, people who move, change or die."""

from datetime import date, datetime, time, timedelta

from scheduling.simulator import lifecycle
from scheduling.simulator.agenda import BLOCKED, LUNCH, Place, local
from scheduling.simulator.attendance import AHEAD, confirm
from scheduling.simulator.names import LANGUAGES
from scheduling.simulator.organisation import ClinicPlan, Provider
from scheduling.simulator.people import PatientState
from scheduling.simulator.world import Visit, World, poisson
from scheduling.vocabulary import EventKind

# share of an open day's bookings that come on a day when the clinic is shut (by portal)
CLOSED_DAY_SHARE = 0.12
# what people do in the portal, in percent
PORTAL_ACTS = ((34, "confirm"), (9, "reschedule"), (5, "cancel"), (12, "book"), (40, "change"))


def dawn(world: World, clinic: ClinicPlan, day: date) -> None:
    """Plan one local day of a clinic, and the next dawn."""
    random = world.random
    world.agendas[clinic.source, clinic.code].forget_before(day - timedelta(days=2))
    is_open = day.weekday() in clinic.weekdays and day not in clinic.closed_on
    mean = clinic.bookings_a_day * (1.0 if is_open else CLOSED_DAY_SHARE)
    for _ in range(poisson(random, mean)):
        world.at(_moment(world, clinic, day), lifecycle.book, clinic)
    for _ in range(poisson(random, mean * world.rates.patient_changes)):
        world.at(_moment(world, clinic, day), change_patient, clinic)
    for _ in range(poisson(random, mean * world.rates.deaths)):
        world.at(_moment(world, clinic, day), die, clinic)
    for provider in clinic.providers:
        if is_open and random.random() < world.rates.blocks_a_day:
            world.at(_moment(world, clinic, day), block, clinic, provider)
        if is_open and random.random() < world.rates.openings_a_day:
            world.at(_moment(world, clinic, day), open_lunch, clinic, provider)
    tomorrow = day + timedelta(days=1)
    world.at(local(tomorrow, time(0), clinic.zone), dawn, clinic, tomorrow)


def _moment(world: World, clinic: ClinicPlan, day: date) -> datetime:
    """A moment of the local day: mostly while the clinic is open, else in the evening (portal)."""
    opens, closes = clinic.opens.hour * 60, clinic.closes.hour * 60 + clinic.closes.minute
    if world.random.random() < 0.14:
        opens, closes = 18 * 60, 23 * 60
    second = int((opens + world.random.random() * (closes - opens)) * 60)
    return local(day, time(0), clinic.zone) + timedelta(seconds=second)


def change_patient(world: World, clinic: ClinicPlan) -> None:
    """One patient's number, language, portal, address or restriction changes."""
    people, random = world.people[clinic.source], world.random
    record = people.pick()
    luck = random.random()
    if luck < 0.5:
        fields: dict[str, object] = {"mobile": "" if random.random() < 0.1 else people.number()}
    elif luck < 0.62:
        fields = {"language": random.choice(LANGUAGES)[0]}
    elif luck < 0.78:
        fields = {"portal_active": not record.portal_active}
    elif luck < 0.92:
        fields = {"address": people.address()}
    elif luck < 0.97:
        fields = {"no_contact": not record.no_contact}
    else:
        fields = {"is_protected": not record.is_protected}
    changed = people.change(record.mrn, **fields)
    reason = "person" if luck < 0.2 else ""
    _tell(world, changed, EventKind.PATIENT_CHANGED, clinic, reason)


def die(world: World, clinic: ClinicPlan) -> None:
    """A patient dies; most visits of hers are cancelled a little later, some nobody thinks of."""
    people = world.people[clinic.source]
    record = people.pick()
    dead = people.change(record.mrn, died_at=world.now - timedelta(minutes=int(world.random.random() * 1800)))
    _tell(world, dead, EventKind.PATIENT_DIED, clinic, "died")
    for visit in _standing_of(world, clinic.source, record.mrn):
        visit.plan += 1  # nothing planned before holds
        if world.random.random() < 0.7:
            world.soon(cancel_for_death, visit, minutes=30 + world.random.random() * 2000)
        else:
            lifecycle.plan_missed(world, visit)


def _standing_of(world: World, source: str, mrn: str) -> list[Visit]:
    """Visits ahead of one person, whichever of her records they were booked under."""
    people = world.people[source]
    return [
        visit
        for key, visits in world.upcoming.items()
        if key[0] == source
        for visit in visits
        if people.first_of(visit.mrn) == mrn and visit.status in AHEAD and visit.starts_at > world.now
    ]


def cancel_for_death(world: World, visit: Visit) -> None:
    """The front desk cancels a visit of a patient who died."""
    if visit.status in AHEAD:
        lifecycle.cancel(world, visit, "deceased")


def _tell(world: World, record: PatientState, kind: EventKind, clinic: ClinicPlan, reason: str) -> None:
    world.emit_patient(record, kind, clinic.code, reason)


def block(world: World, clinic: ClinicPlan, provider: Provider) -> None:
    """A provider will be away for half a day soon: free slots are blocked, visits bumped one after another."""
    random = world.random
    day = world.now.astimezone(clinic.zone).date() + timedelta(days=int(random.random() * 9))
    book = world.agendas[clinic.source, clinic.code].day(provider, day)
    half = len(book.starts) // 2
    first = half if random.random() < 0.5 else 0
    span = range(first, first + half)
    if not half or book.starts[first] <= world.now:
        return
    hit = {book.taken[index] for index in span}
    for index in span:
        book.taken[index] = book.taken[index] or BLOCKED
    place = Place(provider, day, first, half, book.starts[first])
    world.emit_slot(clinic, place, is_open=False)
    for number, visit in enumerate(v for v in world.upcoming[clinic.source, clinic.code] if v.key in hit):
        world.soon(lifecycle.bump, visit, minutes=3 + number * (2 + random.random() * 9))
    if random.random() < 0.25:
        world.soon(unblock, clinic, place, minutes=200 + random.random() * 1500)


def unblock(world: World, clinic: ClinicPlan, place: Place) -> None:
    """The provider comes after all."""
    if place.starts_at > world.now:
        world.agendas[clinic.source, clinic.code].free(place, BLOCKED)
        world.emit_slot(clinic, place, is_open=True)


def open_lunch(world: World, clinic: ClinicPlan, provider: Provider) -> None:
    """A provider gives up a lunch break to see more patients."""
    day = world.now.astimezone(clinic.zone).date() + timedelta(days=1 + int(world.random.random() * 12))
    book = world.agendas[clinic.source, clinic.code].day(provider, day)
    free = [index for index, content in enumerate(book.taken) if content == LUNCH]
    if free:
        place = Place(provider, day, free[0], len(free), book.starts[free[0]])
        world.agendas[clinic.source, clinic.code].free(place, LUNCH)
        world.emit_slot(clinic, place, is_open=True)


def portal(world: World, per_minute: float) -> None:
    """One act of a patient in the portal at any hour, and the next one; what is no longer possible is left out."""
    random = world.random
    key = random.choice(tuple(world.upcoming))
    clinic = world.organisation.clinics[key]
    act = random.choices(PORTAL_ACTS, [share for share, _ in PORTAL_ACTS])[0][1]
    visit = _any_upcoming(world, key)
    if act == "book":
        lifecycle.book(world, clinic)
    elif act == "change" or visit is None:
        change_patient(world, clinic)
    elif act == "confirm":
        confirm(world, visit)
    elif act == "reschedule":
        lifecycle.reschedule(world, visit)
    else:
        lifecycle.cancel_by_patient(world, visit)
    world.soon(portal, per_minute, minutes=random.expovariate(per_minute))


def _any_upcoming(world: World, key: tuple[str, str]) -> Visit | None:
    visits = world.upcoming[key]
    for _ in range(6):
        if not visits:
            return None
        index = int(world.random.random() * len(visits))
        visit = visits[index]
        if visit.status in AHEAD and visit.starts_at > world.now + lifecycle.LEAST_NOTICE:
            return visit
        if visit.starts_at < world.now:
            visits[index] = visits[-1]
            visits.pop()
    return None


def sweep(world: World) -> None:
    """Once a day, forget visits that are over, so that a long simulation stays small."""
    for key, visits in world.upcoming.items():
        world.upcoming[key] = [visit for visit in visits if visit.starts_at > world.now - timedelta(days=1)]
    world.soon(sweep, minutes=1440)
