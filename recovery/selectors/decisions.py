"""What each decision about one visit needs, whether or not a chance is open: the verdict and its sentence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from exceptions.checks.required import StatedVisit
from recovery.models import QueueItem, RiskDecision
from recovery.reasons import ContactFacts, StaticReason, confirm_reasons
from recovery.selectors.contacts import refused_channels
from recovery.selectors.rows import VERDICT_WORDS, facts_of
from recovery.trust import ClinicTrust
from recovery.verdict import Reason, Verdict, VerdictFacts, judge, verdict
from recovery.vocabulary import Family, Level, RiskArm
from scheduling.models import Appointment, Patient
from scheduling.patients.state import PatientState
from scheduling.vocabulary import VACATING, Decision, Status

TONES = {Level.READY: "fresh", Level.WARN: "warn", Level.HELD: "held"}
AT_RISK = frozenset({Status.PENDING, Status.BOOKED, Status.CONFIRMED})


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One decision: its verdict, the reasons for it; ``item`` is the chance it would be taken on."""

    label: str
    tone: str
    word: str
    reasons: tuple[Reason, ...]
    note: str = ""
    item: QueueItem | None = None


def decision_lines(
    appointment: Appointment, items: Iterable[QueueItem], trusts: Mapping[int, ClinicTrust], now: datetime
) -> list[DecisionLine]:
    """The decisions that the visit's status puts at stake; open ``items`` bring their stored reasons."""
    is_open = {item.family: item for item in items if item.is_open}
    trust = trusts.get(appointment.clinic_id) if appointment.clinic_id is not None else None
    lines = [_of_item(item, trust, now) for item in is_open.values()]
    lines += [_closed(family, appointment, items) for family in families_of(appointment) if family not in is_open]
    is_ahead = appointment.status in AT_RISK or appointment.status is None
    if is_ahead and Family.CONFIRM not in is_open:
        lines.append(_confirm(appointment, trust, now))
    return lines


def families_of(appointment: Appointment) -> list[Family]:
    """Which chances the status could open."""
    found = [Family.REFILL] if appointment.status in VACATING else []
    if appointment.status == Status.BUMPED:
        found.append(Family.REBOOK_BUMPED)
    return [Family.REBOOK_MISSED] if appointment.status == Status.MISSED else found


def _of_item(item: QueueItem, trust: ClinicTrust | None, now: datetime) -> DecisionLine:
    judged = verdict(facts_of(item, trust), now)
    return _line(judged, item)


def _closed(family: Family, appointment: Appointment, items: Iterable[QueueItem]) -> DecisionLine:
    """A decision without an open chance: why the last one closed, or that none ever opened."""
    last = next((item for item in items if item.family == family), None)
    label = str(family.label)
    if last is None:
        return DecisionLine(label, "idle", "No chance", (), "None was opened: too late, or the slot is taken.")
    return DecisionLine(label, "idle", "Closed", (), f"{last.get_close_reason_display()}.", last)


def _confirm(appointment: Appointment, trust: ClinicTrust | None, now: datetime) -> DecisionLine:
    if RiskDecision.objects.filter(appointment=appointment, arm=RiskArm.HOLDOUT).exists():
        note = "On purpose, so that the worth of asking can be known."
        return DecisionLine(str(Decision.CONFIRM.label), "idle", "Left uncontacted", (), note)
    visit = StatedVisit(*(getattr(appointment, name) for name in StatedVisit._fields))
    patient = appointment.patient
    contact = None
    if patient is not None:
        refused = () if patient.is_restricted else tuple(refused_channels(patient))
        contact = contact_facts(patient, refused=refused, is_merged=patient.merged_into_id is not None)
    reasons = confirm_reasons(visit, appointment.troubles, contact)
    return _line(confirm_verdict(visit, reasons, trust, appointment.pk, now))


def confirm_verdict(
    visit: StatedVisit,
    reasons: Iterable[StaticReason],
    trust: ClinicTrust | None,
    appointment_id: int | None,
    now: datetime,
) -> Verdict:
    """Whether a visit may be confirmed with its patient at ``now``, up to its start."""
    starts_at = visit.starts_at or now
    facts = VerdictFacts(
        family=Family.REFILL,
        starts_at=starts_at,
        ready_from=now,
        useful_until=starts_at,
        static=tuple(reasons),
        trust=trust,
        appointment_id=appointment_id,
    )
    return judge(facts, Decision.CONFIRM, now)


def contact_facts(record: Patient | PatientState, *, refused: tuple[str, ...], is_merged: bool) -> ContactFacts:
    """What a record says about reaching a person, stored or merged in memory."""
    return ContactFacts(
        died=record.died,
        publicity=record.publicity,
        protection=record.protection,
        vip=record.vip,
        phones_home=record.phones_home,
        phones_work=record.phones_work,
        refused=refused,
        is_merged=is_merged,
    )


def _line(judged: Verdict, item: QueueItem | None = None) -> DecisionLine:
    reasons = judged.stops or judged.reasons[:1]
    word = VERDICT_WORDS[judged.level]
    return DecisionLine(str(judged.decision.label), TONES[judged.level], word, reasons, item=item)
