"""Whom and what an exception is about: the first few of each kind for the pane, with how many there are.

Everything is asked in one statement together with the rest of the pane. Restricted people are masked (I12), and rows
outside the person's scope are counted, never shown (I13).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet

from accounts.models import User
from config.web.asking import Question, how_many, rows_of
from exceptions.models import IntegrationException, Membership
from exceptions.vocabulary import SubjectKind
from scheduling.models import Appointment, Feed, Patient, ResourceDay
from scheduling.selectors.people import PersonLabel, label_of
from scheduling.vocabulary import STANDING, Decision

SHOWN = 5
# Of one patient several visits may come first.
_LOOKED_AT = 4 * SHOWN
HIDDEN_VISIT = "Visit type hidden"
_PERSON = ("patient_id", "patient__given", "patient__family", "patient__mrn", "patient__protection", "patient__vip")
_VISIT = (
    "id", "starts_at", "clinic__name", "clinic__timezone", "clinic_code", "provider_name", "resource",
    "visit_type_name", "visit_type", *_PERSON,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """One line: what, beside what, where, and when it begins (None: not said)."""

    title: str
    note: str
    url: str
    place: str = ""
    at: datetime | None = None
    zone: ZoneInfo | None = None
    is_masked: bool = False
    patient_id: int | None = None


@dataclass(frozen=True, slots=True)
class Subjects:
    """What is concerned of one kind: the first few, and how many there are in all."""

    kind: SubjectKind
    total: int
    shown: list[Subject]
    ahead: int = 0  # visits that these patients still have
    decisions: tuple[Decision, ...] = ()

    @property
    def heading(self) -> str:
        """The words over the list."""
        return _HEADINGS[self.kind]

    @property
    def words(self) -> str:
        """How many of what: "41 visits"."""
        one, many = _NOUNS[self.kind]
        return f"{self.total:,} {one if self.total == 1 else many}"

    @property
    def is_visit(self) -> bool:
        """Whether these are visits."""
        return self.kind is SubjectKind.APPOINTMENT

    @property
    def is_patient(self) -> bool:
        """Whether these are patients."""
        return self.kind is SubjectKind.PATIENT

    @property
    def is_feed(self) -> bool:
        """Whether these are feeds."""
        return self.kind is SubjectKind.FEED


_HEADINGS = {
    SubjectKind.APPOINTMENT: "Whose visits",
    SubjectKind.PATIENT: "Which patients",
    SubjectKind.FEED: "Which feed",
    SubjectKind.RESOURCE_DAY: "Which days",
}
_NOUNS = {
    SubjectKind.APPOINTMENT: ("visit", "visits"),
    SubjectKind.PATIENT: ("patient", "patients"),
    SubjectKind.FEED: ("feed", "feeds"),
    SubjectKind.RESOURCE_DAY: ("provider day", "provider days"),
}


def subject_questions(exception: IntegrationException, user: User, now: datetime) -> dict[str, Question]:
    """Ask how many subjects of each kind there are, and for the first few of each."""
    visits = Appointment.objects.visible_to(user).filter(id__in=_ids(exception, SubjectKind.APPOINTMENT))
    theirs = Appointment.objects.visible_to(user).filter(
        patient__in=_ids(exception, SubjectKind.PATIENT), starts_at__gte=now, status__in=STANDING
    )
    members = Membership.objects.filter(exception=exception)
    feeds = Feed.objects.filter(id__in=_ids(exception, SubjectKind.FEED))
    days = ResourceDay.objects.filter(id__in=_ids(exception, SubjectKind.RESOURCE_DAY))
    return {
        "kinds": rows_of(members.order_by().values("subject_kind").annotate(n=Count("subject_id", distinct=True))),
        "visits to come": rows_of(visits.filter(starts_at__gte=now).order_by("starts_at").values(*_VISIT)[:SHOWN]),
        "visits before": rows_of(_gone(visits, now).values(*_VISIT)[:SHOWN]),
        "visits of patients": rows_of(theirs.order_by("starts_at").values(*_VISIT)[:_LOOKED_AT]),
        "visits ahead": how_many(theirs),
        "patients": rows_of(_patients(exception, user)),
        "feeds": rows_of(feeds.visible_to(user).values("id", "key", "name")[:SHOWN]),
        "days": rows_of(days.order_by("on").values("id", "on", "resource")[:SHOWN]),
        "decisions": rows_of(members.exclude(decision="").order_by().values("decision").distinct()),
    }


def subjects_of(exception: IntegrationException, found: Mapping[str, Any], zone: ZoneInfo) -> list[Subjects]:
    """Read the answers to ``subject_questions``: one group per kind that the exception has live findings about."""
    totals = {SubjectKind(row["subject_kind"]): row["n"] for row in found["kinds"]}
    said = {row["decision"] for row in found["decisions"]}
    stopped = tuple(one for one in exception.blocks if not said or one in said)
    shown = {
        SubjectKind.APPOINTMENT: [_visit(row, zone) for row in _first(found["visits to come"], found["visits before"])],
        SubjectKind.PATIENT: _people(found["visits of patients"], found["patients"], zone),
        SubjectKind.FEED: [Subject(row["name"], "", Feed(**row).get_absolute_url()) for row in found["feeds"]],
        SubjectKind.RESOURCE_DAY: [_day(row) for row in found["days"]],
    }
    return [
        Subjects(kind, total, shown[kind], found["visits ahead"] if kind is SubjectKind.PATIENT else 0, stopped)
        for kind, total in sorted(totals.items())
    ]


def person_of(row: Mapping[str, Any]) -> PersonLabel:
    """The label of the patient of a visit's row; a restricted one is masked."""
    if row["patient_id"] is None:
        return label_of(None)
    words = {name.removeprefix("patient__"): row[name] or "" for name in _PERSON[1:]}
    return label_of(Patient(**words))


