"""Full extracts: what is missing from one, and when nothing is concluded from that.

The event of a visit that vanished is found among the steps of visits; what was refused is noted when it is.
"""

from exceptions.checks.kinds import Check
from exceptions.vocabulary import Family, Severity

CHECKS = (
    Check(
        id="vanished_from_extract",
        title="Vanished from the extract",
        family=Family.ORDER,
        severity=Severity.DEGRADED,
        happened="Visits ahead that an extract listed are no longer in the next one, and nothing said why.",
        advice="Ask the source what became of them. Deleted rows should be sent as cancellations.",
    ),
    Check(
        id="mass_vanish",
        title="Extract cut short",
        family=Family.FRESHNESS,
        severity=Severity.DEGRADED,
        happened="Far more visits than usual are missing from a full extract, so none was taken as gone.",
        advice="Have the extract made again. If the visits are really gone, have them sent as cancelled.",
    ),
    Check(
        id="extract_in_doubt",
        title="Extract not whole",
        family=Family.FRESHNESS,
        severity=Severity.DEGRADED,
        happened="A full extract came damaged or with rows we cannot read, so no visit was taken as gone.",
        advice="Open its rejected rows, have the sender repair them and send the extract again.",
    ),
)
