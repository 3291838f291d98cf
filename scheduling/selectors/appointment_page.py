"""What the appointment page and the pane beside the list print."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from accounts.models import Clinic
from config.web import times
from scheduling.folding.state import LeftSlot, Trouble
from scheduling.models import Appointment
from scheduling.panels import HoldOwner, Panel, owners_of, panels_for
from scheduling.selectors.appointment_rows import HIDDEN_VISIT, visit_words
from scheduling.selectors.patient_facts import AspectFact, ConsentLine, aspect_facts, consent_ledger
from scheduling.selectors.people import PersonLabel, label_of
from scheduling.selectors.places import UTC_ZONE
from scheduling.selectors.timeline import ShortEntry, TimelineEntry, short_timeline_of, timeline_of
from scheduling.selectors.words import HoldWords, hold_words, lag_words, state_sentence
from scheduling.vocabulary import EventKind, Initiator

PANE_EVENTS = 6


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason why nothing may be decided about this visit."""

    trouble: Trouble
    words: HoldWords
    label: str
    owner: HoldOwner | None


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot that the visit gave back."""

    left: LeftSlot
    why: str


@dataclass(frozen=True, slots=True)
class AppointmentPage:
    """Everything the page prints."""

    appointment: Appointment
    zone: ZoneInfo
    sentence: str
    lag: str
    who: PersonLabel
    visit: str
    facts: list[tuple[str, str]]
    holds: list[Hold]
    timeline: list[TimelineEntry]
    slots: list[Slot]
    panels: list[Panel]
    aspects: list[AspectFact]
    consents: list[ConsentLine]

    @property
    def is_cut(self) -> bool:
        """Whether there are more events than the timeline shows."""
        return self.appointment.events > len(self.timeline)


def with_places() -> tuple[str, ...]:
    """What the page follows from an appointment in its first query."""
    return ("source", "clinic", "patient", "patient__merged_into")


def appointment_page(request: HttpRequest, appointment: Appointment, *, now: datetime) -> AppointmentPage:
    """Fill the page; a fixed number of queries beside those of the panels."""
    zone = zone_of(appointment.clinic)
    panels = panels_for(request, appointment)
    patient = appointment.patient
    return AppointmentPage(
        appointment,
        zone,
        state_sentence(appointment, zone, now),
        lag_words(appointment.said_at, appointment.heard_at),
        label_of(patient),
        shown_visit(appointment),
        visit_facts(appointment, zone, now),
        holds_of(appointment, owners_of(panels)),
        timeline_of(appointment, is_masked=label_of(patient).is_masked),
        slots_of(appointment),
        panels,
        aspect_facts(patient) if patient else [],
        consent_ledger(patient) if patient else [],
    )


@dataclass(frozen=True, slots=True)
class AppointmentPane:
    """The short form beside the list."""

    appointment: Appointment
    zone: ZoneInfo
    sentence: str
    who: PersonLabel
    visit: str
    lag: str
    facts: list[tuple[str, str]]
    holds: list[Hold]
    timeline: list[ShortEntry]


def appointment_pane(appointment: Appointment, *, now: datetime) -> AppointmentPane:
    """Fill the pane."""
    zone = zone_of(appointment.clinic)
    return AppointmentPane(
        appointment,
        zone,
        state_sentence(appointment, zone, now),
        label_of(appointment.patient),
        shown_visit(appointment),
        lag_words(appointment.said_at, appointment.heard_at),
        visit_facts(appointment, zone, now),
        holds_of(appointment, {}),
        short_timeline_of(appointment, limit=PANE_EVENTS),
    )


def zone_of(clinic: Clinic | None) -> ZoneInfo:
    """The clinic's zone; UTC where the clinic is not known."""
    return clinic.zone if clinic else UTC_ZONE


def shown_visit(appointment: Appointment) -> str:
    """Type and provider of the visit, unless its patient is restricted."""
    return HIDDEN_VISIT if label_of(appointment.patient).is_masked else visit_words(appointment)


def visit_facts(appointment: Appointment, zone: ZoneInfo, now: datetime) -> list[tuple[str, str]]:
    """Label and value of what the fold knows, in the clinic's zone."""
    is_masked = label_of(appointment.patient).is_masked
    clinic = str(appointment.clinic) if appointment.clinic else f"Code {appointment.clinic_code or 'not said'}"
    facts = [
        ("Clinic", f"{clinic}, {appointment.source}"),
        ("Starts", times.both(appointment.starts_at, zone, now) if appointment.starts_at else "Not said"),
        ("Length", f"{appointment.minutes} min" if appointment.minutes else "Not said"),
        ("Provider", "Hidden" if is_masked else appointment.provider_name or appointment.resource or "Not said"),
        ("Room", "Hidden" if is_masked else appointment.room or "Not said"),
        ("Number in source", f"{appointment.external_id} {appointment.occurrence}".strip()),
    ]
    if appointment.status_at:
        facts.append(("Status since", times.both(appointment.status_at, zone, now)))
    if appointment.initiator:
        facts.append(("Brought about by", str(Initiator(appointment.initiator).label)))
    if not is_masked and (appointment.reason_code or appointment.reason_text):
        facts.append(("Reason given", " ".join(filter(None, (appointment.reason_code, appointment.reason_text)))))
    if appointment.booked_at:
        facts.append(("First heard of", times.both(appointment.booked_at, zone, now)))
    return facts


def holds_of(appointment: Appointment, owners: dict[str, HoldOwner]) -> list[Hold]:
    """What is held about the visit, and who looks after it."""
    troubles = [Trouble.load(row) for row in appointment.troubles or []]
    return [
        Hold(trouble, hold_words(trouble.kind), hold_words(trouble.kind).short, owners.get(trouble.kind))
        for trouble in troubles
    ]


def slots_of(appointment: Appointment) -> list[Slot]:
    """The slots the visit gave back, newest first."""
    left = [LeftSlot.load(row) for row in appointment.left or []]
    return [Slot(slot, _cause(slot)) for slot in reversed(left)]


def _cause(slot: LeftSlot) -> str:
    cause = str(EventKind(slot.cause).label)
    return f"{cause} by the {slot.initiator}" if slot.initiator in {"patient", "system"} else cause
