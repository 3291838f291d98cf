"""New versions of how old a clinic's data may be for a decision; they count from the moment they are kept."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from accounts.models import Clinic, ClinicLimit
from recovery.errors import InvalidActError
from recovery.services.change_rules import By, lock_clinic, note_change, refuse_stale
from scheduling.decisions import Limits
from scheduling.vocabulary import Decision

LIMIT = "accounts.cliniclimit"
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class LimitValues:
    """How old data may be for one decision."""

    decision: Decision
    limits: Limits


@transaction.atomic
def change_limits(clinic: Clinic, values: LimitValues, by: By) -> ClinicLimit:
    """Keep a new version. Verdicts, the guard and sending read it at their next look.

    Raises InvalidActError for values out of bounds, StaleSettingError where a newer version than seen is there.
    """
    warn, held = values.limits
    if not SHORTEST <= warn <= held <= LONGEST:
        raise InvalidActError("Warn after 1 min or more, hold no sooner than that, and within 30 days.")
    lock_clinic(clinic)
    refuse_stale(ClinicLimit.objects.filter(clinic=clinic, decision=values.decision), by)
    row = ClinicLimit.objects.create(
        clinic=clinic,
        decision=values.decision,
        warn_after=int(warn.total_seconds()),
        held_after=int(held.total_seconds()),
        valid_from=by.now,
        recorded_at=by.now,
        recorded_by=by.actor,
    )
    note_change(LIMIT, row.pk, clinic, by)
    return row
