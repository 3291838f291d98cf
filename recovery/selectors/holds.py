"""The exceptions that stand in the way of a visit, with whom to ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.urls import reverse

from config.web.asking import Question, rows_of
from exceptions.catalogue import check_of
from exceptions.models import IntegrationException, Membership
from exceptions.vocabulary import SubjectKind

MOST = 5
_PERSON = NullIf(Trim(Concat("owner__first_name", Value(" "), "owner__last_name")), Value(""))
_WHOM = Coalesce(_PERSON, "owner__username", "owner_team__name", Value("nobody yet"))


@dataclass(frozen=True)
class Hold:
    """One open exception about a visit."""

    title: str
    raw: str
    owner: str
    url: str


def holds_question(appointment_id: int, user: Any) -> Question:
    """Unresolved exceptions with a live finding about the visit, worst first."""
    about = Membership.objects.filter(subject_kind=SubjectKind.APPOINTMENT, subject_id=appointment_id)
    return rows_of(
        IntegrationException.objects.visible_to(user)
        .unresolved()
        .filter(pk__in=about.values("exception"))
        .order_by("severity", "pk")
        .values("id", "check_id", "raw", whom=_WHOM)[:MOST]
    )


def holds_from(rows: Iterable[Mapping[str, Any]]) -> list[Hold]:
    """The holds that ``holds_question`` found."""
    return [
        Hold(check_of(row["check_id"]).title, row["raw"], row["whom"], reverse("exceptions:detail", args=[row["id"]]))
        for row in rows
    ]
