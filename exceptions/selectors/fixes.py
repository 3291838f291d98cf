"""What to do about an exception, in place: the page or the form that takes the cause away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import Clinic, User
from accounts.scope import has_role
from accounts.vocabulary import Role
from config.web.asking import Question, how_many, rows_of
from exceptions.models import IntegrationException, Membership
from exceptions.selectors.evidence import Evidence
from exceptions.selectors.subjects import Subjects
from exceptions.vocabulary import Family, SubjectKind
from scheduling.digestion.meaning import raw_of
from scheduling.facts import Signals
from scheduling.models import MappedEvent, Receipt, SignalTally
from scheduling.models.signals import SIGNALS
from scheduling.services.failed_messages import MOST_AT_ONCE, failed_receipts
from scheduling.vocabulary import MappingOutcome

# Who may say which clinic a code stands for, and have messages processed again.
MENDERS = (Role.INTEGRATION, Role.ADMIN)
UNKNOWN_CLINIC, PROCESSING_FAILED = "unknown_clinic", "processing_failed"
_OUTCOMES = {
    "unmapped_status": MappingOutcome.UNMAPPED,
    "ambiguous_status": MappingOutcome.AMBIGUOUS,
    "conflicting_status": MappingOutcome.CONFLICT,
}
_VISITS, _EVENTS = 3, 20
_NOTHING = Question(None, nothing=[])


@dataclass(frozen=True, slots=True)
class Link:
    """A way to the page that mends it; ``key`` is its key on the keyboard."""

    label: str
    url: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """What stands under "What to do": ways out, and at most one form.

    ``clinics`` are the choices for a code that no clinic has; ``failed`` counts messages that can be processed again.
    """

    links: list[Link]
    clinics: list[tuple[int, str]]
    failed: int
    is_failure: bool
    may_mend: bool

    @property
    def asks_clinic(self) -> bool:
        """Whether the form of an unknown code is shown."""
        return bool(self.clinics) and self.may_mend


def fix_questions(exception: IntegrationException) -> dict[str, Question]:
    """Ask for what the fix of this kind of problem needs."""
    check, outcome = exception.check_id, _OUTCOMES.get(exception.check_id)
    clinics = Clinic.objects.filter(source=exception.source_id).order_by("name")
    return {
        "signals": _signals(exception, outcome) if outcome and not exception.is_resolved else _NOTHING,
        "clinics": rows_of(clinics.values("id", "name")) if check == UNKNOWN_CLINIC and exception.raw else _NOTHING,
        "failed": how_many(failed_of(exception).values("pk"), MOST_AT_ONCE)
        if check == PROCESSING_FAILED and exception.feed_id
        else Question(None),
    }


def failed_of(exception: IntegrationException) -> QuerySet[Receipt]:
    """The receipts of the messages on which processing failed, as far as they still are."""
    return failed_receipts(
        exception.feed_id, exception.raw, since=exception.occurred_first, until=exception.occurred_last
    ).order_by()


def fix_of(
    exception: IntegrationException,
    found: Mapping[str, Any],
    *,
    user: User,
    evidence: Evidence,
    subjects: list[Subjects],
) -> Fix:
    """Read the answers to ``fix_questions``; the form is for those who may mend the source."""
    is_open = not exception.is_resolved
    return Fix(
        _links(exception, found, evidence, subjects),
        [(row["id"], row["name"]) for row in found["clinics"]] if is_open else [],
        found["failed"],
        exception.check_id == PROCESSING_FAILED,
        may_mend(user, exception),
    )


def may_mend(user: User, exception: IntegrationException) -> bool:
    """Whether a person may change how the exception's source is read."""
    return has_role(user, *MENDERS, source=exception.source)


def _signals(exception: IntegrationException, outcome: MappingOutcome) -> Question:
    """Ask for held events of the newest visits with the tally of each: the workbench is opened at the very signal."""
    visits = Membership.objects.filter(exception=exception, subject_kind=SubjectKind.APPOINTMENT).order_by("-id")
    newest = Subquery(visits.values("subject_id")[:_VISITS])
    same = {name: OuterRef(name) for name in SIGNALS}
    tallies = SignalTally.objects.filter(
        source=exception.source_id, clinic_code=Coalesce(OuterRef("clinic_code"), Value("")), **same
    ).order_by("-last_at")
    events = MappedEvent.objects.filter(appointment__in=newest, mapping=outcome).order_by("-id")
    return rows_of(events.annotate(tally=Subquery(tallies.values("id")[:1])).values("tally", *SIGNALS)[:_EVENTS])


def _links(
    exception: IntegrationException, found: Mapping[str, Any], evidence: Evidence, subjects: list[Subjects]
) -> list[Link]:
    family, links = exception.kind.family, []
    if exception.check_id in _OUTCOMES:
        links = _mapping_links(exception, found["signals"])
    elif family in {Family.CONTACT, Family.IDENTITY, Family.ORDER, Family.TEMPLATE, Family.CLOSURE}:
        links = _first_subject(subjects)
    if (
        exception.feed is not None
        and not links
        and (family in {Family.FRESHNESS, Family.MESSAGE} or not evidence.shown)
    ):
        links = [Link(f"Open the feed {exception.feed}", exception.feed.get_absolute_url(), "m")]
    if evidence.newest and family in {Family.MESSAGE, Family.ORDER, Family.MAPPING}:
        newest = evidence.newest[0].id
        links.append(Link("Try a message in the lab", f"{reverse('scheduling:message_lab')}?message={newest}", "t"))
    return links


def _mapping_links(exception: IntegrationException, rows: list[Mapping[str, Any]]) -> list[Link]:
    """The workbench at the signal that carries the raw value, else at the source."""
    key = exception.source.key
    tally = next((row["tally"] for row in rows if row["tally"] and _raw(row) == exception.raw), None)
    query = {"source": key} | ({"signal": tally, "edit": 1} if tally else {})
    links = [Link("Give it a meaning", f"{reverse('scheduling:mappings')}?{urlencode(query)}", "m")]
    if exception.check_id == "conflicting_status":
        links.append(Link("Say which of the two leads", reverse("scheduling:mapping_precedence", args=[key])))
    return links


def _raw(row: Mapping[str, Any]) -> str:
    return raw_of(Signals(*(row[name] for name in SIGNALS)))


def _first_subject(subjects: list[Subjects]) -> list[Link]:
    for group in subjects:
        for one in group.shown[:1]:
            if one.url:
                noun = {SubjectKind.PATIENT: "patient", SubjectKind.FEED: "feed"}.get(group.kind, "visit")
                return [Link(f"Open the first {noun}", one.url, "m")]
    return []
