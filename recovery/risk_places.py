"""Visits at risk in the rail, and what a visit's own page says about its risk."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from accounts.vocabulary import Role
from config.web.navigation import NavItem, register
from recovery.models import RiskDecision, RiskScore
from recovery.risk.words import band_words, score_words
from recovery.vocabulary import RiskArm
from scheduling.models import Appointment
from scheduling.panels import Panel, register_panel

SETTERS = (Role.ADMIN, Role.SUPERVISOR, Role.LAUNCH)
SENDERS = (Role.ADMIN, Role.LAUNCH)
READERS = (*SETTERS, Role.ACCESS, Role.AUDITOR)
REPORT, POLICIES, SCORES = "recovery:risk", "recovery:risk_policies", "recovery:risk_scores"
MOST_MODELS = 3


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """A model's newest score of the visit."""

    band: str
    sentence: str
    reason: str
    at: datetime


def risk_panel(request: HttpRequest, appointment: Appointment) -> Panel | None:
    """The newest score of each model and what was decided by one; None where nothing is known. Two queries.

    Of a restricted patient nobody reads here what they did before.
    """
    scores = RiskScore.objects.filter(appointment=appointment).order_by("model", "-scored_at").distinct("model")
    is_masked = appointment.patient is not None and appointment.patient.is_restricted
    lines = [_line(one, is_masked=is_masked) for one in scores[:MOST_MODELS]]
    decision = RiskDecision.objects.filter(appointment=appointment).select_related("policy__clinic").first()
    if not lines and decision is None:
        return None
    data = {
        "lines": lines,
        "decision": decision,
        "score": round(100 * decision.score) if decision is not None else 0,
        "threshold": round(100 * decision.threshold) if decision is not None else 0,
        "is_held_out": decision is not None and decision.arm == RiskArm.HOLDOUT,
    }
    return Panel("Risk that it is missed", "recovery/_risk_panel.html", data)


def _line(score: RiskScore, *, is_masked: bool) -> ScoreLine:
    reason = "" if is_masked else score.reason
    return ScoreLine(band_words(score.score), score_words(score.model, score.score), reason, score.scored_at)


def register_places() -> None:
    """Add the place and the panel; called once when Django is ready."""
    register(NavItem("Work", "Visits at risk", REPORT, frozenset(READERS), order=26, also=(POLICIES, SCORES)))
    register_panel("risk", risk_panel, order=30)
