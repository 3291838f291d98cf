"""Visit-type rules and offer policies as their pages print them: what a scheduler may decide alone, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Clinic
from accounts.scope import clinic_scope_q
from config.web.times import span
from recovery.models import OfferPolicy, VisitTypeRule
from recovery.offering import DEFAULT_RULES, OfferRules, Step
from recovery.services.read_policies import rules_of
from recovery.vocabulary import Decider, Movable

MOST = 500


@dataclass(frozen=True)
class RuleRow:
    """One visit type of a clinic."""

    rule: VisitTypeRule
    alone: str
    needs: list[str]


@dataclass(frozen=True)
class PolicyRow:
    """One clinic's policy; ``policy`` None is the default."""

    clinic: Clinic
    policy: OfferPolicy | None
    rules: OfferRules

    @property
    def lines(self) -> list[str]:
        """Its steps in words, the farthest first."""
        return [step_words(step) for step in self.rules.steps]

    @property
    def short(self) -> str:
        """The same in one line: "5 steps, 1 day to 10 min to answer, 1 to 3 people"."""
        steps = self.rules.steps
        longest, quickest = (span(step.window.total_seconds()) for step in (steps[0], steps[-1]))
        most = max(step.at_once for step in steps)
        windows = f"{longest} to {quickest}" if len(steps) > 1 else longest
        people = f"1 to {most} people" if most > 1 else "1 person"
        return f"{len(steps)} {'step' if len(steps) == 1 else 'steps'}, {windows} to answer, {people}"

    @property
    def channels(self) -> str:
        """The channels in their order."""
        return ", then ".join(str(one.label).lower() for one in self.rules.channels)

    @property
    def text(self) -> str:
        """The steps as the form takes them."""
        rows = ((step.before, step.window, step.at_once) for step in self.rules.steps)
        return "\n".join(f"{a // timedelta(hours=1)} {b // timedelta(minutes=1)} {people}" for a, b, people in rows)


def rule_rows(user: Any, now: datetime) -> list[RuleRow]:
    """The rules in force at the person's clinics, by clinic and type; one query."""
    rules = VisitTypeRule.objects.filter(clinic_scope_q(user, "clinic", "clinic__source"), valid_from__lte=now)
    newest = rules.order_by("clinic_id", "visit_type", "-valid_from", "-pk").distinct("clinic_id", "visit_type")
    rows = sorted(newest.select_related("clinic", "recorded_by")[:MOST], key=lambda rule: str(rule.clinic))
    return [RuleRow(rule, alone_words(rule.movable, rule.decider), _needs(rule)) for rule in rows]


def policy_rows(clinics: Iterable[Clinic], now: datetime) -> list[PolicyRow]:
    """The policy in force at each of these clinics; one query."""
    asked = list(clinics)
    found = OfferPolicy.objects.filter(clinic__in=asked, valid_from__lte=now).select_related("recorded_by")
    newest = {row.clinic_id: row for row in found.order_by("clinic_id", "-valid_from", "-pk").distinct("clinic_id")}
    return [
        PolicyRow(clinic, row, DEFAULT_RULES if row is None else rules_of(row))
        for clinic, row in ((clinic, newest.get(clinic.pk)) for clinic in asked)
    ]


def alone_words(movable: str, decider: str) -> str:
    """What a scheduler may decide alone about a visit type."""
    if movable == Movable.NEVER:
        return "Never offered."
    who = {
        Decider.SCHEDULER: "A scheduler offers it alone",
        Decider.SUPERVISOR: "A supervisor offers it",
        Decider.CLINICIAN: "A scheduler offers it once a clinician agreed",
    }[Decider(decider)]
    is_reviewed = movable == Movable.REVIEW and decider != Decider.CLINICIAN
    return f"{who}, after a review." if is_reviewed else f"{who}."


def step_words(step: Step) -> str:
    """One step: "From 3 days before: 4 h to answer, 1 person at a time"."""
    begin = f"From {span(step.before.total_seconds())} before" if step.before else "Nearer than that"
    people = "1 person at a time" if step.at_once == 1 else f"{step.at_once} people at once"
    return f"{begin}: {span(step.window.total_seconds())} to answer, {people}."


def _needs(rule: VisitTypeRule) -> list[str]:
    found = []
    if rule.notice:
        found.append(f"{span(rule.notice.total_seconds())} of notice")
    if rule.preparation:
        found.append(f"{span(rule.preparation.total_seconds())} to prepare")
    if rule.is_confidential:
        found.append("Confidential for minors")
    return found
