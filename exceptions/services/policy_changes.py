"""Add and change escalation policies, and give open exceptions the plan as it is now.

A plan is frozen on an exception when it opens: changing the policy changes nothing about what is open.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from exceptions.errors import InvalidMoveError, StaleExceptionError
from exceptions.escalation import Step, freeze, next_due
from exceptions.models import EscalationPolicy, EscalationStep, IntegrationException, PlanChange
from exceptions.querysets import IntegrationExceptionQuerySet
from exceptions.routing import By as RoutedBy
from exceptions.routing import Routed
from exceptions.selectors.calendars import load_calendars
from exceptions.selectors.policy_page import plan_of
from exceptions.services.move_exception import Order
from exceptions.services.reroute_exceptions import MOST_AT_ONCE, Rerouted, reroute_each
from exceptions.services.route_exceptions import Given
from exceptions.services.rule_changes import By
from exceptions.vocabulary import Severity

KIND = "exceptions.escalationpolicy"
CHANGED = "This policy was changed after you opened it."
TWICE = "Another policy has this name, or is the one for this severity."


@dataclass(frozen=True, slots=True)
class PolicyValues:
    """What people say about a policy."""

    name: str
    repeats: int
    default_for: Severity | None
    is_active: bool
    steps: Sequence[Step]


@transaction.atomic
def add_policy(values: PolicyValues, by: By) -> EscalationPolicy:
    """Add a policy; raises InvalidMoveError for a name or a severity that another one has."""
    policy = EscalationPolicy(version=1)
    _write(policy, values)
    _note(policy, None, "add", by)
    return policy


@transaction.atomic
def change_policy(policy: EscalationPolicy, values: PolicyValues, by: By, *, version: int) -> EscalationPolicy:
    """Write a policy and its steps anew; raises StaleExceptionError where it is not at ``version`` any more."""
    kept = EscalationPolicy.objects.select_for_update().get(pk=policy.pk)
    if kept.version != version:
        raise StaleExceptionError(CHANGED)
    before = said_by(kept)
    kept.version += 1
    _write(kept, values)
    if said_by(kept) == before:
        EscalationPolicy.objects.filter(pk=kept.pk).update(version=version)
        kept.version = version
        return kept
    _note(kept, before, "change", by)
    return kept


def said_by(policy: EscalationPolicy) -> dict[str, Any]:
    """What a policy says, as its history keeps it."""
    frozen = freeze(plan_of(policy))
    said = {name: frozen[name] for name in ("name", "repeats", "steps")}
    return said | {"default_for": policy.default_for, "is_active": policy.is_active}


def renew_plans(
    found: IntegrationExceptionQuerySet, policy: EscalationPolicy, *, actor: User, now: datetime, request_id: str = ""
) -> Rerouted:
    """Give those of ``found`` that keep another version the plan as it is now, ``MOST_AT_ONCE`` at most.

    Its runs are numbered on from those there were, its first wait counts from ``now``. Owners stay.
    """
    plan = plan_of(EscalationPolicy.objects.prefetch_related("steps").get(pk=policy.pk))
    rows = list(outdated(found, policy).select_related("source", "clinic").order_by("id")[:MOST_AT_ONCE])
    calendars = load_calendars({row.source_id for row in rows}, now)
    orders: list[tuple[IntegrationException, Order]] = []
    for row in rows:
        routed = Routed(row.owner_team_id, row.owner_id, RoutedBy.RULE)
        calendar = calendars.of(row.source_id, row.clinic_id)
        due = next_due(plan, plan.first, now, calendar, team=row.owner_team_id)
        given = Given(routed, freeze(plan), row.route or {}, due)
        reason = f"{policy.name} as of version {plan.version}."
        orders.append((row, Order(version=row.version, reason=reason, given=given)))
    return Rerouted(len(rows), reroute_each(orders, actor=actor, now=now, request_id=request_id))


def outdated(found: IntegrationExceptionQuerySet, policy: EscalationPolicy) -> IntegrationExceptionQuerySet:
    """Those that have another version of a policy frozen than the one of now."""
    return found.filter(policy__policy=policy.pk).exclude(policy__version=policy.version)


def _write(policy: EscalationPolicy, values: PolicyValues) -> None:
    policy.name, policy.repeats = values.name, values.repeats
    policy.default_for, policy.is_active = values.default_for, values.is_active
    try:
        with transaction.atomic():
            policy.save()
    except IntegrityError as error:
        raise InvalidMoveError(TWICE) from error
    policy.steps.all().delete()
    EscalationStep.objects.bulk_create(_rows(policy, values.steps))


def _rows(policy: EscalationPolicy, steps: Collection[Step]) -> list[EscalationStep]:
    return [
        EscalationStep(
            policy=policy, no=no, wait=step.wait, target=step.target, hours=step.hours, person_id=step.person,
            team_id=step.team, endpoint_id=step.endpoint,
        )
        for no, step in enumerate(steps)
    ]  # fmt: skip


def _note(policy: EscalationPolicy, before: dict[str, Any] | None, verb: str, by: By) -> None:
    PlanChange.objects.create(
        policy=policy,
        version=policy.version,
        at=by.now,
        actor=by.actor,
        reason=by.reason.strip(),
        before=before,
        after=said_by(policy) | {"verb": verb},
    )
    record(
        AuditAction.CHANGED,
        actor=by.actor,
        subject_kind=KIND,
        subjects=[policy.pk],
        detail={"verb": verb, "version": policy.version},
        now=by.now,
        request_id=by.request_id,
    )
