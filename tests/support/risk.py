"""Decisions about visits at risk, as the decider freezes them.

decide(visit)                                # its patient is to be contacted: a high score, decided at NOW
decide(visit, arm=RiskArm.HOLDOUT)           # left uncontacted on purpose
"""

from datetime import datetime
from typing import Any

from accounts.models import Clinic
from recovery.models import RiskDecision, RiskPolicy
from recovery.vocabulary import RiskArm
from scheduling.models import Appointment
from scheduling.vocabulary import LaunchMode
from tests.support.desk import LONG_AGO, NOW

MODEL = "vendor-7"


def decide(
    visit: Appointment,
    *,
    arm: RiskArm = RiskArm.CONTACT,
    at: datetime = NOW,
    clinic: Clinic | None = None,
    **fields: Any,
) -> RiskDecision:
    """Freeze a decision about a visit as it stands in the database; no item is opened."""
    visit.refresh_from_db()
    policy, _ = RiskPolicy.objects.get_or_create(
        clinic=clinic or visit.clinic, is_on=True, model=MODEL, threshold=0.2, days_ahead=7, holdout=10,
        valid_from=LONG_AGO, recorded_at=LONG_AGO,
    )  # fmt: skip
    known = {
        "mode": LaunchMode.LIVE,
        "score": 0.34,
        "reason": "Missed 2 of 5 earlier visits",
        "starts_at": visit.starts_at,
    }
    return RiskDecision.objects.create(
        appointment=visit,
        policy=policy,
        model=MODEL,
        threshold=0.2,
        arm=arm,
        at=at,
        **(known | fields),
    )
