"""Which items should be open: a pure function of facts and a moment (I3).

Rows in, desired items out, and for every subject that should not be open the reason why not.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from recovery.chances import FreedSlot, LostVisit, OtherVisit
from recovery.decisions import DECISIONS_OF, LEAST_NOTICE, REBOOK_WINDOW
from recovery.hours import ClinicDay, close_of_business
from recovery.ranking import Weight, rebook_weight, refill_weight
from recovery.reasons import (
    StaticReason,
    contact_reasons,
    missed_reasons,
    missing_reasons,
    slot_reasons,
    static_level,
    trouble_reasons,
)
from recovery.vocabulary import CloseReason, Family
from scheduling.vocabulary import EventKind, Status

DEFAULT_MINUTES = 30
SUPPRESSES_OUTREACH = 2


@dataclass(frozen=True, slots=True)
class DesiredItem:
    """An item that should be open, field by field as stored."""

    family: Family
    subject: str
    source_id: int
    clinic_id: int | None
    appointment_id: int
    patient_id: int | None
    resource: str | None
    resource_day: int | None
    starts_at: datetime
    minutes: int
    visit_type: str | None
    cause: str
    initiator: str | None
    set_by: str | None
    lost_at: datetime
    heard_at: datetime
    ready_from: datetime
    useful_until: datetime
    weight: Weight
    reasons: tuple[StaticReason, ...]

    @property
    def level(self) -> int:
        """The heaviest stored reason."""
        return static_level(self.reasons)


@dataclass(slots=True)
class Plan:
    """What should be open, and why the other subjects that were looked at should not."""

    desired: dict[tuple[str, str], DesiredItem]
    refused: dict[tuple[str, str], CloseReason]

    def knows(self, key: tuple[str, str]) -> bool:
        """Whether this (family, subject) was looked at."""
        return key in self.desired or key in self.refused


def slot_subject(source_id: int, resource: str, starts_at: datetime) -> str:
    """The name of a slot: source, start in epoch seconds, resource."""
    return f"{source_id}|{int(starts_at.timestamp())}|{resource}"


def plan_refills(slots: Iterable[FreedSlot], now: datetime) -> Plan:
    """Which freed slots should be offered at ``now``."""
    plan = Plan({}, {})
    for slot in slots:
        key = (str(Family.REFILL), slot_subject(slot.source_id, slot.resource, slot.starts_at))
        why_not = _why_no_refill(slot, now)
        if why_not is None:
            plan.desired[key] = _refill(slot, key[1])
        else:
            plan.refused[key] = why_not
    return plan


def _why_no_refill(slot: FreedSlot, now: datetime) -> CloseReason | None:
    if slot.is_taken:
        return CloseReason.SLOT_FILLED
    if slot.template is not None:
        return CloseReason.TEMPLATE_BLOCKED
    return CloseReason.EXPIRED if slot.starts_at - LEAST_NOTICE <= now else None


def _refill(slot: FreedSlot, subject: str) -> DesiredItem:
    return DesiredItem(
        family=Family.REFILL,
        subject=subject,
        source_id=slot.source_id,
        clinic_id=slot.clinic_id,
        appointment_id=slot.appointment_id,
        patient_id=None,
        resource=slot.resource,
        resource_day=slot.resource_day,
        starts_at=slot.starts_at,
        minutes=slot.minutes,
        visit_type=slot.known_type,
        cause=slot.cause,
        initiator=slot.initiator,
        set_by=None,
        lost_at=slot.lost_at,
        heard_at=slot.heard_at,
        ready_from=slot.lost_at,
        useful_until=slot.starts_at - LEAST_NOTICE,
        weight=refill_weight(slot.minutes),
        reasons=(*trouble_reasons(slot.troubles), *slot_reasons(slot.stated, slot.known_type)),
    )


def plan_rebooks(
    lost: Iterable[LostVisit], others: Iterable[OtherVisit], days: Mapping[int, ClinicDay], now: datetime
) -> Plan:
    """Which lost visits should be rebooked at ``now``; ``others`` are the same persons' other visits."""
    by_person: defaultdict[int, list[OtherVisit]] = defaultdict(list)
    for other in others:
        by_person[other.person_id].append(other)
    plan = Plan({}, {})
    for visit in lost:
        family = Family.REBOOK_MISSED if visit.status == Status.MISSED else Family.REBOOK_BUMPED
        key = (str(family), str(visit.appointment_id))
        why_not = _why_no_rebook(visit, by_person[visit.person_id], now)
        if why_not is None:
            plan.desired[key] = _rebook(visit, family, days)
        else:
            plan.refused[key] = why_not
    return plan


def _why_no_rebook(visit: LostVisit, others: Iterable[OtherVisit], now: datetime) -> CloseReason | None:
    if visit.contact.died or visit.reason_flags & SUPPRESSES_OUTREACH:
        return CloseReason.UNWANTED
    if any(is_rebooking(visit, other) for other in others):
        return CloseReason.REBOOKED
    return CloseReason.EXPIRED if _rebook_until(visit) <= now else None


def is_rebooking(visit: LostVisit, other: OtherVisit) -> bool:
    """Whether another visit takes the lost one's place: same clinic or kind, and later or booked after the loss."""
    if other.appointment_id == visit.appointment_id:
        return False
    is_alike = (visit.clinic_id is not None and other.clinic_id == visit.clinic_id) or (
        visit.visit_type is not None and other.visit_type == visit.visit_type
    )
    is_later = other.starts_at > visit.starts_at
    # The clinic may bump a far visit and give an earlier one for it.
    is_answer = other.booked_at is not None and other.booked_at >= visit.lost_at and other.starts_at >= visit.lost_at
    return is_alike and (is_later or is_answer)


def _rebook_until(visit: LostVisit) -> datetime:
    """30 days after the missed visit, or after the clinic bumped it."""
    since = visit.starts_at if visit.status == Status.MISSED else visit.lost_at
    return since + REBOOK_WINDOW


def _rebook(visit: LostVisit, family: Family, days: Mapping[int, ClinicDay]) -> DesiredItem:
    is_missed = family == Family.REBOOK_MISSED
    day = days.get(visit.clinic_id) if visit.clinic_id is not None else None
    reasons = [
        *trouble_reasons(visit.troubles),
        *missing_reasons(visit.stated, DECISIONS_OF[family]),
        *(missed_reasons(visit.set_by, visit.starts_at, visit.lost_at) if is_missed else ()),
        *contact_reasons(visit.contact),
    ]
    return DesiredItem(
        family=family,
        subject=str(visit.appointment_id),
        source_id=visit.source_id,
        clinic_id=visit.clinic_id,
        appointment_id=visit.appointment_id,
        patient_id=visit.person_id,
        resource=visit.resource,
        resource_day=None,
        starts_at=visit.starts_at,
        minutes=visit.minutes or DEFAULT_MINUTES,
        visit_type=visit.visit_type,
        cause=EventKind.MISSED if is_missed else EventKind.BUMPED,
        initiator=visit.initiator,
        set_by=visit.set_by,
        lost_at=visit.lost_at,
        heard_at=visit.heard_at,
        ready_from=close_of_business(visit.starts_at, day) if is_missed else visit.lost_at,
        useful_until=_rebook_until(visit),
        weight=rebook_weight(family, visit.contact),
        reasons=tuple(reasons),
    )
