"""Reasons that facts decide, stored on an item: what is uncertain about the visit, and about reaching the person. Pure.

Stored as ``[code, level, raw]``; sentences are made on reading, so that wording can change without touching rows.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from exceptions.checks.outcome import is_missed_before_start
from exceptions.checks.required import CHECKS, StatedVisit, missing
from recovery.decisions import DECISIONS_OF
from recovery.vocabulary import Family, Level
from scheduling.vocabulary import Decision, SetBy, TroubleKind


class StaticReason(NamedTuple):
    """One stored reason; ``raw`` is the culprit code where there is one, never patient data."""

    code: str
    level: int
    raw: str = ""


class Wording(NamedTuple):
    """A reason in words: ``{raw}`` is the culprit code; the owner is who can lift it."""

    sentence: str
    owner: str


WORDINGS: Mapping[str, Wording] = {
    TroubleKind.UNMAPPED: Wording("Status {raw} has no meaning yet.", "Mapping admins"),
    TroubleKind.AMBIGUOUS: Wording("Two rules disagree about status {raw}.", "Mapping admins"),
    TroubleKind.CONFLICT: Wording("Status {raw} contradicts its event.", "Mapping admins"),
    TroubleKind.EQUAL_TIME: Wording("Two messages of one moment disagree.", "Integration owner"),
    TroubleKind.AHEAD: Wording("A message is dated in the future.", "Integration owner"),
    TroubleKind.IMPOSSIBLE_TRANSITION: Wording("The status cannot change from {raw}.", "Integration owner"),
    TroubleKind.REUSED_ID: Wording("One visit number names two patients.", "Integration owner"),
    TroubleKind.UNKNOWN_CLINIC: Wording("Clinic code {raw} is not known.", "Integration owner"),
    TroubleKind.AMBIGUOUS_LOCAL_TIME: Wording("The local start time is ambiguous.", "Integration owner"),
    "missing_start": Wording("The source sent no start time.", "Integration owner"),
    "missing_clinic": Wording("The source named no clinic; hours and limits are unknown.", "Integration owner"),
    "missing_resource": Wording(
        "The source named no provider or room; whose slot it is stays open.", "Integration owner"
    ),
    "missing_visit_type": Wording(
        "The source sent no visit type; nobody can be matched to the slot.", "Integration owner"
    ),
    "missing_patient": Wording("The source named no patient; there is nobody to call.", "Integration owner"),
    "missed_by_timer": Wording("A timer marked this visit missed, not a person.", "The clinic"),
    "missed_before_start": Wording("It was marked missed before it was due to start.", "Mapping admins"),
    "no_contact": Wording("No phone or e-mail is on file.", "The clinic"),
    "no_mobile": Wording("No mobile number; call, do not text.", "The clinic"),
    "opted_out": Wording("The patient asked for no contact.", "Consent"),
    "opted_out_partly": Wording("The patient refused one way of contact: {raw}.", "Consent"),
    "restricted": Wording("This patient is restricted; names stay hidden.", "Privacy"),
    "merged": Wording("The record was merged; the surviving one is shown.", "Identity"),
    "died": Wording("The patient has died.", "Records"),
}


_BLOCKED_BY: Mapping[str, frozenset[Decision]] = {check.id: check.blocks for check in CHECKS}


class ContactFacts(NamedTuple):
    """What is known about reaching one person; phone lists as in ``PatientState``, consents newest per channel."""

    died: bool = False
    publicity: str = ""
    protection: str = ""
    vip: str = ""
    phones_home: list[list[Any]] | None = None
    phones_work: list[list[Any]] | None = None
    refused: tuple[str, ...] = ()
    is_merged: bool = False

    @property
    def points(self) -> list[list[Any]]:
        """Every way on file except those marked old."""
        return [point for point in [*(self.phones_home or []), *(self.phones_work or [])] if point[1] != "old"]

    @property
    def is_restricted(self) -> bool:
        """Whether lists must mask this person."""
        return self.protection == "Y" or bool(self.vip)


def trouble_reasons(troubles: Iterable[list[Any]] | None) -> list[StaticReason]:
    """Holds of an appointment: every live one holds every decision (I4)."""
    return [StaticReason(trouble[0], Level.HELD, trouble[1]) for trouble in troubles or ()]


def missing_reasons(visit: StatedVisit, decisions: Iterable[Decision]) -> list[StaticReason]:
    """Fields the source did not send and one of the decisions needs; judged as the exception about them is."""
    asked = frozenset(decisions)
    return [StaticReason(check, Level.HELD) for check in missing(visit) if _BLOCKED_BY[check] & asked]


def slot_reasons(visit: StatedVisit, visit_type: str | None) -> list[StaticReason]:
    """What is missing to offer a slot: of the visit that left it, or of the slot itself where that visit moved on."""
    found = missing_reasons(visit, DECISIONS_OF[Family.REFILL])
    lacking = StaticReason("missing_visit_type", Level.HELD)
    return found if visit_type is not None or lacking in found else [*found, lacking]


def missed_reasons(set_by: str | None, starts_at: datetime, missed_at: datetime) -> list[StaticReason]:
    """A timer's "missed" is only a guess (DESIGN section 8), and one of before the start cannot be so."""
    found = [StaticReason("missed_by_timer", Level.HELD)] if set_by == SetBy.TIMER else []
    if is_missed_before_start(starts_at, missed_at):
        found.append(StaticReason("missed_before_start", Level.HELD))
    return found


def confirm_reasons(
    visit: StatedVisit, troubles: Iterable[list[Any]] | None, contact: ContactFacts | None
) -> list[StaticReason]:
    """What speaks against confirming a visit with its patient; of a restricted one nothing but that is told."""
    if contact is None or not contact.is_restricted:
        return confirm_facts(visit, troubles, contact)
    return [*confirm_facts(visit, troubles, None), StaticReason("restricted", Level.WARN)]


def confirm_facts(
    visit: StatedVisit, troubles: Iterable[list[Any]] | None, contact: ContactFacts | None
) -> list[StaticReason]:
    """The same for whoever acts: all that is known of reaching the patient; ``contact`` None is nobody named."""
    found = [*trouble_reasons(troubles), *missing_reasons(visit, [Decision.CONFIRM])]
    return found if contact is None else [*found, *contact_reasons(contact)]


def contact_reasons(facts: ContactFacts) -> list[StaticReason]:
    """What stands in the way of reaching the person."""
    found = []
    if facts.died:
        found.append(StaticReason("died", Level.HELD))
    if facts.publicity == "N" or "all" in facts.refused:
        found.append(StaticReason("opted_out", Level.HELD))
    found += [StaticReason("opted_out_partly", Level.WARN, way) for way in sorted(facts.refused) if way != "all"]
    systems = {(point[0], point[1]) for point in facts.points}
    if not systems:
        found.append(StaticReason("no_contact", Level.HELD))
    elif ("phone", "mobile") not in systems:
        found.append(StaticReason("no_mobile", Level.WARN))
    if facts.is_restricted:
        found.append(StaticReason("restricted", Level.WARN))
    if facts.is_merged:
        found.append(StaticReason("merged", Level.WARN))
    return found


def static_level(reasons: Iterable[StaticReason]) -> int:
    """The heaviest of the stored reasons; what lists filter by."""
    return max((reason.level for reason in reasons), default=int(Level.READY))
