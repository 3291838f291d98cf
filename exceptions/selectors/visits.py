"""The rows behind "41 held": the visits an exception is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from exceptions.models import IntegrationException, Membership
from exceptions.vocabulary import SubjectKind
from scheduling.models import Appointment


@dataclass(frozen=True, slots=True)
class HeldVisit:
    """One line; ``visit`` is None where the appointment is outside the person's scope."""

    member: Membership
    visit: Appointment | None
    zone: ZoneInfo

    @property
    def url(self) -> str:
        """The appointment's own page; empty where it is not for this person."""
        return self.visit.get_absolute_url() if self.visit else ""


def held_members(exception: IntegrationException) -> QuerySet[Membership]:
    """The live findings about visits, to be cut into pages."""
    return Membership.objects.filter(exception=exception, subject_kind=SubjectKind.APPOINTMENT)


def held_visits(members: Sequence[Membership], *, user: Any, zone: ZoneInfo) -> list[HeldVisit]:
    """Fetch the appointments of one page of findings, as far as the person may see them; one query."""
    visible = Appointment.objects.visible_to(user).select_related("clinic")
    visits = visible.in_bulk([member.subject_id for member in members])
    return [HeldVisit(member, visits.get(member.subject_id), zone) for member in members]
