"""Rows of the appointment list: every text made once, so that the template only prints."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from config.web import times
from config.web.rows import Row
from scheduling.models import Appointment
from scheduling.selectors.people import label_of
from scheduling.selectors.places import Places
from scheduling.selectors.words import hold_words, lag_words, status_note, status_word

# What a row prints and nothing else: a million rows stay cheap.
COLUMNS = (
    "starts_at", "status", "initiator", "set_by", "said_at", "heard_at", "troubles", "clinic_id", "clinic_code",
    "visit_type", "visit_type_name", "provider_name", "resource", "patient__given", "patient__family", "patient__mrn",
    "patient__protection", "patient__vip",
)  # fmt: skip
HIDDEN_VISIT = "Visit type hidden"


@dataclass(frozen=True, slots=True)
class AppointmentRow(Row):
    """One line of the list; texts in the clinic's zone."""

    pk: int
    url: str
    is_current: bool
    start: str
    start_in: str
    patient: str
    mrn: str
    is_masked: bool
    visit: str
    clinic: str
    status: str
    note: str
    tone: str
    said: str
    heard: str


def listed(queryset: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """Only the columns that a row prints."""
    return queryset.select_related("patient").only(*COLUMNS)


def appointment_rows(
    appointments: Iterable[Appointment], places: Places, *, now: datetime, query: str, current: int | None
) -> list[AppointmentRow]:
    """Turn appointments into lines; ``query`` is the list's own query string, kept by each row's link."""
    link = f"{query}&item=" if query else "?item="
    return [_row(row, places, now, f"{link}{row.pk}", is_current=row.pk == current) for row in appointments]


def _row(row: Appointment, places: Places, now: datetime, url: str, *, is_current: bool) -> AppointmentRow:
    zone = places.zone(row.clinic_id)
    who = label_of(row.patient)
    troubles = row.troubles or []
    note = hold_words(troubles[0][0]).short if troubles else status_note(row.initiator, row.set_by, row.status)
    return AppointmentRow(
        row.pk,
        url,
        is_current,
        times.clock(row.starts_at, zone, now) if row.starts_at else "Not said",
        times.relative(row.starts_at, now) if row.starts_at else "",
        who.name,
        who.mrn,
        who.is_masked,
        HIDDEN_VISIT if who.is_masked else visit_words(row),
        places.name(row.clinic_id, row.clinic_code),
        status_word(row.status),
        f"{note} +{len(troubles) - 1}" if len(troubles) > 1 else note,
        "held" if troubles else "",
        times.relative(row.said_at, now),
        lag_words(row.said_at, row.heard_at).removeprefix("heard "),
    )


def visit_words(row: Appointment) -> str:
    """Visit type and provider: "Sick visit · Grantham, Iris"."""
    words = [row.visit_type_name or row.visit_type, row.provider_name or row.resource]
    return " · ".join(word for word in words if word) or "Visit type not said"
