"""Which ground rows a person may see (I13)."""

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Q, QuerySet

from accounts.scope import clinic_scope_q, source_scope_q
from accounts.vocabulary import OVERSEERS, AuditAction

if TYPE_CHECKING:
    from accounts.models import AuditEntry, Clinic, Source, User  # noqa: F401 - named in the bases below


class SourceQuerySet(QuerySet["Source"]):
    """Sources."""

    def visible_to(self, user: Any) -> Self:
        """Sources the person has a grant in, or in one of whose clinics."""
        return self.filter(source_scope_q(user, "pk"))


class ClinicQuerySet(QuerySet["Clinic"]):
    """Clinics."""

    def visible_to(self, user: Any) -> Self:
        """Clinics the person has a grant in, directly or through the source."""
        return self.filter(clinic_scope_q(user, "pk", "source"))


class AuditEntryQuerySet(QuerySet["AuditEntry"]):
    """Rows of the audit trail."""

    def visible_to(self, user: Any) -> Self:
        """Rows an auditor or administrator may read: of their clinics; rows without a clinic need an unbound grant."""
        return self.filter(clinic_scope_q(user, "clinic", "clinic__source", roles=OVERSEERS))

    def of_patient(self, patient_id: int) -> Self:
        """Rows that showed or changed one patient; answered by a GIN index."""
        return self.filter(patients__contains=[patient_id])

    def denials(self) -> Self:
        """Refused reads and acts."""
        return self.filter(Q(action=AuditAction.DENIED) | Q(action=AuditAction.SIGN_IN_FAILED))


class PersonQuerySet(QuerySet["User"]):
    """People. Not a manager of the model: sign-in must find everyone."""

    def visible_to(self, user: Any) -> Self:
        """People with a grant where the viewer oversees; with an unbound grant everyone, also those without any."""
        scope = clinic_scope_q(user, "grants__clinic", "grants__source", roles=OVERSEERS)
        through_clinic = clinic_scope_q(user, "grants__clinic", "grants__clinic__source", roles=OVERSEERS)
        if not scope:
            return self.all()
        found = type(self)(self.model).filter(scope | through_clinic).values("pk")
        return self.filter(pk__in=found)
