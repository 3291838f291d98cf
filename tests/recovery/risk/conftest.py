"""A desk that is live for confirming, whose visits have scores and whose clinics decide by them."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import time_machine

from accounts.models import Clinic, ClinicLaunchMode
from recovery.models import RiskPolicy, RiskScore
from recovery.services.change_risk import RiskValues, change_risk
from recovery.services.change_rules import By
from recovery.services.decide_risks import Decided, decide_risks
from scheduling.models import Appointment
from scheduling.vocabulary import Decision, LaunchMode
from tests.support.desk import DAY, LONG_AGO, NOW, Desk
from tests.support.messages import siu

MODEL = "acme-3"
MINUTE = timedelta(minutes=1)
VALUES = RiskValues(is_on=True, model=MODEL, threshold=0.2, days_ahead=3, holdout=0)


@dataclass
class Risky:
    """What tests do with visits at risk; everything happens at ``NOW`` unless told."""

    desk: Desk

    @property
    def clinic(self) -> Clinic:
        """Where the visits are."""
        return self.desk.clinics["CARD"]

    def launch(self, mode=LaunchMode.LIVE, clinic=None):
        ClinicLaunchMode.objects.create(
            clinic=clinic or self.clinic, decision=Decision.CONFIRM, mode=mode, valid_from=LONG_AGO,
            recorded_at=LONG_AGO,
        )  # fmt: skip

    def policy(self, *, clinic=None, now=NOW - DAY, **changed) -> RiskPolicy:
        clinic = clinic or self.clinic
        newest = RiskPolicy.objects.filter(clinic=clinic).order_by("-pk").first()
        by = By(self.desk.people[0], now, newest.pk if newest else None)
        return change_risk(clinic, replace(VALUES, **changed), by)

    def book(self, visit="V1", *, after=2 * DAY, **more) -> Appointment:
        """A visit booked five days ago, of a patient of its own unless told."""
        said = {"patient": f"P-{visit}", "at": NOW - 5 * DAY, "starts_at": NOW + after} | more
        self.desk.take(siu("S12", visit=visit, **said))
        return self.desk.visit(visit)

    def score(self, visit: Appointment, score=0.5, *, model=MODEL, at=NOW - DAY / 4, reason="") -> RiskScore:
        return RiskScore.objects.create(
            appointment=visit, model=model, score=score, scored_at=at, recorded_at=at, reason=reason
        )

    def at_risk(self, visit="V1", **more) -> Appointment:
        """A visit with a score above the threshold."""
        booked = self.book(visit, **more)
        self.score(booked)
        return booked

    def decide(self, now=NOW) -> Decided:
        return decide_risks(now)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def risky(desk):
    """Live, and the clinic decides by ``MODEL`` from 20 of 100 on, without a holdout."""
    made = Risky(desk)
    made.launch()
    made.policy()
    return made
