"""Whether a rule or reason makes sense, before it is written; pure."""

from dataclasses import replace
from typing import Any

from scheduling.facts import Signals
from scheduling.mapping.errors import InvalidMappingError
from scheduling.mapping.rules import Reason, Rule
from scheduling.vocabulary import EventKind, Initiator, Status

CODE_LIMIT = 200
PATTERN_LIMIT = 100
STARS_LIMIT = 8

K = EventKind
# What can happen to a visit without saying anything about its status.
STATUSLESS = frozenset({K.CHANGED, K.RESCHEDULED})
# What does not happen to a visit at all.
ELSEWHERE = frozenset({K.SLOT_OPENED, K.SLOT_BLOCKED, K.PATIENT_CHANGED, K.PATIENTS_MERGED, K.PATIENT_DIED})


def canonical_rule(rule: Rule) -> Rule:
    """The rule as it is stored: trimmed, a cancellation by the clinic as bumped. Raises InvalidMappingError."""
    trimmed: dict[str, Any] = {
        name: value and value.strip() for name, value in zip(Signals._fields, rule.parts, strict=True)
    }
    _check_lengths(trimmed)
    status, kind, initiator = rule.status, rule.kind, rule.initiator
    if status is Status.CANCELLED and initiator is Initiator.CLINIC:
        status = Status.BUMPED
    if status is Status.BUMPED:
        kind, initiator = kind and K.BUMPED, Initiator.CLINIC
    if status is None and kind is not None and kind not in STATUSLESS | ELSEWHERE:
        raise InvalidMappingError(f"A rule that says “{kind.label}” must also say the status.")
    if status is not None and kind in ELSEWHERE:
        raise InvalidMappingError(f"“{kind.label}” is no event of a visit, so it cannot set the visit's status.")
    return replace(rule, **trimmed, status=status, kind=kind, initiator=initiator)


def canonical_reason(reason: Reason) -> Reason:
    """The reason as it is stored. Raises InvalidMappingError."""
    code = reason.code.strip()
    if not code or len(code) > CODE_LIMIT:
        raise InvalidMappingError(f"A reason needs a code of 1 to {CODE_LIMIT} characters.")
    return reason._replace(code=code)


def _check_lengths(signals: dict[str, str | None]) -> None:
    for name, value in signals.items():
        limit = PATTERN_LIMIT if name == "note" else CODE_LIMIT
        if value is not None and len(value) > limit:
            raise InvalidMappingError(f"The {name.replace('_', ' ')} is longer than {limit} characters.")
    if (signals["note"] or "").count("*") > STARS_LIMIT:
        raise InvalidMappingError(f"A note pattern has at most {STARS_LIMIT} stars.")
