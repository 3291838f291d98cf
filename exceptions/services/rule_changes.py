"""Add, change, move and switch routing rules. Each change counts the version up and leaves what was and what is.

The table of rules is small: whoever changes one locks all, so that positions stay apart and nobody overwrites.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from exceptions.errors import InvalidMoveError, StaleExceptionError
from exceptions.models import PlanChange, RoutingRule
from exceptions.routing import Rule
from exceptions.services.route_exceptions import rule_of

KIND = "exceptions.routingrule"
MOST_RULES = 200
SAID = (
    "position", "name", "checks", "families", "severities", "source_id", "clinic_id", "feed_id", "raw_pattern",
    "team_id", "person_id", "policy_id", "is_active",
)  # fmt: skip
CHANGED = "This rule was changed after you opened it."


@dataclass(frozen=True, slots=True)
class By:
    """Who changes a rule, when and why; ``now`` is UTC."""

    actor: User
    now: datetime
    reason: str = ""
    request_id: str = ""


@transaction.atomic
def add_rule(values: Mapping[str, Any], by: By) -> RoutingRule:
    """Add a rule behind all others; ``values`` are its columns. Raises InvalidMoveError where there are too many."""
    rules = _locked()
    if len(rules) >= MOST_RULES:
        raise InvalidMoveError(f"There are {MOST_RULES} rules, the most there can be. Change one of them.")
    rule = RoutingRule.objects.create(position=max((one.position for one in rules), default=0) + 1, **values)
    _note(rule, None, "add", by)
    return rule


@transaction.atomic
def change_rule(rule: RoutingRule, values: Mapping[str, Any], by: By, *, version: int) -> RoutingRule:
    """Write other columns; raises StaleExceptionError where the rule is not at ``version`` any more."""
    kept = _at(rule, version)
    before = said_by(kept)
    for name, value in values.items():
        setattr(kept, name, value)
    return _write(kept, before, "change", by)


@transaction.atomic
def move_rule(rule: RoutingRule, by: By, *, version: int, up: bool) -> RoutingRule:
    """Change places with the rule before or behind it; raises StaleExceptionError as ``change_rule`` does."""
    kept = _at(rule, version)
    before, other = said_by(kept), neighbour(_locked(), kept.pk, up=up)
    if other is None:
        raise InvalidMoveError("It stands first already." if up else "It stands last already.")
    kept.position, position = other.position, kept.position
    # one_rule_per_position is checked at the end of the transaction.
    RoutingRule.objects.filter(pk=other.pk).update(position=position)
    return _write(kept, before, "move up" if up else "move down", by)


@transaction.atomic
def switch_rule(rule: RoutingRule, by: By, *, version: int, is_active: bool) -> RoutingRule:
    """Switch a rule on or off; raises StaleExceptionError as ``change_rule`` does."""
    kept = _at(rule, version)
    before = said_by(kept)
    kept.is_active = is_active
    return _write(kept, before, "switch on" if is_active else "switch off", by)


def neighbour(rules: list[RoutingRule], pk: int, *, up: bool) -> RoutingRule | None:
    """The rule just before or behind another, of rules in their order; None at either end."""
    at = next(number for number, rule in enumerate(rules) if rule.pk == pk)
    found = at - 1 if up else at + 1
    return rules[found] if 0 <= found < len(rules) else None


def said_by(rule: RoutingRule) -> dict[str, Any]:
    """What a rule says, as its history keeps it."""
    return {name: getattr(rule, name) for name in SAID}


def _locked() -> list[RoutingRule]:
    """All rules in their order; one who changes rules waits for the other, the very first two as well."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('exceptions.routingrule'))")
    return list(RoutingRule.objects.select_for_update().order_by("position", "id"))


def _at(rule: RoutingRule, version: int) -> RoutingRule:
    kept = next((one for one in _locked() if one.pk == rule.pk), None)
    if kept is None or kept.version != version:
        raise StaleExceptionError(CHANGED)
    return kept


def _write(rule: RoutingRule, before: dict[str, Any], verb: str, by: By) -> RoutingRule:
    if said_by(rule) != before:
        rule.version += 1
        rule.save(update_fields=[*(name.removesuffix("_id") for name in SAID), "version"])
        _note(rule, before, verb, by)
    return rule


def _note(rule: RoutingRule, before: dict[str, Any] | None, verb: str, by: By) -> None:
    PlanChange.objects.create(
        rule=rule,
        version=rule.version,
        at=by.now,
        actor=by.actor,
        reason=by.reason.strip(),
        before=before,
        after=said_by(rule) | {"verb": verb},
    )
    record(
        AuditAction.CHANGED,
        actor=by.actor,
        subject_kind=KIND,
        subjects=[rule.pk],
        clinic=rule.clinic_id,
        detail={"verb": verb, "version": rule.version},
        now=by.now,
        request_id=by.request_id,
    )


def proposed(rules: list[RoutingRule]) -> list[Rule]:
    """Rules that are not saved yet as the pure ones a dry run tries: those switched on, in the order given."""
    return [rule_of(rule) for rule in rules if rule.is_active]
