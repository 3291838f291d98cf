"""Who could take a freed slot: people with a later visit of the same kind at the same clinic."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from recovery.models import QueueItem
from recovery.selectors.contacts import usable_points
from recovery.selectors.rows import patient_name
from scheduling.models import Appointment
from scheduling.selectors.codes import language_words
from scheduling.vocabulary import Status

# research/recovery.md section 1: booked 7 to 90 days out is Dentally's rule; two days is the least gain worth a call.
SOONEST, LATEST = timedelta(days=2), timedelta(days=90)
MOST_LOOKED_AT = 60
MOST_SHOWN = 8


@dataclass(frozen=True)
class Candidate:
    """Someone who could come sooner, and why they stand here."""

    appointment_id: int
    patient_id: int
    name: str
    why: str
    days_sooner: int
    waited_days: int


@dataclass(frozen=True)
class Candidates:
    """The best first; ``left_out`` says in words who was looked at and does not fit."""

    fitting: list[Candidate]
    left_out: list[str]
    has_more: bool

    @property
    def summary(self) -> str:
        """The head line: "4 fit, 3 left out"."""
        fits = f"{len(self.fitting)}{'+' if self.has_more else ''} fit"
        out = sum(int(words.split()[0]) for words in self.left_out)
        return f"{fits}, {out} left out" if out else fits


def candidates_for(item: QueueItem, user: Any, now: datetime) -> Candidates:
    """Rank those who gain most days, then those who wait longest; one query, at most 60 visits looked at.

    A candidate keeps their own visit until they accept, so it must stand: booked or confirmed, starting 2 to 90 days
    after the slot, no longer than it, and not in doubt.
    """
    if item.clinic_id is None or item.visit_type is None:
        return Candidates([], [], has_more=False)
    visits = list(
        Appointment.objects.visible_to(user)
        .filter(
            clinic=item.clinic_id,
            visit_type=item.visit_type,
            status__in=(Status.BOOKED, Status.CONFIRMED),
            starts_at__gte=item.starts_at + SOONEST,
            starts_at__lte=item.starts_at + LATEST,
            patient__isnull=False,
        )
        .exclude(patient=item.appointment.patient_id or 0)
        .select_related("patient")
        .order_by("-starts_at", "pk")[: MOST_LOOKED_AT + 1]
    )
    fitting: list[Candidate] = []
    out: Counter[str] = Counter()
    for visit in visits[:MOST_LOOKED_AT]:
        why_not = _why_not(visit, item)
        if why_not:
            out[why_not] += 1
        else:
            fitting.append(_candidate(visit, item, now))
    fitting.sort(key=lambda one: (-one.days_sooner, -one.waited_days, one.appointment_id))
    left_out = [f"{number} {words}" for words, number in out.most_common()]
    return Candidates(_once_each(fitting)[:MOST_SHOWN], left_out, has_more=len(fitting) > MOST_SHOWN)


def _once_each(candidates: list[Candidate]) -> list[Candidate]:
    """Keep each person's best visit."""
    seen: dict[int, Candidate] = {}
    for one in candidates:
        seen.setdefault(one.patient_id, one)
    return list(seen.values())


def _why_not(visit: Appointment, item: QueueItem) -> str:
    """Why somebody is left out; "" when they fit."""
    patient = visit.patient
    if patient is None or patient.is_restricted:
        return "restricted"
    if visit.is_uncertain:
        return "with a visit in doubt"
    if patient.died or patient.merged_into_id is not None:
        return "with a closed record"
    if patient.publicity == "N":
        return "who asked for no contact"
    if not any(point[0] == "phone" for point in usable_points(patient)):
        return "without a phone number"
    return "with a longer visit" if (visit.minutes or 0) > item.minutes else ""


def _candidate(visit: Appointment, item: QueueItem, now: datetime) -> Candidate:
    patient = visit.patient
    if patient is None or visit.starts_at is None:
        raise ValueError("A candidate has a patient and a start.")
    waited = (now - visit.booked_at).days if visit.booked_at is not None else 0
    has_mobile = any(point[:2] == ["phone", "mobile"] for point in usable_points(patient))
    language = language_words(patient.language)
    words = [
        f"Waits {waited} days" if waited > 0 else "Booked today",
        "mobile on file" if has_mobile else "landline only",
    ]
    if language not in ("", "English"):
        words.append(f"speaks {language}")
    return Candidate(
        visit.pk, patient.pk, patient_name(patient), "; ".join(words), (visit.starts_at - item.starts_at).days, waited
    )
