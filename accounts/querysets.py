"""Which ground rows a person may see (I13)."""

from typing import TYPE_CHECKING, Self

from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from accounts.models import Clinic, Source, User


class SourceQuerySet(QuerySet["Source"]):
    """Sources."""

    def visible_to(self, user: "User") -> Self:
        """Sources the person has a grant in, or in one of whose clinics."""
        if user.grants.filter(source=None, clinic=None).exists():
            return self.all()
        return self.filter(Q(grants__user=user) | Q(clinics__grants__user=user)).distinct()


class ClinicQuerySet(QuerySet["Clinic"]):
    """Clinics."""

    def visible_to(self, user: "User") -> Self:
        """Clinics the person has a grant in, directly or through the source."""
        if user.grants.filter(source=None, clinic=None).exists():
            return self.all()
        return self.filter(Q(grants__user=user) | Q(source__grants__user=user)).distinct()
