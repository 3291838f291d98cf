"""Notices: whether who should be told can be told."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from exceptions.checks.found import Findings, Found
from exceptions.checks.kinds import Check
from exceptions.vocabulary import Family, OwnerTeam, Severity, SubjectKind

CHECKS = (
    Check(
        id="notices_failing",
        title="Notices do not get through",
        family=Family.FRESHNESS,
        severity=Severity.DEGRADED,
        happened="Notices about this source were given up in the last hour: by e-mail, or to the endpoint {raw}.",
        advice="See the outbox for the reason. Once it is repaired, send them again from there.",
        owner=OwnerTeam.IT,
        self_clearing=True,
    ),
)


class GivenUp(NamedTuple):
    """One way by which notices about a feed's exceptions were given up: the endpoint's name, or "e-mail"."""

    way: str
    source_id: int
    feed_id: int
    since: datetime


def find(given_up: Iterable[GivenUp]) -> Findings:
    """Yield one finding for each way and feed; one exception for each way and source."""
    for one in given_up:
        yield Found(CHECKS[0].id, one.source_id, None, one.way, SubjectKind.FEED, one.feed_id, one.since)
