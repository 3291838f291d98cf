"""What the plan would be made from if one visit stood as a folded state says: nothing of it is stored, nothing locked.

The plan itself is ``recovery.planning``; only the rows around the visit are read.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from exceptions.checks.required import StatedVisit
from recovery.chances import FreedSlot, LostVisit, RiskyVisit
from recovery.confirming import plan_confirms
from recovery.models import RiskDecision
from recovery.planning import Plan, plan_rebooks, plan_refills
from recovery.reasons import ContactFacts
from recovery.services.read_lost_visits import read_clinic_days, read_other_visits
from recovery.services.read_persons import read_persons
from recovery.vocabulary import RiskArm
from scheduling.digestion.resource_days import Days
from scheduling.folding.slots import DEFAULT_MINUTES
from scheduling.folding.state import AppointmentState, LeftSlot
from scheduling.models import Appointment, TemplateSlot
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import STANDING, Status

_MINUTE = timedelta(minutes=1)


class Imagined(NamedTuple):
    """One visit as it might stand. ``appointment_id`` is 0 for one that does not exist, ``patient_id`` then below."""

    source_id: int
    appointment_id: int
    state: AppointmentState
    contact: ContactFacts
    days: Days

    @property
    def stated(self) -> StatedVisit:
        """The fields that rules of missing fields ask for."""
        return StatedVisit(*(getattr(self.state, name) for name in StatedVisit._fields))

    @property
    def troubles(self) -> list[list[object]] | None:
        """The troubles as an appointment's row holds them."""
        return [trouble.dump() for trouble in self.state.troubles] or None


def refills_of(visit: Imagined, now: datetime) -> Plan:
    """Which of the slots that the visit has left would be offered at ``now``."""
    slots = [_freed(visit, slot) for slot in visit.state.left if slot.starts_at > now]
    return plan_refills(slots, now)


def _freed(visit: Imagined, slot: LeftSlot) -> FreedSlot:
    state = visit.state
    return FreedSlot(
        visit.source_id,
        _day(visit, slot),
        slot.resource,
        slot.starts_at,
        slot.minutes,
        slot.clinic_id,
        slot.visit_type,
        visit.appointment_id,
        slot.cause,
        slot.initiator,
        slot.vacated_at,
        state.heard_at or slot.vacated_at,
        visit.troubles,
        _is_taken(visit, slot),
        _template(visit, slot),
        visit.stated,
    )


def _is_taken(visit: Imagined, slot: LeftSlot) -> bool:
    """Whether a visit stands there, this one in its new place too; one of unknown status does."""
    state = visit.state
    standing = Appointment.objects.filter(Q(status__isnull=True) | Q(status__in=STANDING), starts_at__isnull=False)
    others = standing.filter(resource_day__in=_around(visit, slot), resource=slot.resource).exclude(
        pk=visit.appointment_id
    )
    taken = [(starts_at, minutes) for starts_at, minutes in others.values_list("starts_at", "minutes") if starts_at]
    if state.occupies and state.resource == slot.resource and state.starts_at is not None:
        taken.append((state.starts_at, state.minutes))
    return _overlapping(taken, slot)


def _template(visit: Imagined, slot: LeftSlot) -> str | None:
    """The word of the provider's template on that stretch, None where it is open or says nothing."""
    stretches = TemplateSlot.objects.filter(resource_day__in=_around(visit, slot), resource=slot.resource)
    rows = stretches.exclude(status="open").order_by("starts_at").values_list("starts_at", "minutes", "status")
    return next((status for starts_at, minutes, status in rows if _overlapping([(starts_at, minutes)], slot)), None)


def _day(visit: Imagined, slot: LeftSlot) -> int:
    """The owner row of a slot, by its name."""
    return visit.days.spanned(visit.source_id, slot.resource, slot.starts_at, slot.minutes)[0]


def _around(visit: Imagined, slot: LeftSlot) -> set[int]:
    """The resource days on which something that overlaps the slot may begin."""
    day = _day(visit, slot)
    return {visit.days.before(day), day, visit.days.after(day)}


def _overlapping(rows: Iterable[tuple[datetime, int | None]], slot: LeftSlot) -> bool:
    """Whether one of some (start, minutes) reaches into the slot."""
    ends_at = slot.starts_at + slot.minutes * _MINUTE
    return any(
        starts_at < ends_at and starts_at + (DEFAULT_MINUTES if minutes is None else minutes) * _MINUTE > slot.starts_at
        for starts_at, minutes in rows
    )


def rebooks_of(cursor: Cursor, visit: Imagined, now: datetime) -> Plan:
    """Whether the visit, if it is lost, would be rebooked at ``now``."""
    state = visit.state
    if state.status not in {Status.MISSED, Status.BUMPED} or state.starts_at is None or state.status_at is None:
        return Plan({}, {})
    if state.patient_id is None:
        return Plan({}, {})
    persons = read_persons(cursor, [state.patient_id], lock=False)
    everyone = persons.everyone([state.patient_id])
    since = min(state.starts_at, state.status_at)
    others = read_other_visits(cursor, persons, everyone, since=since)
    lost = LostVisit(
        visit.appointment_id,
        visit.source_id,
        persons.root(state.patient_id),
        state.clinic_id,
        state.resource,
        state.starts_at,
        state.minutes,
        state.visit_type,
        str(state.status),
        state.status_at,
        state.heard_at or state.status_at,
        state.initiator,
        state.set_by,
        state.reason_flags,
        visit.troubles,
        visit.contact._replace(is_merged=persons.is_merged(state.patient_id)),
        state.clinic_code,
    )
    days = read_clinic_days(cursor, [state.clinic_id]) if state.clinic_id is not None else {}
    return plan_rebooks([lost], others, days, now)


def confirms_of(cursor: Cursor, visit: Imagined, now: datetime) -> Plan:
    """Whether the visit would be asked about at ``now``; a plan of nothing where it was not decided to be."""
    decided = RiskDecision.objects.filter(appointment=visit.appointment_id, arm=RiskArm.CONTACT).first()
    if decided is None:
        return Plan({}, {})
    state, person_id, contact = visit.state, visit.state.patient_id, None
    if person_id is not None:
        persons = read_persons(cursor, [person_id], lock=False)
        contact = visit.contact._replace(is_merged=persons.is_merged(person_id))
        person_id = persons.root(person_id)
    risky = RiskyVisit(
        visit.appointment_id,
        visit.source_id,
        person_id,
        state.clinic_id,
        state.resource,
        state.starts_at,
        state.minutes,
        state.visit_type,
        str(state.status) if state.status is not None else None,
        visit.troubles,
        contact,
        state.clinic_code,
        decided.score,
        decided.starts_at,
        decided.at,
    )
    return plan_confirms([risky], now)