def visit_words(row: Mapping[str, Any], *, is_masked: bool) -> str:
    """Visit type and provider, "MR knee · Okafor"; a restricted person's is hidden, for it tells of their illness."""
    kind = HIDDEN_VISIT if is_masked else row["visit_type_name"] or row["visit_type"] or "Visit type not said"
    return " · ".join(word for word in (kind, row["provider_name"] or row["resource"]) if word)


def _ids(exception: IntegrationException, kind: SubjectKind) -> QuerySet[Membership, Any]:
    return Membership.objects.filter(exception=exception, subject_kind=kind).values("subject_id")


def _gone(visits: QuerySet[Appointment], now: datetime) -> QuerySet[Appointment]:
    """Those that began already, the latest first, and before them those that nobody said a start of."""
    gone = visits.filter(Q(starts_at__lt=now) | Q(starts_at__isnull=True))
    return gone.order_by(F("starts_at").desc(nulls_first=True), "id")


def _patients(exception: IntegrationException, user: User) -> QuerySet[Patient, Any]:
    seen = Patient.objects.visible_to(user).filter(id__in=_ids(exception, SubjectKind.PATIENT))
    names = {name: F(name.removeprefix("patient__")) for name in _PERSON[1:]}
    return seen.order_by("id").annotate(patient_id=F("id")).values("patient_id", **names)[:SHOWN]


def _first(ahead: list[dict[str, Any]], before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*ahead, *before][:SHOWN]


def _visit(row: Mapping[str, Any], zone: ZoneInfo) -> Subject:
    who = person_of(row)
    return Subject(
        who.name,
        visit_words(row, is_masked=who.is_masked),
        Appointment(id=row["id"]).get_absolute_url(),
        row["clinic__name"] or row["clinic_code"] or "clinic not known",
        _moment(row["starts_at"]),
        _zone(row, zone),
        who.is_masked,
        row["patient_id"],
    )


def _people(visits: Iterable[Mapping[str, Any]], others: Iterable[Mapping[str, Any]], zone: ZoneInfo) -> list[Subject]:
    """Patients by their next visit, then those without one."""
    shown: dict[int, Subject] = {}
    for row in visits:
        who = person_of(row)
        place = row["clinic__name"] or "clinic not known"
        patient_id = row["patient_id"]
        shown.setdefault(
            patient_id,
            _patient(patient_id, who, place, _moment(row["starts_at"]), _zone(row, zone)),
        )
    for row in others:
        shown.setdefault(row["patient_id"], _patient(row["patient_id"], person_of(row), "no visit ahead", None, zone))
    return list(shown.values())[:SHOWN]


def _patient(patient_id: int, who: PersonLabel, place: str, at: datetime | None, zone: ZoneInfo) -> Subject:
    url = Patient(id=patient_id).get_absolute_url()
    return Subject(who.name, who.mrn, url, place, at, zone, who.is_masked, patient_id)


def _day(row: Mapping[str, Any]) -> Subject:
    on = date.fromisoformat(row["on"])
    return Subject(row["resource"], f"{on:%a} {on.day} {on:%b %Y}", "")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _zone(row: Mapping[str, Any], zone: ZoneInfo) -> ZoneInfo:
    return ZoneInfo(row["clinic__timezone"]) if row["clinic__timezone"] else zone
