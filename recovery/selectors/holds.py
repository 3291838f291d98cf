"""The exceptions that stand in the way of a visit, with whom to ask."""

from dataclasses import dataclass
from typing import Any

from exceptions.models import IntegrationException, Membership
from exceptions.vocabulary import SubjectKind

MOST = 5


@dataclass(frozen=True)
class Hold:
    """One open exception about a visit."""

    title: str
    raw: str
    owner: str
    url: str


def holds_of(appointment_id: int, user: Any) -> list[Hold]:
    """Unresolved exceptions with a live finding about the visit, worst first; one query."""
    about = Membership.objects.filter(subject_kind=SubjectKind.APPOINTMENT, subject_id=appointment_id)
    found = (
        IntegrationException.objects.visible_to(user)
        .unresolved()
        .filter(pk__in=about.values("exception"))
        .select_related("owner", "owner_team")
        .order_by("severity", "pk")[:MOST]
    )
    return [
        Hold(one.kind.title, one.raw, str(one.owner or one.owner_team or "nobody yet"), one.get_absolute_url())
        for one in found
    ]
