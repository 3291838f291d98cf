"""Order and timing: when the source says things happened."""

from exceptions.checks.kinds import Check
from exceptions.vocabulary import Family, OwnerTeam, Severity
from scheduling.vocabulary import PATIENT_FACING

BLOCKS = frozenset(PATIENT_FACING)

CHECKS = (
    Check(
        id="equal_time_disagreement",
        title="Two events, one time",
        family=Family.ORDER,
        severity=Severity.BLOCKING,
        happened="Two events of one visit carry the same source time and disagree, so neither can be called later.",
        advice="Look at both messages and at the source's own screen. A newer event about the visit settles it.",
        blocks=BLOCKS,
        is_hold=True,
        self_clearing=True,
    ),
    Check(
        id="ahead_of_receipt",
        title="Event from the future",
        family=Family.ORDER,
        severity=Severity.BLOCKING,
        happened="The source says this happened more than 5 minutes after we received it.",
        advice="Compare the clock and the time zone of the sending system with ours.",
        owner=OwnerTeam.IT,
        blocks=BLOCKS,
        is_hold=True,
        self_clearing=True,
    ),
    Check(
        id="impossible_transition",
        title="Impossible change of status",
        family=Family.ORDER,
        severity=Severity.BLOCKING,
        happened="The visit went from one status to another that no visit goes to.",
        advice="Look at the timeline of a visit: an event may be missing, or a rule may give a status a wrong meaning.",
        blocks=BLOCKS,
        is_hold=True,
        self_clearing=True,
    ),
    Check(
        id="ambiguous_local_time",
        title="Clock time happens twice or never",
        family=Family.ORDER,
        severity=Severity.BLOCKING,
        happened="The start falls into the hour that a change of the clocks repeats or leaves out.",
        advice="Ask the clinic when the visit really starts, or have the source send times with an offset.",
        blocks=BLOCKS,
        is_hold=True,
        self_clearing=True,
    ),
    Check(
        id="late_event",
        title="Late event changed the picture",
        family=Family.ORDER,
        severity=Severity.DEGRADED,
        happened="An older event arrived after newer ones and changed what we believed about the visit.",
        advice="Check what was done meanwhile. If it repeats, look at the sender's queue and retries.",
    ),
)
