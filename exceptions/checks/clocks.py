"""Clocks of senders: a source time that cannot be right, seen against the receipt of its message.

Counted as messages arrive, one exception a feed, whatever clinic a message is about: a system has one clock.
"""

from collections.abc import Iterable

from exceptions.checks.kinds import Check, Hit
from exceptions.vocabulary import Family, OwnerTeam, Severity
from scheduling.clocks import USUAL_GAP, whole_hours_behind
from scheduling.folding.change import DistantMessage
from scheduling.folding.fold import AHEAD_TOLERANCE

CHECKS = (
    Check(
        id="clock_ahead",
        title="Sender's clock is fast",
        family=Family.ORDER,
        severity=Severity.NOTE,
        happened="Messages are dated one to five minutes after we received them. At more than five they are held.",
        advice="Have the sending system set its clock by a time server, before its messages are held.",
        owner=OwnerTeam.IT,
    ),
    Check(
        id="clock_hours_behind",
        title="Sender's zone is wrong",
        family=Family.ORDER,
        severity=Severity.DEGRADED,
        happened="One message after the other is dated the same number of whole hours ago: {raw}.",
        advice="Compare the sender's zone with the feed's, above all after a change of the clocks.",
        owner=OwnerTeam.IT,
    ),
    Check(
        id="no_source_time",
        title="No source time",
        family=Family.ORDER,
        severity=Severity.DEGRADED,
        happened="Messages do not say when things happened, so they are put in the order of receipt.",
        advice="Name the field that holds the time in the feed's settings. Without one, retries may undo newer news.",
    ),
)


def find(message: DistantMessage) -> Iterable[Hit]:
    """Give what is wrong with the clock that dated a message."""
    ahead = message.source_at - message.received_at
    if USUAL_GAP < ahead <= AHEAD_TOLERANCE:
        return (Hit("clock_ahead", "", message.source_at),)
    hours = whole_hours_behind(message.source_at, message.received_at)
    if hours and hours == message.feed_hours_behind:
        return (Hit("clock_hours_behind", f"{hours} h", message.source_at),)
    return ()
