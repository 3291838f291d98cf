"""What action adds to the lab: what could be done for the visit after the message, or what stops it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from config.web import times
from recovery.planning import DesiredItem, Plan
from recovery.reasons import ContactFacts, confirm_reasons
from recovery.selectors.contacts import refused_channels
from recovery.selectors.decisions import AT_RISK, TONES, confirm_verdict, contact_facts
from recovery.selectors.rows import VERDICT_WORDS
from recovery.selectors.trusts import trusts_for
from recovery.services.imagined import Imagined, confirms_of, rebooks_of, refills_of
from recovery.trust import ClinicTrust
from recovery.verdict import Reason, Verdict, VerdictFacts, verdict
from recovery.vocabulary import CloseReason, Family
from scheduling.digestion.resource_days import Days
from scheduling.lab.running import LabRun, LabVisit
from scheduling.lab.stages import AddedStage, LabStage, register_lab_stage
from scheduling.models import Patient
from scheduling.patients.merge import Statement, absorb, stated
from scheduling.patients.state import PatientState
from scheduling.sql.cursors import server_cursor

_ALIKE = tuple(name for name in PatientState.__slots__ if name not in {"as_of", "merged_into", "merge_key"})


@dataclass(frozen=True, slots=True)
class LabDecision:
    """One decision after the message; ``note`` stands where there is no verdict because there is no chance."""

    label: str
    tone: str
    word: str
    reasons: tuple[Reason, ...] = ()
    note: str = ""


def decisions_stage(request: HttpRequest, run: LabRun) -> LabStage:
    """Judge what the pictures after the message put at stake, with the facts of this moment."""
    now = run.asked.now
    trusts = {trust.clinic_id: trust for trust in trusts_for(request, now)}
    lines = [line for visit in run.visits for line in _lines(run, visit, trusts, now)]
    tones = {line.tone for line in lines}
    tone = next((one for one in ("held", "warn", "fresh") if one in tones), "idle")
    template = "recovery/_lab_decisions.html" if lines else ""
    return LabStage("Decisions", tone, _sentence(lines), "", template, {"lines": lines})


def _sentence(lines: list[LabDecision]) -> str:
    if not lines:
        return "Nothing: the visit's status leaves nothing to decide."
    counts = [(sum(line.word == word for line in lines), word.lower()) for word in VERDICT_WORDS.values()]
    words = ", ".join(f"{number} {word}" for number, word in counts if number)
    return f"{words[:1].upper()}{words[1:]}." if words else "No chance is open."


def _lines(run: LabRun, visit: LabVisit, trusts: dict[int, ClinicTrust], now: datetime) -> Iterator[LabDecision]:
    state = visit.after
    zones = Days({run.context.source_id: run.context.reader.zone})
    imagined = Imagined(run.context.source_id, visit.work.id, state, _contact(run, visit), zones)
    yield from _of_plan(refills_of(imagined, now), trusts, now)
    with server_cursor() as cursor:
        rebooks, confirms = rebooks_of(cursor, imagined, now), confirms_of(cursor, imagined, now)
    yield from _of_plan(rebooks, trusts, now)
    yield from _of_plan(confirms, trusts, now)
    if not confirms.desired and (state.status in AT_RISK or state.status is None):
        trust = trusts.get(state.clinic_id) if state.clinic_id is not None else None
        contact = imagined.contact if state.patient_id is not None else None
        reasons = confirm_reasons(imagined.stated, imagined.troubles, contact)
        yield _line(confirm_verdict(imagined.stated, reasons, trust, imagined.appointment_id or None, now))


def _of_plan(plan: Plan, trusts: dict[int, ClinicTrust], now: datetime) -> Iterator[LabDecision]:
    for item in plan.desired.values():
        trust = trusts.get(item.clinic_id) if item.clinic_id is not None else None
        judged = verdict(_facts(item, trust), now)
        zone = trust.zone if trust is not None else None
        at = f", {times.clock(item.starts_at, zone, now)}" if zone is not None and item.family == Family.REFILL else ""
        yield _line(judged, at)
    for (family, _), why in plan.refused.items():
        yield LabDecision(str(Family(family).label), "idle", "No chance", note=f"{CloseReason(why).label}.")


def _facts(item: DesiredItem, trust: ClinicTrust | None) -> VerdictFacts:
    return VerdictFacts(
        family=item.family,
        starts_at=item.starts_at,
        ready_from=item.ready_from,
        useful_until=item.useful_until,
        static=item.reasons,
        trust=trust,
        appointment_id=item.appointment_id or None,
    )


def _contact(run: LabRun, visit: LabVisit) -> ContactFacts:
    """How the person could be reached after the message: what is on file in the reader's sight, and what it adds."""
    patient, state = visit.patient, PatientState()
    if patient is not None:
        state = PatientState(**{name: getattr(patient, name) for name in _ALIKE}, as_of=bytes(patient.as_of))
    message = run.message
    said = message.reading.patient if message is not None and message.reading is not None else None
    if said is not None and message is not None and _is_about(said.authority, said.mrn, visit):
        absorb(state, Statement.of(stated(said)), message.key)
    refused = tuple(refused_channels(patient)) if isinstance(patient, Patient) else ()
    return contact_facts(state, refused=refused, is_merged=patient is not None and patient.merged_into_id is not None)


def _is_about(authority: str, mrn: str, visit: LabVisit) -> bool:
    named = visit.mapped.fact.patient
    return named is None or named == (authority, mrn)


def _line(judged: Verdict, at: str = "") -> LabDecision:
    reasons = judged.stops or judged.reasons[:1]
    return LabDecision(f"{judged.decision.label}{at}", TONES[judged.level], VERDICT_WORDS[judged.level], reasons)


def register_stage() -> None:
    """Add the stage; called once when Django is ready."""
    about = "What could be done for the visit afterwards, and what holds it."
    register_lab_stage("recovery", AddedStage("Decisions", about, decisions_stage, 20))
