"""What the pages about people and the trail show."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db.models import Max, Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.context_processors import place_words
from accounts.models import AuditEntry, DeskSession, Grant, User
from accounts.querysets import PersonQuerySet
from accounts.scope import GrantFact
from accounts.vocabulary import AuditAction, Role
from config.web.links import with_query
from config.web.paging import MOST_COUNTED, Count

SPLITS = {
    "denied": ("Refused", (AuditAction.DENIED, AuditAction.SIGN_IN_FAILED)),
    "seen": ("Seen", (AuditAction.READ, AuditAction.LISTED, AuditAction.SEARCHED, AuditAction.REVEALED)),
    "changed": ("Changed", (AuditAction.CHANGED,)),
    "exported": ("Exported", (AuditAction.EXPORTED,)),
    "sign_ins": ("Sign-ins", (AuditAction.SIGNED_IN, AuditAction.SIGNED_OUT, AuditAction.SIGN_IN_FAILED)),
}
TONES = {AuditAction.DENIED: "warn", AuditAction.SIGN_IN_FAILED: "warn", AuditAction.REVEALED: "warn"}
# Subject kinds in words; a kind that is not here is shown as it is stored.
# Words that a model's own name does not say well.
KINDS = {"accounts.auditentry": ("audit row", "audit rows"), "accounts.user": ("person", "people")}


def kind_words(kind: str, number: int) -> str:
    """Say how many of what: "3 audit rows", "1 person", "page"; a model's name where we have no better word."""
    one, many = KINDS.get(kind) or _model_words(kind)
    return one if number == 0 else f"{number:,} {one if number == 1 else many}"


def _model_words(kind: str) -> tuple[str, str]:
    try:
        meta = apps.get_model(kind)._meta  # noqa: SLF001 - documented API
    except (LookupError, ValueError):
        plain = kind.rpartition(".")[2]
        return plain, f"{plain}s"
    return str(meta.verbose_name), str(meta.verbose_name_plural)


@dataclass(frozen=True)
class AuditRow:
    """One line of the trail's list."""

    entry: AuditEntry
    url: str
    is_current: bool = False

    @property
    def tone(self) -> str:
        """Refusals are marked; normal work is silent."""
        return TONES.get(AuditAction(self.entry.action), "")

    @property
    def what(self) -> str:
        """What it was about; a row about a whole list names no number."""
        if any(not str(subject).isdecimal() for subject in self.entry.subjects):
            return kind_words(self.entry.subject_kind, 2).removeprefix("2 ")
        return kind_words(self.entry.subject_kind, len(self.entry.subjects))

    @property
    def which(self) -> str:
        """The first ids, or the address of a refused page."""
        if not self.entry.subjects:
            return self.place
        shown = ", ".join(str(subject) for subject in self.entry.subjects[:3])
        return f"{shown} …" if len(self.entry.subjects) > 3 else shown

    @property
    def place(self) -> str:
        """Where it happened, or why: the refused address or the reason of a failed sign-in."""
        return str(self.entry.detail.get("path", self.entry.detail.get("reason", "")))

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Everything the row holds, for the pane."""
        entry = self.entry
        facts = [
            ("About", f"{self.what}: {', '.join(map(str, entry.subjects))}" if entry.subjects else self.what),
            ("Patients", ", ".join(f"#{patient}" for patient in entry.patients) or "none shown"),
            ("Clinic", str(entry.clinic) if entry.clinic else "none"),
        ]
        facts += [(name[:1].upper() + name[1:], plain(value)) for name, value in entry.detail.items()]
        return [*facts, ("Request", entry.request_id or "none")]


def plain(value: Any) -> str:
    """Print a value of an audit row's detail."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {plain(inner)}" for name, inner in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(plain(inner) for inner in value) or "none"
    return str(value)


def audit_export_rows(queryset: QuerySet[AuditEntry]) -> tuple[Sequence[str], Iterator[Sequence[object]]]:
    """Header and rows of the trail's CSV, newest first; read in chunks, times in UTC."""
    header = ("At (UTC)", "Person", "Did", "Kind", "Subjects", "Patients", "Clinic", "Detail", "Request")
    entries = queryset.select_related("actor", "clinic").order_by("-at", "-id").iterator(chunk_size=1000)
    rows = (
        (
            f"{entry.at:%Y-%m-%d %H:%M:%S}",
            entry.actor.username if entry.actor else "",
            entry.get_action_display(),
            entry.subject_kind,
            " ".join(map(str, entry.subjects)),
            " ".join(map(str, entry.patients)),
            entry.clinic or "",
            plain(entry.detail),
            entry.request_id,
        )
        for entry in entries
    )
    return header, rows


