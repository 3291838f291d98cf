"""New versions of what a clinic does about visits at risk: append-only, the newest in force counts."""

import re
from dataclasses import dataclass
from secrets import token_bytes

from django.db import transaction

from accounts.models import Clinic
from recovery.errors import InvalidActError
from recovery.models import RiskPolicy, RiskSeed
from recovery.risk.arms import MOST_HOLDOUT, SEED_BYTES
from recovery.risk.reading import MODEL_NAME
from recovery.services.change_rules import By, lock_clinic, note_change, refuse_stale

RISK = "recovery.riskpolicy"
MOST_DAYS_AHEAD = 14


@dataclass(frozen=True, slots=True)
class RiskValues:
    """What is decided: ``threshold`` is a share, ``holdout`` per cent, ``days_ahead`` days before the start."""

    is_on: bool
    model: str
    threshold: float
    days_ahead: int
    holdout: int


@transaction.atomic
def change_risk(clinic: Clinic, values: RiskValues, by: By) -> RiskPolicy:
    """Keep a new version; the first one makes the secret by which the clinic's arms are drawn.

    What was decided by an older version stays decided. Raises InvalidActError for values out of bounds,
    StaleSettingError where a newer version than seen is there.
    """
    _check(values)
    lock_clinic(clinic)
    refuse_stale(RiskPolicy.objects.filter(clinic=clinic), by)
    row = RiskPolicy.objects.create(
        clinic=clinic,
        is_on=values.is_on,
        model=values.model,
        threshold=values.threshold,
        days_ahead=values.days_ahead,
        holdout=values.holdout,
        valid_from=by.now,
        recorded_at=by.now,
        recorded_by=by.actor,
    )
    RiskSeed.objects.get_or_create(clinic=clinic, defaults={"secret": token_bytes(SEED_BYTES), "made_at": by.now})
    note_change(RISK, row.pk, clinic, by)
    return row


def _check(values: RiskValues) -> None:
    if not re.fullmatch(MODEL_NAME, values.model):
        raise InvalidActError("Name the model with letters, digits, dots and dashes.")
    if not 0 < values.threshold <= 1:
        raise InvalidActError("The threshold lies above 0 and at most at 100 of 100.")
    if not 1 <= values.days_ahead <= MOST_DAYS_AHEAD:
        raise InvalidActError(f"Decide 1 to {MOST_DAYS_AHEAD} days ahead.")
    if not 0 <= values.holdout <= MOST_HOLDOUT:
        raise InvalidActError(f"Leave at most {MOST_HOLDOUT} of 100 uncontacted.")
