"""Rows of the queue as the list prints them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from config.web.rows import Row
from config.web.times import span
from recovery.models import QueueItem
from recovery.selectors.contacts import contact_words
from recovery.selectors.tries import Limits, first_due, tries_words
from recovery.selectors.words import (
    holder_words,
    is_elsewhere,
    next_step,
    provider_name,
    short_time,
    standing_of,
    visit_name,
    why_now,
)
from recovery.standing import TO_DO, Standing
from recovery.trust import ClinicTrust
from recovery.verdict import Reason, Verdict, VerdictFacts, verdict, with_blocks
from recovery.vocabulary import Family, Level
from scheduling.models import Patient

TONES = {Level.READY: "", Level.WARN: "warn", Level.HELD: "held"}
WORDS = {Level.READY: "", Level.WARN: "ageing", Level.HELD: "held"}
VERDICT_WORDS = {Level.READY: "Ready", Level.WARN: "Look first", Level.HELD: "Held"}
SHORT = timedelta(hours=1)


def facts_of(item: QueueItem, trust: ClinicTrust | None) -> VerdictFacts:
    """What the verdict needs of a stored item."""
    return VerdictFacts(
        family=Family(item.family),
        starts_at=item.starts_at,
        ready_from=item.ready_from,
        useful_until=item.useful_until,
        static=item.static_reasons,
        trust=trust,
        appointment_id=item.appointment_id,
    )


def shown_patient(item: QueueItem) -> Patient | None:
    """Whose name the row shows: the person to rebook, or the one who left the slot."""
    return item.patient if item.family != Family.REFILL else item.appointment.patient


@dataclass(frozen=True)
class QueueRow(Row):
    """One line of the list; every text is ready to print."""

    item: QueueItem
    verdict: Verdict
    zone: ZoneInfo
    url: str
    is_current: bool
    is_short: bool
    left: str
    until: str
    why: tuple[str, str]
    is_masked: bool
    who: str
    who_note: str
    visit: str
    provider: str
    visit_note: str
    data_tone: str
    data_age: str
    data_word: str
    contact: tuple[str, str]
    next_step: str
    standing: Standing
    holder: str
    tries: str
    promise: str
    is_overdue: bool
    is_pinned: bool

    @property
    def pane_url(self) -> str:
        """Where the pane's content comes from; the list's own query goes along, for the counts after an act."""
        return f"{self.item.get_absolute_url()}{self.url}"

    @property
    def is_held(self) -> bool:
        """Whether the row carries its reason below it."""
        return self.verdict.level == Level.HELD

    @property
    def is_to_do(self) -> bool:
        """Whether its reader may take it up now."""
        return not self.is_held and self.standing in TO_DO

    @property
    def is_mine(self) -> bool:
        """Whether its reader holds it."""
        return self.standing == Standing.MINE

    @property
    def is_taken(self) -> bool:
        """Whether a colleague holds it."""
        return self.standing == Standing.TAKEN

    @property
    def is_refill(self) -> bool:
        """Whether somebody has still to be found for the slot."""
        return self.item.family == Family.REFILL

    @property
    def is_elsewhere(self) -> bool:
        """Whether the visit has moved out of the reader's scope."""
        return is_elsewhere(self.item)

    @property
    def patient_id(self) -> int | None:
        """Whom the audit trail names: nobody where the name stays hidden."""
        patient = None if self.is_masked or self.is_elsewhere else shown_patient(self.item)
        return None if patient is None else patient.pk


@dataclass(frozen=True)
class Beside:
    """What a row needs beside its item: for whom it is, the exceptions in its way, the limits of tries."""

    me: int | None = None
    blocks: Mapping[int, Iterable[Reason]] = field(default_factory=dict)
    limits: Limits = field(default_factory=dict)
    revealed: Collection[int] = ()  # restricted patients whose names the reader gave a reason to see