@dataclass(frozen=True)
class PersonRow:
    """One line of the list of people."""

    person: User
    roles: str
    places: str
    seen_at: datetime | None
    url: str
    is_current: bool


def role_words(grants: Sequence[Grant]) -> str:
    """Name the roles of grants, in the order of the vocabulary."""
    order = list(Role)
    return (
        ", ".join(role.label for role in sorted({Role(grant.role) for grant in grants}, key=order.index)) or "No role"
    )


def grant_facts(grants: Sequence[Grant]) -> list[GrantFact]:
    """Grants flat, as ``accounts.scope`` uses them."""
    return [
        GrantFact(grant.role, grant.source_id, grant.clinic_id, grant.clinic.source_id if grant.clinic else None)
        for grant in grants
    ]


def people_rows(request: HttpRequest, *, limit: int = 500) -> list[PersonRow]:
    """List the people a viewer oversees, by name, with roles, places and last use; two queries."""
    people = (
        PersonQuerySet(User)
        .visible_to(request.user)
        .annotate(seen_at=Max("sessions__seen_at"))
        .prefetch_related(Prefetch("grants", Grant.objects.select_related("clinic")))
        .order_by("last_name", "first_name", "username")[:limit]
    )
    asked = request.GET.get("person", "")
    rows = []
    for person in people:
        grants = list(person.grants.all())
        seen_at = person.seen_at or person.last_login  # type: ignore[attr-defined]  # annotated above
        places = place_words(grant_facts(grants)) if grants else "nowhere"
        url = with_query(request, person=person.pk)
        rows.append(PersonRow(person, role_words(grants), places, seen_at, url, str(person.pk) == asked))
    return rows


@dataclass(frozen=True)
class PersonCard:
    """A person beside the list: what they may do where, and where they are signed in."""

    person: User
    grants: list[Grant]
    sessions: list[DeskSession]
    teams: list[str]
    recent: list[AuditRow]


def person_card(person: User, *, viewer: Any) -> PersonCard:
    """Fill the pane of the people page."""
    return PersonCard(
        person,
        list(person.grants.select_related("source", "clinic__source").order_by("role", "source__name", "clinic__name")),
        list(DeskSession.objects.filter(user=person, expire_date__gt=timezone.now()).order_by("-seen_at")),
        [team.name for team in person.teams.all()],
        [AuditRow(entry, "") for entry in AuditEntry.objects.visible_to(viewer).filter(actor=person)[:10]],
    )


def recent_refusals(viewer: Any, *, now: datetime, hours: int = 24, limit: int = 6) -> list[AuditRow]:
    """The newest refusals of the last hours, for the auditor's Today."""
    since = now - timedelta(hours=hours)
    entries = AuditEntry.objects.visible_to(viewer).denials().filter(at__gte=since).select_related("actor")
    address = reverse("audit")
    return [AuditRow(entry, f"{address}?split=denied&entry={entry.pk}") for entry in entries.order_by("-at")[:limit]]


@dataclass(frozen=True)
class Tally:
    """A number of the auditor's Today that opens to its rows."""

    key: str
    number: Count
    label: str
    url: str


def audit_tallies(viewer: Any, *, now: datetime) -> list[Tally]:
    """Count the last 24 hours of the trail by split; bounded, one query for all."""
    since = now - timedelta(hours=24)
    newest = (
        AuditEntry.objects.visible_to(viewer).filter(at__gte=since).order_by("-at").values_list("action", flat=True)
    )
    actions = Counter(newest[: MOST_COUNTED + 1])
    is_capped = actions.total() > MOST_COUNTED
    address = reverse("audit")
    return [
        Tally(key, Count(sum(actions[action] for action in members), is_capped), label, f"{address}?split={key}&days=1")
        for key, (label, members) in SPLITS.items()
    ]


def trail_headline(tallies: Sequence[Tally]) -> tuple[str, str]:
    """The last day of the trail in two sentences: refusals first, then what was seen, changed and taken away."""
    numbers = {tally.key: tally.number for tally in tallies}
    refused, seen, changed, exported = (numbers[key] for key in ("denied", "seen", "changed", "exported"))
    title = (
        f"{refused} {'act or sign-in was' if refused.value == 1 else 'acts or sign-ins were'} refused in the last 24 h."
        if refused
        else "Nobody was refused anything in the last 24 h."
    )
    said = (_counted(seen, "page opened", "pages opened"), _counted(changed, "change"), _counted(exported, "export"))
    return title, f"{', '.join(said)}.".capitalize()


def _counted(number: Count, one: str, many: str = "") -> str:
    many = many or f"{one}s"
    return f"no {many}" if not number else f"{number} {one if number.value == 1 else many}"
