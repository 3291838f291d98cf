"""What clinics of the demonstration do about visits at risk. Safe to load twice."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from accounts.models import Clinic, User
from recovery.demo_rules import AUTHOR
from recovery.models import RiskPolicy
from recovery.risk.baseline import NAME
from recovery.services.change_risk import RiskValues, change_risk
from recovery.services.change_rules import By
from recovery.services.decide_risks import decide_risks
from recovery.services.score_baseline import score_baseline
from scheduling.simulator.cast import DOMAIN
from scheduling.simulator.clinics import demo_organisation


class Called(NamedTuple):
    """From how many of 100 on a clinic calls, how many days ahead, and how many of 100 it leaves uncontacted."""

    threshold: int
    days_ahead: int
    holdout: int


# By the code of the clinic; the others have decided nothing yet. Dermatology is in shadow.
CLINICS = {
    "NSFM": Called(7, 7, 10),
    "NSCAR": Called(8, 7, 20),
    "HBPC": Called(8, 7, 10),
    "HBDERM": Called(10, 3, 0),
}


@transaction.atomic
def load_risk_policies(*, now: datetime) -> None:
    """Switch some clinics on where nothing is decided yet."""
    author = User.objects.get(username=f"{AUTHOR}@{DOMAIN}")
    decided = set(RiskPolicy.objects.values_list("clinic", flat=True))
    plans = demo_organisation().clinics.values()
    places = {(plan.source, plan.key): CLINICS[plan.code] for plan in plans if plan.code in CLINICS}
    for clinic in Clinic.objects.select_related("source"):
        called = places.get((clinic.source.key, clinic.key))
        if called is not None and clinic.pk not in decided:
            values = RiskValues(
                is_on=True, model=NAME, threshold=called.threshold / 100, days_ahead=called.days_ahead,
                holdout=called.holdout,
            )  # fmt: skip
            change_risk(clinic, values, By(author, now, None))


def load_risk(*, now: datetime) -> None:
    """Switch clinics on, score the visits to come, decide those at risk."""
    load_risk_policies(now=now)
    score_baseline(now)
    decide_risks(now)
