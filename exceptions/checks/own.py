"""The desk's own plans and clocks: what it cannot do as it was told to. Counted when it happens.

An exception belongs to a source, so each of these is about the source whose exceptions are concerned; people of that
source can see and repair it.
"""

from datetime import datetime
from typing import NamedTuple

from exceptions.checks.kinds import Check
from exceptions.vocabulary import Family, OwnerTeam, Severity

RULE_FAILED, STEP_FAILED, TIMERS_STUCK = "routing_rule_failed", "step_failed", "timers_stuck"

CHECKS = (
    Check(
        id=RULE_FAILED,
        title="Routing rule failed",
        family=Family.FRESHNESS,
        severity=Severity.DEGRADED,
        happened="The routing {raw} could not be used, so what it fits went to the catch-all team.",
        advice="Repair the rule or switch it off, then route again what went to the catch-all team.",
    ),
    Check(
        id=STEP_FAILED,
        title="Escalation step failed",
        family=Family.FRESHNESS,
        severity=Severity.DEGRADED,
        happened="A step of escalation could not be run ({raw}). It is tried again in an hour.",
        advice="Look who has the exceptions of this source that are overdue, and have IT read the log.",
        owner=OwnerTeam.IT,
    ),
    Check(
        id=TIMERS_STUCK,
        title="Timers are stuck",
        family=Family.FRESHNESS,
        severity=Severity.DEGRADED,
        happened="Steps, mutes or takes that were due a minute ago or more have not been worked off.",
        advice="Nobody is told in time. Have IT look whether cron and a worker run.",
        owner=OwnerTeam.IT,
    ),
)


class Own(NamedTuple):
    """One thing that the desk could not do."""

    check: str
    source: int
    raw: str
    at: datetime


def rule_failed(source: int, rule: int, name: str, at: datetime) -> Own:
    """A routing rule that could not be evaluated; one exception per rule and source."""
    return Own(RULE_FAILED, source, f"rule {rule}: {name}", at)
