"""What a message's signals mean, in the form that events hold; remembered, since few combinations are in use."""

from functools import lru_cache
from typing import NamedTuple

from scheduling.facts import Signals
from scheduling.mapping.resolve import REMEMBERED, resolve
from scheduling.mapping.rules import MappingContext, Resolution, RuleSet

REOPENS, SUPPRESSES, COUNTS_AS_MISSED = 1, 2, 4
PLAIN_TRIGGERS = frozenset({"Appointment", "row"})


class Meaning(NamedTuple):
    """What signals mean, as an event holds it; ``said`` are its fields from ``mapping`` to ``reason_code``."""

    said: tuple[str, str | None, str | None, str | None, str | None, int, str | None]
    raw: str
    rule_id: int | None


@lru_cache(maxsize=REMEMBERED)
def meaning_of(rules: RuleSet, signals: Signals, clinic_id: int | None) -> Meaning:
    """The meaning as plain strings: members of enumerations cost more wherever they are compared or written."""
    found = resolve(signals, MappingContext(rules.source_id, clinic_id), rules)
    said = (
        found.outcome.value,
        found.kind.value if found.kind else None,
        found.status.value if found.status else None,
        found.initiator.value if found.initiator else None,
        found.set_by.value if found.set_by else None,
        flags_of(found),
        signals.event_reason or None,
    )
    return Meaning(said, raw_of(signals), found.rule_id)


def flags_of(resolution: Resolution) -> int:
    """The reason flags of a meaning as the bits that are stored."""
    return (
        (REOPENS if resolution.reopens else 0)
        | (SUPPRESSES if resolution.suppresses else 0)
        | (COUNTS_AS_MISSED if resolution.counts_as_missed else 0)
    )


def raw_of(signals: Signals) -> str:
    """The raw value a trouble is grouped by: the event and the status as written; never a note.

    Where every message is of one kind (a FHIR Appointment, a row), the status alone says it.
    """
    code = signals.filler_status or signals.event_reason or signals.resource_status
    if code and signals.trigger in PLAIN_TRIGGERS:
        return code
    return f"{signals.trigger} {code}".strip()
