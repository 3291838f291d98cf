"""Mapping: what a status means. Each of these holds the visit until a person decides (I4)."""

from exceptions.checks.kinds import Check
from exceptions.vocabulary import Family, OwnerTeam, Severity
from scheduling.vocabulary import PATIENT_FACING

BLOCKS = frozenset(PATIENT_FACING)

CHECKS = (
    Check(
        id="unmapped_status",
        title="Unmapped status",
        family=Family.MAPPING,
        severity=Severity.BLOCKING,
        happened="The source sent a status that nobody has given a meaning.",
        advice="Say what the status means in a mapping draft and let a second person approve it. "
        "The held events are then applied in the order of the source.",
        owner=OwnerTeam.MAPPING,
        blocks=BLOCKS,
        is_hold=True,
        self_clearing=True,
    ),
    Check(
        id="ambiguous_status",
        title="Two rules disagree",
        family=Family.MAPPING,
        severity=Severity.BLOCKING,
        happened="Two mapping rules fit equally well and say different things.",
        advice="Make one of the two rules more specific, or remove it, in a mapping draft.",
        owner=OwnerTeam.MAPPING,
        blocks=BLOCKS,
        is_hold=True,
        self_clearing=True,
    ),
    Check(
        id="conflicting_status",
        title="Status contradicts event",
        family=Family.MAPPING,
        severity=Severity.BLOCKING,
        happened="The status in the message says one thing, its event type another.",
        advice="Ask the source which of the two leads, then record the answer as precedence in a mapping draft.",
        owner=OwnerTeam.MAPPING,
        blocks=BLOCKS,
        is_hold=True,
        self_clearing=True,
    ),
    Check(
        id="unknown_clinic",
        title="Unknown clinic",
        family=Family.MAPPING,
        severity=Severity.BLOCKING,
        happened="The source named a clinic code that belongs to none of our clinics.",
        advice="Add the code to the clinic it stands for, or set the clinic up. Until then its zone is not known.",
        owner=OwnerTeam.INTEGRATION,
        blocks=BLOCKS,
        is_hold=True,
        self_clearing=True,
    ),
)
