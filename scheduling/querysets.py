"""Words of the facts floor. ``visible_to`` is the only door a view may use (I13)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import ClinicCode
from accounts.scope import clinic_scope_q, grants_of, source_scope_q
from scheduling.vocabulary import STANDING

if TYPE_CHECKING:
    from scheduling.models import Appointment, Feed, MappedEvent, Message, Patient, Replay, SignalTally  # noqa: F401 - named in bases


class FeedQuerySet(QuerySet["Feed"]):
    """Feeds."""

    def visible_to(self, user: Any) -> Self:
        """Feeds of sources in which the person has any grant."""
        return self.filter(source_scope_q(user))


class MessageQuerySet(QuerySet["Message"]):
    """Messages: never listed with their bodies."""

    def visible_to(self, user: Any) -> Self:
        """A grant in the source opens all of its messages; one in a clinic those of its visits and patients.

        A message without a known clinic follows the source's grants. Narrow to some messages first where the person
        may only see clinics: what a message speaks of is looked up for each.
        """
        grants = grants_of(user)
        if any(grant.is_everywhere for grant in grants):
            return self.all()
        clinics = sorted({grant.clinic_id for grant in grants if grant.clinic_id is not None})
        scope = Q(feed__source__in=sorted({grant.source_id for grant in grants if grant.source_id is not None}))
        if clinics:
            events = apps.get_model("scheduling", "MappedEvent").objects.filter(
                message_id=OuterRef("pk"), received_at=OuterRef("received_at"), appointment__clinic__in=clinics
            )
            receipts = apps.get_model("scheduling", "Receipt").objects.filter(
                pk=OuterRef("pk"), patient__appointments__clinic__in=clinics
            )
            scope |= Exists(events) | Exists(receipts)
        return self.filter(scope)


class AppointmentQuerySet(QuerySet["Appointment"]):
    """Appointments."""

    def visible_to(self, user: Any) -> Self:
        """Appointments of the person's clinics."""
        return self.filter(clinic_scope_q(user))

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

    def visible_to(self, user: Any) -> Self:
        """Events of appointments the person may see."""
        return self.filter(clinic_scope_q(user, "appointment__clinic", "feed__source"))


class PatientQuerySet(QuerySet["Patient"]):
    """Patients."""

    def visible_to(self, user: Any) -> Self:
        """Patients with an appointment in the person's clinics, or of a source granted whole."""
        grants = grants_of(user)
        if any(grant.is_everywhere for grant in grants):
            return self.all()
        sources = [grant.source_id for grant in grants if grant.source_id]
        clinics = [grant.clinic_id for grant in grants if grant.clinic_id]
        return self.filter(Q(source_id__in=sources) | Q(appointments__clinic_id__in=clinics)).distinct()


class ReplayQuerySet(QuerySet["Replay"]):
    """Replays of publications."""

    def visible_to(self, user: Any) -> Self:
        """Replays of sources in which the person has any grant."""
        return self.filter(source_scope_q(user))


class SignalTallyQuerySet(QuerySet["SignalTally"]):
    """Tallies of raw signals."""

    def visible_to(self, user: Any) -> Self:
        """A grant in the source opens all of its tallies; one in a clinic those under the clinic's codes."""
        grants = grants_of(user)
        if any(grant.is_everywhere for grant in grants):
            return self.all()
        clinics = {grant.clinic_id for grant in grants if grant.clinic_id is not None}
        scope: Any = Q(source__in=sorted({grant.source_id for grant in grants if grant.source_id is not None}))
        if clinics:
            codes = ClinicCode.objects.filter(
                source=OuterRef("source"), code=OuterRef("clinic_code"), clinic__in=clinics
            )
            scope |= Exists(codes)
        return self.filter(scope)
