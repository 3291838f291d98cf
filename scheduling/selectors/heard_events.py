"""Which events the decisions need, and which of them each clinic of a source was ever heard to send in a window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, Max, When

from accounts.models import Clinic
from accounts.scope import clinic_scope_q
from scheduling.mapping.conflict import PLANNED
from scheduling.models import Vacancy
from scheduling.selectors.status_paths import TRUSTED, Window
from scheduling.vocabulary import EventKind, Initiator, SetBy, Status

REFILL, REBOOK_BUMPED, REBOOK_MISSED = "Refill", "Rebook bumped", "Rebook missed"
CONFIRM, REPORT = "Confirm at-risk visit", "Weekly report"
_BY_STATUS = {
    Status.CONFIRMED: EventKind.CONFIRMED,
    Status.CHECKED_IN: EventKind.CHECKED_IN,
    Status.IN_PROGRESS: EventKind.STARTED,
    Status.COMPLETED: EventKind.COMPLETED,
    Status.CANCELLED: EventKind.CANCELLED,
    Status.BUMPED: EventKind.BUMPED,
    Status.MISSED: EventKind.MISSED,
    Status.LEFT_UNSEEN: EventKind.LEFT_UNSEEN,
    Status.ENTERED_IN_ERROR: EventKind.DELETED,
}
WITH_INITIATOR, BY_PERSON = "cancelled_by", "missed_by_person"


@dataclass(frozen=True, slots=True)
class Need:
    """One event that decisions need (DESIGN section 8). ``means`` is what its absence does."""

    id: str
    label: str
    heard: str
    decisions: tuple[str, ...]
    means: str

    @property
    def tone(self) -> str:
        """How much its absence matters: an act on a patient is held to it, or only a report."""
        return "warn" if self.decisions == (REPORT,) else "held"


NEEDS = (
    Need(EventKind.CREATED, "Created", "booking", (REFILL, REBOOK_BUMPED, CONFIRM),
         "a slot that was filled again still looks free"),
    Need(EventKind.RESCHEDULED, "Rescheduled", "move to another time", (REFILL,),
         "slots that a moved visit gave back are never offered"),
    Need(EventKind.CONFIRMED, "Confirmed", "confirmation", (CONFIRM,),
         "patients who have confirmed would be called again"),
    Need(EventKind.CHECKED_IN, "Checked in", "arrival", (REBOOK_MISSED,),
         "a patient who came late would be called as missed"),
    Need(EventKind.STARTED, "Started", "start of a visit", (REPORT,),
         "waiting and visit cannot be told apart"),
    Need(EventKind.COMPLETED, "Completed", "completion", (REBOOK_MISSED, REPORT),
         "missed visits cannot be told from kept ones"),
    Need(EventKind.CANCELLED, "Cancelled", "cancellation", (REFILL, CONFIRM),
         "freed slots never reach the queue, and cancelled patients would be called"),
    Need(WITH_INITIATOR, "Cancelled, by whom", "cancellation that says by whom", (REPORT,),
         "losses by patient and by system cannot be told apart"),
    Need(EventKind.BUMPED, "Bumped by clinic", "cancellation by the clinic", (REFILL, REBOOK_BUMPED),
         "patients whom the clinic moved off are not called back"),
    Need(EventKind.MISSED, "Missed", "missed visit", (REBOOK_MISSED,),
         "patients who did not come are never called"),
    Need(BY_PERSON, "Missed, set by a person", "missed visit set by a person", (REBOOK_MISSED,),
         "a timer's word is only a guess, so nobody is called on it"),
    Need(EventKind.LEFT_UNSEEN, "Left without being seen", "patient who left unseen", (REPORT,),
         "they are counted as missed or as kept"),
    Need(EventKind.DELETED, "Entered in error", "booking entered in error", (REPORT,),
         "wrong bookings are counted as visits"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """How often a clinic was heard to send an event, and when last (source time); 0 and None is never."""

    count: int = 0
    last_at: datetime | None = None

    def plus(self, count: int, last_at: datetime) -> "Heard":
        """Both together."""
        return Heard(self.count + count, last_at if self.last_at is None else max(self.last_at, last_at))


@dataclass(frozen=True, slots=True)
class HeardCell:
    """One event at one clinic; ``is_quiet`` where nothing at all was heard of the clinic."""

    heard: Heard
    tone: str
    is_quiet: bool


@dataclass(frozen=True, slots=True)
class HeardTable:
    """Events by clinic, and in sentences what the missing ones mean; worst first."""

    clinics: list[Clinic]
    rows: list[tuple[Need, list[HeardCell]]]
    sentences: list[tuple[str, str]]


def heard_table(heard: Mapping[int, Mapping[str, Heard]], clinics: Sequence[Clinic], days: int) -> HeardTable:
    """Every needed event at each of ``clinics``, of what was heard in ``days``. No query."""
    rows = [(need, [_cell(need, heard.get(clinic.pk)) for clinic in clinics]) for need in NEEDS]
    quiet = [clinic for clinic in clinics if clinic.pk not in heard]
    sentences = [("warn", f"Nothing at all was heard from {_names(quiet)} in the last {days} days.")] if quiet else []
    for need, cells in rows:
        missing = [clinic for clinic, cell in zip(clinics, cells, strict=True) if cell.tone]
        if missing:
            books = any(EventKind.CREATED in heard[clinic.pk] for clinic in missing)
            sentences.append((need.tone, _sentence(need, missing, books=books)))
    return HeardTable(list(clinics), rows, sorted(sentences, key=lambda said: said[0] != "held"))


def _cell(need: Need, known: Mapping[str, Heard] | None) -> HeardCell:
    if known is None:
        return HeardCell(Heard(), "", is_quiet=True)
    found = known.get(need.id, Heard())
    return HeardCell(found, "" if found.count or _is_moot(need, known) else need.tone, is_quiet=False)


def _is_moot(need: Need, known: Mapping[str, Heard]) -> bool:
    """Whether an event is missing only because the one it qualifies is: one sentence says it."""
    whole = {WITH_INITIATOR: EventKind.CANCELLED, BY_PERSON: EventKind.MISSED}.get(need.id)
    return whole is not None and whole not in known


def _names(clinics: Sequence[Clinic]) -> str:
    *most, last = [clinic.name for clinic in clinics]
    return f"{', '.join(most)} and {last}" if most else last


def _sentence(need: Need, clinics: Sequence[Clinic], *, books: bool) -> str:
    said = f"No {need.heard} was heard from {_names(clinics)}: {need.means}."
    if need.id == EventKind.CANCELLED and books:
        # research/integration.md section 4 no. 7: the cancellation trigger was never switched on.
        return f"{said} Bookings do come, so the source may not send cancellations at all."
    return said


def heard_by_clinic(window: Window) -> dict[int, dict[str, Heard]]:
    """What each clinic was heard to send, by need; clinics without a trusted event are absent. Two statements."""
    heard: dict[int, dict[str, Heard]] = {}
    for row in _grouped(window):
        known = heard.setdefault(row["appointment__clinic_id"], {})
        for need in needs_told_by(row):
            known[need] = known.get(need, Heard()).plus(row["count"], row["last_at"])
    for clinic_id, count, last_at in _moved(window):
        known = heard.setdefault(clinic_id, {})
        # A source that says "moved" is counted by its word; for others the fold saw the time change.
        known.setdefault(EventKind.RESCHEDULED, Heard(count, last_at))
    return heard


def _grouped(window: Window) -> Any:
    """Trusted events of known clinics by what they say; a visit's first word tells of its booking."""
    return (
        window.events()
        .filter(outcome__in=TRUSTED, appointment__clinic__isnull=False)
        .annotate(is_first=Case(When(source_at=F("appointment__booked_at"), then=True), default=False))
        .values("kind", "status", "initiator", "set_by", "is_first", "appointment__clinic_id")
        .annotate(count=Count("pk"), last_at=Max("source_at"))
    )


def _moved(window: Window) -> Any:
    """Slots given back by moving, by clinic: how a source without a word for it is seen to reschedule."""
    slots = Vacancy.objects.filter(
        clinic_scope_q(window.user, "appointment__clinic", "appointment__source"),
        appointment__source=window.source,
        appointment__clinic__isnull=False,
        cause=EventKind.RESCHEDULED,
        vacated_at__gte=window.since,
    )
    if window.clinic_id is not None:
        slots = slots.filter(appointment__clinic=window.clinic_id)
    return slots.values_list("appointment__clinic_id").annotate(Count("pk"), Max("vacated_at"))


def needs_told_by(row: Mapping[str, Any]) -> set[str]:
    """The needs that an event with this kind, status, initiator, ``set_by`` and ``is_first`` meets."""
    told = {str(name) for name in (row["kind"], _BY_STATUS.get(row["status"])) if name}
    if row["is_first"] and row["status"] in PLANNED:
        told.add(EventKind.CREATED)
    if row["status"] == Status.CANCELLED and row["initiator"] not in (None, Initiator.UNKNOWN):
        told.add(WITH_INITIATOR)
    if row["status"] == Status.MISSED and row["set_by"] != SetBy.TIMER:
        told.add(BY_PERSON)
    return told
