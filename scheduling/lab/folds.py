"""The stage of the appointment: its picture before the message, after it, and what is another."""

from collections.abc import Callable
from dataclasses import dataclass

from config.web import times
from scheduling.folding.state import AppointmentState
from scheduling.lab.running import LabRun, LabVisit
from scheduling.lab.stages import LabStage
from scheduling.selectors.words import OUTCOME_TONES, hold_words, status_note, status_word
from scheduling.vocabulary import Outcome, TroubleKind

NOTHING = "not said"
OPEN_FIELDS = frozenset({"Status", "Uncertain"})  # all that is shown of a restricted patient's visit
_OUTCOMES = {
    Outcome.APPLIED: "Applied",
    Outcome.SUPERSEDED: "Superseded: it tells nothing newer",
    Outcome.DUPLICATE: "Duplicate: this very event is known",
    Outcome.HELD: "Held until somebody says what it means",
}


@dataclass(frozen=True, slots=True)
class FoldLine:
    """One field before and after."""

    label: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        """Whether the message makes it another."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Folded:
    """One appointment before and after. ``appointment_id`` is 0 where none is known in the person's sight."""

    number: str
    appointment_id: int
    is_known: bool
    lines: list[FoldLine]
    is_restricted: bool
    events: int


def fold_stage(run: LabRun) -> LabStage:
    """What the event does to the picture of each appointment."""
    first = run.visits[0]
    tone = OUTCOME_TONES.get(first.outcome, "fresh" if first.outcome is Outcome.APPLIED else "idle")
    return LabStage(
        "Appointment",
        tone,
        _sentence(first),
        _note(run, first),
        "scheduling/_lab_fold.html",
        {"folded": [_folded(run, visit) for visit in run.visits], "is_stored": run.asked.stored is not None},
    )


def _sentence(visit: LabVisit) -> str:
    said = _OUTCOMES.get(visit.outcome, str(visit.outcome.label))
    before = visit.before.status if visit.before is not None else None
    after = visit.after.status
    if visit.outcome is not Outcome.APPLIED:
        return f"{said}."
    if visit.before is None:
        return f"{said}: a new appointment, {status_word(after).lower()}."
    if before == after:
        return f"{said}: it stays {status_word(after).lower()}."
    return f"{said}: {status_word(before).lower()} → {status_word(after).lower()}."


def _note(run: LabRun, visit: LabVisit) -> str:
    if run.asked.stored is not None:
        base = "Before is the picture without this message."
    elif visit.before is None:
        base = "No appointment of that number is in your sight; this is the picture from this event alone."
    else:
        base = f"{visit.before.events:,} earlier event{'' if visit.before.events == 1 else 's'} stand."
    if visit.work.late is not None:
        effect = "and the picture changes" if visit.work.late.has_effect else "and the picture stays as it is"
        base = f"{base} It is late: newer events are known, {effect}."
    troubles = [hold_words(trouble.kind).meaning for trouble in visit.after.troubles[:2]]
    return " ".join([base, *troubles])


def _folded(run: LabRun, visit: LabVisit) -> Folded:
    describe = _describer(run)
    before = describe(visit.before) if visit.before is not None else {}
    after = describe(visit.after)
    labels = [label for label in after if not visit.is_restricted or label in OPEN_FIELDS]
    lines = [
        FoldLine(label, before.get(label, NOTHING) if visit.before is not None else "", after[label])
        for label in labels
        if after[label] != NOTHING or before.get(label, NOTHING) != NOTHING
    ]
    return Folded(
        visit.mapped.fact.external_id, visit.work.id, visit.before is not None, lines, visit.is_restricted,
        visit.after.events,
    )  # fmt: skip


def _describer(run: LabRun) -> Callable[[AppointmentState], dict[str, str]]:
    """A function that puts a picture in words, field by field, in the zone of its clinic."""
    now = run.asked.now

    def describe(state: AppointmentState) -> dict[str, str]:
        clinic = run.clinics.get(state.clinic_id) if state.clinic_id else None
        zone = clinic.zone if clinic is not None else run.context.reader.zone
        note = status_note(state.initiator, state.set_by, state.status)
        left = [f"{slot.resource}, {times.clock(slot.starts_at, zone, now)}" for slot in state.left]
        troubles = [f"{TroubleKind(one.kind).label} {one.raw}".strip() for one in state.troubles]
        said = {
            "Status": f"{status_word(state.status)}{f', {note}' if note else ''}",
            "Starts": times.clock(state.starts_at, zone, now) if state.starts_at else "",
            "Length": f"{state.minutes} min" if state.minutes else "",
            "Clinic": clinic.name if clinic is not None else state.clinic_code or "",
            "Room": state.room or "",
            "Provider": state.provider_name or state.provider_code or "",
            "Slot of": state.resource or "",
            "Visit type": state.visit_type_name or state.visit_type or "",
            "Reason": state.reason_code or "",
            "Patient": _patient(state),
            "Slots given back": "; ".join(left),
            "Uncertain": "; ".join(troubles),
        }
        return {label: text or NOTHING for label, text in said.items()}

    return describe


def _patient(state: AppointmentState) -> str:
    if state.patient_id is None:
        return ""
    return f"Record {state.patient_id}" if state.patient_id > 0 else "A record not known yet"