def queue_row(
    item: QueueItem,
    trusts: Mapping[int, ClinicTrust],
    beside: Beside,
    *,
    now: datetime,
    url: str = "",
    is_current: bool = False,
) -> QueueRow:
    """Put one item in words."""
    trust = trusts.get(item.clinic_id) if item.clinic_id is not None else None
    zone = trust.zone if trust is not None else item.source.zone
    patient = shown_patient(item)
    # Of a lost visit that is another clinic's by now nothing is left to show; a freed slot is still this clinic's.
    is_lost_elsewhere = is_elsewhere(item) and item.family != Family.REFILL
    is_hidden = patient is not None and patient.is_restricted and patient.pk not in beside.revealed
    is_masked = is_lost_elsewhere or is_hidden
    judged = with_blocks(verdict(facts_of(item, trust), now), beside.blocks.get(item.pk, ()))
    stands = standing_of(item, beside.me, now)
    left = item.useful_until - now
    age = None if trust is None else trust.age(now)
    fresh = Level.HELD if trust is None else trust.freshness(judged.decision, now)
    who, who_note = _who(item, patient, is_masked=is_masked)
    due = first_due(item, beside.limits)
    return QueueRow(
        item=item,
        verdict=judged,
        zone=zone,
        url=url,
        is_current=is_current,
        is_short=left <= SHORT,
        left=span(left.total_seconds()) if left > timedelta() else "over",
        until=f"until {short_time(item.useful_until, zone, now)}",
        why=why_now(item, zone, now),
        is_masked=is_masked,
        who=who,
        who_note=who_note,
        visit="Visit type hidden" if is_masked else visit_name(item),
        provider="" if is_masked else provider_name(item),
        visit_note=f"{short_time(item.starts_at, zone, now)} · {trust.name if trust else 'Clinic unknown'}",
        data_tone=TONES[fresh],
        data_age=span(age.total_seconds()) if age is not None else "none",
        data_word=WORDS[fresh],
        contact=_contact(item, patient, is_masked=is_masked),
        next_step=_next_step(item, judged, stands, zone, now, is_masked=is_masked),
        standing=stands,
        holder=holder_words(item, stands, zone, now),
        tries=tries_words(item, beside.limits),
        promise=_promise(due, zone, now),
        is_overdue=due is not None and due <= now,
        is_pinned=item.pinned_until is not None and item.pinned_until > now,
    )


def _promise(due: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    if due is None:
        return ""
    return f"First try {'was due' if due <= now else 'by'} {short_time(due, zone, now)}"


def _next_step(
    item: QueueItem, judged: Verdict, stands: Standing, zone: ZoneInfo, now: datetime, *, is_masked: bool
) -> str:
    if is_masked and judged.level != Level.HELD:
        return "Give a reason"
    return next_step(item, judged, stands, zone, now)


def _who(item: QueueItem, patient: Patient | None, *, is_masked: bool) -> tuple[str, str]:
    if item.family == Family.REFILL:
        return "Free slot", f"left by {_who_left(item, patient, is_masked=is_masked)}"
    if is_elsewhere(item):
        return "Another clinic's", "Name hidden"
    if is_masked:
        return "Restricted", "Name hidden"
    return patient_name(patient), patient.mrn if patient is not None else ""


def _who_left(item: QueueItem, patient: Patient | None, *, is_masked: bool) -> str:
    if is_elsewhere(item):
        return "a patient of another clinic"
    return "a restricted patient" if is_masked else patient_name(patient)


def patient_name(patient: Patient | None) -> str:
    """Given and family name; somebody without a name stays a number."""
    if patient is None:
        return "an unknown patient"
    return f"{patient.given} {patient.family}".strip() or f"Patient {patient.pk}"


def _contact(item: QueueItem, patient: Patient | None, *, is_masked: bool) -> tuple[str, str]:
    if item.family == Family.REFILL:
        return "Nobody yet", ""
    if is_masked or patient is None:
        return "Hidden", ""
    return contact_words(patient)
