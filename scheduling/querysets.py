"""Words of the facts floor. ``visible_to`` is the only door a view may use (I13)."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Q, QuerySet

from accounts.models import Clinic, Source
from scheduling.vocabulary import STANDING

if TYPE_CHECKING:
    from accounts.models import User
    from scheduling.models import Appointment, Feed, MappedEvent, Message, Patient  # noqa: F401 - named in bases


def in_scope(user: "User", *, clinic: str = "clinic_id", source: str = "source_id") -> Q:
    """Rows of the person's clinics; a row without a known clinic follows the source's grants (DESIGN section 13)."""
    grants = list(user.grants.values_list("source_id", "clinic_id"))
    if user.grants.filter(source=None, clinic=None).exists():
        return Q()
    sources = [source_id for source_id, _ in grants if source_id]
    clinics = [clinic_id for _, clinic_id in grants if clinic_id]
    of_sources = Clinic.objects.filter(source_id__in=sources).values_list("id", flat=True)
    return Q(**{f"{clinic}__in": [*clinics, *of_sources]}) | Q(**{f"{clinic}__isnull": True, f"{source}__in": sources})


def sources_in_scope(user: "User") -> Q:
    """Rows that belong to a source as a whole: seen with a grant in it or in any of its clinics."""
    return Q(source__in=Source.objects.visible_to(user))


class FeedQuerySet(QuerySet["Feed"]):
    """Feeds."""

    def visible_to(self, user: "User") -> Self:
        """Feeds of sources in which the person has any grant."""
        return self.filter(sources_in_scope(user))


class MessageQuerySet(QuerySet["Message"]):
    """Messages: never listed with their bodies."""

    def visible_to(self, user: "User") -> Self:
        """Messages of feeds the person may see."""
        return self.filter(feed__source__in=Source.objects.visible_to(user))


class AppointmentQuerySet(QuerySet["Appointment"]):
    """Appointments."""

    def visible_to(self, user: "User") -> Self:
        """Appointments of the person's clinics."""
        return self.filter(in_scope(user))

    def standing(self) -> Self:
        """Visits that take up their slot."""
        return self.filter(status__in=STANDING)

    def uncertain(self) -> Self:
        """Visits about which something is held."""
        return self.filter(troubles__isnull=False)

    def starting(self, since: datetime, until: datetime) -> Self:
        """Visits that start in [since, until)."""
        return self.filter(starts_at__gte=since, starts_at__lt=until)


class MappedEventQuerySet(QuerySet["MappedEvent"]):
    """Mapped events."""

    def visible_to(self, user: "User") -> Self:
        """Events of appointments the person may see."""
        return self.filter(in_scope(user, clinic="appointment__clinic_id", source="appointment__source_id"))


class PatientQuerySet(QuerySet["Patient"]):
    """Patients."""

    def visible_to(self, user: "User") -> Self:
        """Patients with an appointment in the person's clinics, or of a source granted whole."""
        grants = list(user.grants.values_list("source_id", "clinic_id"))
        if user.grants.filter(source=None, clinic=None).exists():
            return self.all()
        sources = [source_id for source_id, _ in grants if source_id]
        return self.filter(
            Q(source_id__in=sources) | Q(appointments__clinic_id__in=[c for _, c in grants if c])
        ).distinct()
