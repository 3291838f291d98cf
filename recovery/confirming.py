"""Which visits at risk should be asked about: a pure function of what was decided, of the picture now and a moment.

Rows in, desired items out, as ``recovery.planning`` does for slots and lost visits (I3).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from recovery.chances import RiskyVisit
from recovery.decisions import CONFIRM_NOTICE
from recovery.planning import DEFAULT_MINUTES, DesiredItem, Plan
from recovery.ranking import confirm_weight
from recovery.reasons import ContactFacts, confirm_facts
from recovery.vocabulary import CloseReason, Family
from scheduling.vocabulary import EventKind, Status

# A visit of unknown status is asked about no less; its trouble holds the item until somebody maps it (I4).
CONFIRMABLE = frozenset({Status.PENDING, Status.BOOKED, None})
_WHY_GONE: Mapping[str, CloseReason] = {
    Status.CONFIRMED: CloseReason.CONFIRMED,
    Status.CHECKED_IN: CloseReason.ARRIVED,
    Status.IN_PROGRESS: CloseReason.ARRIVED,
    Status.COMPLETED: CloseReason.OVER,
    Status.MISSED: CloseReason.OVER,
    Status.LEFT_UNSEEN: CloseReason.OVER,
}


def plan_confirms(visits: Iterable[RiskyVisit], now: datetime) -> Plan:
    """Which of the visits that were decided to be contacted should be asked about at ``now``."""
    plan = Plan({}, {})
    for visit in visits:
        key = (str(Family.CONFIRM), str(visit.appointment_id))
        why_not = _why_not(visit, now)
        if why_not is None:
            plan.desired[key] = _confirm(visit)
        else:
            plan.refused[key] = why_not
    return plan


def _why_not(visit: RiskyVisit, now: datetime) -> CloseReason | None:
    if visit.contact is not None and visit.contact.died:
        return CloseReason.UNWANTED
    if visit.status not in CONFIRMABLE:
        return _WHY_GONE.get(visit.status or "", CloseReason.CALLED_OFF)
    if visit.starts_at != visit.decided_start:
        return CloseReason.MOVED
    return CloseReason.EXPIRED if visit.decided_start - CONFIRM_NOTICE <= now else None


def _confirm(visit: RiskyVisit) -> DesiredItem:
    minutes = visit.minutes or DEFAULT_MINUTES
    return DesiredItem(
        family=Family.CONFIRM,
        subject=str(visit.appointment_id),
        source_id=visit.source_id,
        clinic_id=visit.clinic_id,
        appointment_id=visit.appointment_id,
        patient_id=visit.person_id,
        resource=visit.resource,
        resource_day=None,
        starts_at=visit.decided_start,
        minutes=minutes,
        visit_type=visit.visit_type,
        cause=EventKind.CREATED,
        initiator=None,
        set_by=None,
        lost_at=visit.decided_at,
        heard_at=visit.decided_at,
        ready_from=visit.decided_at,
        useful_until=visit.decided_start - CONFIRM_NOTICE,
        weight=confirm_weight(minutes, visit.score, visit.contact or ContactFacts()),
        reasons=tuple(confirm_facts(visit.stated, visit.troubles, visit.contact)),
    )
