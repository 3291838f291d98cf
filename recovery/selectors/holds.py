"""The exceptions that stand in the way of an item: about its visit, and about the person to reach."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.urls import reverse

from config.web.asking import Question, rows_of
from exceptions.catalogue import check_of
from exceptions.models import IntegrationException, Membership
from exceptions.selectors.blocks import Block, Subject, blocking_for
from exceptions.vocabulary import SubjectKind
from recovery.decisions import decision_for
from recovery.models import QueueItem
from recovery.verdict import Reason
from recovery.vocabulary import Family, Level

MOST = 20
_PERSON = NullIf(Trim(Concat("owner__first_name", Value(" "), "owner__last_name")), Value(""))
_WHOM = Coalesce(_PERSON, "owner__username", "owner_team__name", Value("nobody yet"))


@dataclass(frozen=True)
class Hold:
    """One open exception about a visit or its patient, which the reader may open."""

    exception_id: int
    check_id: str
    title: str
    raw: str
    owner: str
    url: str


def holds_question(item: QueueItem, user: Any) -> Question:
    """Unresolved exceptions in the reader's scope about the visit or the person, worst first."""
    about = Q(subject_kind=SubjectKind.APPOINTMENT, subject_id=item.appointment_id)
    if item.patient_id is not None:
        about |= Q(subject_kind=SubjectKind.PATIENT, subject_id=item.patient_id)
    return rows_of(
        IntegrationException.objects.visible_to(user)
        .unresolved()
        .filter(pk__in=Membership.objects.filter(about).values("exception"))
        .order_by("severity", "pk")
        .values("id", "check_id", "raw", whom=_WHOM)[:MOST]
    )


def holds_from(rows: Iterable[Mapping[str, Any]]) -> list[Hold]:
    """The holds that ``holds_question`` found."""
    return [_hold(row) for row in rows]


def _hold(row: Mapping[str, Any]) -> Hold:
    url = reverse("exceptions:detail", args=[row["id"]])
    return Hold(row["id"], row["check_id"], check_of(row["check_id"]).title, row["raw"], row["whom"], url)


BLOCKS = "blocks"  # under which pages hand on what ``blocks_of`` found


def blocks_of(items: Iterable[QueueItem], now: datetime) -> dict[int, list[Reason]]:
    """What the guard would refuse each item for: open exceptions that block its present decision, by item id.

    One query, whatever the number of items. About the person counts what is said of the record that survived all
    merges, which is whom findings about people and items name.
    """
    about = {item: _subjects(item) for item in items}
    blocking = blocking_for({subject for subjects in about.values() for subject in subjects})
    found: dict[int, list[Reason]] = {}
    for item, subjects in about.items():
        decision = decision_for(Family(item.family), item.starts_at, now)
        blocks = [block for subject in subjects for block in blocking.get(subject, ())]
        ways = {block.kind.id: _reason(block) for block in reversed(blocks) if decision in block.decisions}
        if ways:
            found[item.pk] = list(ways.values())
    return found


def _subjects(item: QueueItem) -> list[Subject]:
    person = [(SubjectKind.PATIENT, item.patient_id)] if item.patient_id is not None else []
    return [(SubjectKind.APPOINTMENT, item.appointment_id), *person]


def _reason(block: Block) -> Reason:
    owner = block.owner or block.team or "nobody yet"
    return Reason(block.kind.id, Level.HELD, f"{block.kind.title}.", owner, "exception", block.exception_id)
