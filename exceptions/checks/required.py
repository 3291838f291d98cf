"""Missing fields: what a decision needs to know about a visit and the source did not say, or not in earnest.

Only where the decision is at stake: a slot that was given back is offered with its start, provider and visit type, a
visit to rebook has a patient, a visit to confirm has a start and a patient, and nothing is decided without a clinic.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from exceptions.checks.kinds import Check, Hit
from exceptions.vocabulary import Family, Severity
from scheduling.folding.state import AppointmentState
from scheduling.vocabulary import PATIENT_FACING, REBOOKS, REFILLS, Decision, Status

_REFILL = frozenset(REFILLS)

CHECKS = (
    Check(
        id="missing_start",
        title="No start time",
        family=Family.MESSAGE,
        severity=Severity.BLOCKING,
        happened="The source sent visits without a start, so their slots cannot be offered or confirmed.",
        advice="Look in a message for the field that holds the start, and name it in the feed's settings.",
        blocks=_REFILL | {Decision.CONFIRM},
        self_clearing=True,
    ),
    Check(
        id="missing_clinic",
        title="No clinic",
        family=Family.MESSAGE,
        severity=Severity.BLOCKING,
        happened="The source sent visits that name no clinic, so hours, zone and limits are unknown.",
        advice="Look in a message for the field that holds the clinic, and name it in the feed's settings.",
        blocks=frozenset(PATIENT_FACING),
        self_clearing=True,
    ),
    Check(
        id="missing_resource",
        title="No provider or room",
        family=Family.MESSAGE,
        severity=Severity.DEGRADED,
        happened="Visits gave slots back that name no provider and no room, so nobody knows whose slots they are.",
        advice="Look in a message for the provider or room, and name the field in the feed's settings.",
        blocks=_REFILL,
        self_clearing=True,
    ),
    Check(
        id="missing_visit_type",
        title="No visit type",
        family=Family.MESSAGE,
        severity=Severity.DEGRADED,
        happened="Visits gave slots back without a visit type, so no fitting patient can be found.",
        advice="Look in a message for the visit type, and name the field in the feed's settings.",
        blocks=_REFILL,
        self_clearing=True,
    ),
    Check(
        id="missing_patient",
        title="No patient",
        family=Family.CONTACT,
        severity=Severity.BLOCKING,
        happened="The source sent visits without a patient, so there is nobody to call.",
        advice="Look in a message for the patient's id. Visits of blocked time belong under another status.",
        blocks=frozenset(REBOOKS) | {Decision.CONFIRM},
        self_clearing=True,
    ),
    Check(
        id="unknown_length",
        title="No length, or over a day",
        family=Family.MESSAGE,
        severity=Severity.DEGRADED,
        happened="Visits last over 24 h by what the source says, or gave slots back whose length it never said.",
        advice="A slot without a length is offered as 30 min. Name the field and its unit in the feed's settings.",
        self_clearing=True,
    ),
)

LONGEST = 24 * 60  # minutes

_START = ("starts_at", "missing_start")
_CLINIC = ("clinic_code", "missing_clinic")
_RESOURCE = ("resource", "missing_resource")
_VISIT_TYPE = ("visit_type", "missing_visit_type")
_PATIENT = ("patient_id", "missing_patient")

# Which fields are at stake under a status; a visit that is over, under way or never meant needs none.
NEEDED: dict[str | None, tuple[tuple[str, str], ...]] = {
    Status.PENDING.value: (_START, _CLINIC, _PATIENT),
    Status.BOOKED.value: (_START, _CLINIC, _PATIENT),
    Status.CONFIRMED.value: (_START, _CLINIC, _PATIENT),
    Status.CANCELLED.value: (_START, _CLINIC, _RESOURCE, _VISIT_TYPE),
    Status.BUMPED.value: (_START, _CLINIC, _RESOURCE, _VISIT_TYPE, _PATIENT),
    Status.MISSED.value: (_CLINIC, _PATIENT),
}


# Under these the visit's slot is offered, so its length is at stake.
_GIVEN_BACK = frozenset({Status.CANCELLED.value, Status.BUMPED.value})
_MISSED = Status.MISSED.value


class StatedVisit(NamedTuple):
    """The fields of a visit that are looked at, as read from its row where no folded state is at hand."""

    status: str | None = None
    starts_at: datetime | None = None
    clinic_code: str | None = None
    clinic_id: int | None = None
    resource: str | None = None
    visit_type: str | None = None
    patient_id: int | None = None


def missing(visit: AppointmentState | StatedVisit) -> list[str]:
    """Name the check of each field that is missing where a decision needs it; a known clinic id counts as stated."""
    found = [check for name, check in NEEDED.get(visit.status, ()) if getattr(visit, name) is None]
    if found and visit.clinic_id is not None and "missing_clinic" in found:
        found.remove("missing_clinic")
    return found


def find(state: AppointmentState) -> Iterable[Hit]:
    """Give a hit for each missing field, as of the newest statement."""
    at, minutes = state.said_at, state.minutes
    if at is None or state.status not in NEEDED:
        return ()
    hits = [Hit(check, "", at) for check in missing(state)]
    if minutes is None:
        if state.status in _GIVEN_BACK:
            hits.append(Hit("unknown_length", "", at))
    elif not 0 < minutes <= LONGEST and state.status != _MISSED:
        hits.append(Hit("unknown_length", f"{minutes} min", at))
    return hits
