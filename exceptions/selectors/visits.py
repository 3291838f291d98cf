"""The rows behind "41 held": all that an exception is about, of one kind, cut into pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q, QuerySet

from exceptions.models import IntegrationException, Membership
from exceptions.selectors.subjects import visit_words
from exceptions.vocabulary import SubjectKind
from exceptions.words import decision_words
from scheduling.models import Appointment, Feed, Patient, ResourceDay
from scheduling.selectors.people import label_of
from scheduling.vocabulary import STANDING, Decision


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One line. ``pk`` is the subject's id; ``url`` is empty where it is not for this person."""

    pk: int
    since: datetime
    zone: ZoneInfo
    title: str = "Not in your scope"
    note: str = ""
    place: str = ""
    state: str = ""
    url: str = ""
    at: datetime | None = None
    is_masked: bool = False
    patient_id: int | None = None

    @property
    def is_seen(self) -> bool:
        """Whether the person may see it."""
        return bool(self.url)


def kinds_of(exception: IntegrationException) -> dict[SubjectKind, int]:
    """How many subjects of each kind it has live findings about; one query."""
    members = Membership.objects.filter(exception=exception).order_by().values("subject_kind")
    rows = members.annotate(n=Count("subject_id", distinct=True))
    return {SubjectKind(row["subject_kind"]): row["n"] for row in rows}


def held_members(exception: IntegrationException, kind: SubjectKind) -> QuerySet[Membership]:
    """The live findings about one kind of subject, to be cut into pages."""
    return Membership.objects.filter(exception=exception, subject_kind=kind)


def held_rows(
    members: Sequence[Membership], kind: SubjectKind, *, user: Any, zone: ZoneInfo, now: datetime
) -> list[HeldRow]:
    """Fetch the subjects of one page of findings, as far as the person may see them; one query."""
    ids = [member.subject_id for member in members]
    found = _FETCH[kind](ids, user, now)
    return [_row(member, found.get(member.subject_id), zone) for member in members]


def _row(member: Membership, fields: Mapping[str, Any] | None, zone: ZoneInfo) -> HeldRow:
    facts: dict[str, Any] = {"zone": zone} | dict(fields or {})
    if member.decision and fields is not None:
        facts["state"] = decision_words([Decision(member.decision)]).rstrip(".")
    return HeldRow(member.subject_id, member.since, **facts)


def _visits(ids: Sequence[int], user: Any, now: datetime) -> dict[int, dict[str, Any]]:
    visits = Appointment.objects.visible_to(user).filter(pk__in=ids).select_related("clinic", "patient")
    return {visit.pk: _visit(visit) for visit in visits}


def _visit(visit: Appointment) -> dict[str, Any]:
    who = label_of(visit.patient)
    return {
        "title": who.name,
        "note": visit_words(
            {name: getattr(visit, name) for name in ("visit_type_name", "visit_type", "provider_name", "resource")},
            is_masked=who.is_masked,
        ),
        "place": str(visit.clinic or visit.clinic_code or "not known"),
        "state": visit.get_status_display() or "Not known",
        "url": visit.get_absolute_url(),
        "at": visit.starts_at,
        "is_masked": who.is_masked,
        "patient_id": visit.patient_id,
    } | ({"zone": visit.clinic.zone} if visit.clinic else {})


def _patients(ids: Sequence[int], user: Any, now: datetime) -> dict[int, dict[str, Any]]:
    seen = Patient.objects.visible_to(user).filter(pk__in=ids).values("pk")
    ahead = Q(appointments__starts_at__gte=now, appointments__status__in=STANDING)
    patients = Patient.objects.filter(pk__in=seen).annotate(
        next_at=Min("appointments__starts_at", filter=ahead), ahead=Count("appointments", filter=ahead)
    )
    return {one.pk: _patient(one, one.next_at, one.ahead) for one in patients}  # type: ignore[attr-defined]  # annotated


def _patient(patient: Patient, next_at: datetime | None, ahead: int) -> dict[str, Any]:
    who = label_of(patient)
    return {
        "title": who.name,
        "note": who.mrn,
        "state": f"{ahead} {'visit' if ahead == 1 else 'visits'} ahead" if ahead else "No visit ahead",
        "url": patient.get_absolute_url(),
        "at": next_at,
        "is_masked": who.is_masked,
        "patient_id": patient.pk,
    }


def _feeds(ids: Sequence[int], user: Any, now: datetime) -> dict[int, dict[str, Any]]:
    feeds = Feed.objects.visible_to(user).filter(pk__in=ids).select_related("source")
    return {
        feed.pk: {
            "title": feed.name,
            "note": str(feed.source),
            "url": feed.get_absolute_url(),
            "state": "All it blocks",
        }
        for feed in feeds
    }


def _days(ids: Sequence[int], user: Any, now: datetime) -> dict[int, dict[str, Any]]:
    days = ResourceDay.objects.filter(pk__in=ids).order_by("on")
    return {day.pk: {"title": day.resource, "note": f"{day.on:%a} {day.on.day} {day.on:%b %Y}"} for day in days}


_FETCH = {
    SubjectKind.APPOINTMENT: _visits,
    SubjectKind.PATIENT: _patients,
    SubjectKind.FEED: _feeds,
    SubjectKind.RESOURCE_DAY: _days,
}
