"""How often each clinic tries each kind of chance, as the page of settings prints it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Clinic
from recovery.contacting.facts import Tries
from recovery.contacting.policy import DEFAULT_TRIES
from recovery.models import AttemptPolicy
from recovery.outcomes import USED_UP
from recovery.verdict import needed
from recovery.vocabulary import Family, NextStep

# A slot may be offered to many people: what is limited there is the person, not the item (recovery.eligibility).
FAMILIES = tuple(family for family in Family if family != Family.REFILL)


@dataclass(frozen=True)
class TriesRow:
    """One family at one clinic; ``policy`` None is the default."""

    clinic: Clinic
    family: Family
    policy: AttemptPolicy | None
    tries: Tries

    @property
    def first_within(self) -> timedelta | None:
        """When the first try is due, where somebody decided that."""
        return self.policy.first_within if self.policy is not None else None

    @property
    def key(self) -> str:
        """How the address names the row."""
        return f"{self.clinic.pk}-{self.family}"

    @property
    def limit(self) -> str:
        """How often, in words."""
        most = self.tries.most
        if most is None:
            return "No limit"
        then = USED_UP.get(self.family, NextStep.CLOSE).label.lower()
        return f"{most} {'try' if most == 1 else 'tries'}, then: {then}"

    @property
    def rest(self) -> str:
        """How long it rests, in words."""
        return needed(self.tries.rest)

    @property
    def first(self) -> str:
        """When the first try is due, in words; "" where nobody decided that."""
        return f"within {needed(self.first_within)}" if self.first_within is not None else ""


def tries_rows(clinics: Iterable[Clinic], now: datetime) -> list[TriesRow]:
    """What is in force at each of these clinics for each family; one query."""
    asked = list(clinics)
    rows = AttemptPolicy.objects.filter(clinic__in=asked, valid_from__lte=now, recorded_at__lte=now)
    newest = rows.order_by("clinic_id", "family", "-valid_from", "-pk").distinct("clinic_id", "family")
    found = {(row.clinic_id, row.family): row for row in newest.select_related("recorded_by")}
    return [_row(clinic, family, found.get((clinic.pk, family))) for clinic in asked for family in FAMILIES]


def _row(clinic: Clinic, family: Family, policy: AttemptPolicy | None) -> TriesRow:
    tries = DEFAULT_TRIES[family] if policy is None else Tries(policy.most_tries, policy.rest)
    return TriesRow(clinic, family, policy, tries)
