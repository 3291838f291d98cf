"""Full extracts: what is missing from one, and when nothing is concluded from that."""

from collections.abc import Iterator

from exceptions.checks.kinds import ArrivalHit, Check
from exceptions.vocabulary import Family, Severity
from scheduling.folding.change import AppointmentChange

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

VANISHED = "vanished"  # the trigger of the event that a full extract leaves for each visit it lacks


def find(change: AppointmentChange) -> Iterator[ArrivalHit]:
    """Yield the events that say a visit is in its source's extract no longer."""
    for arrived in change.arrived:
        if arrived.trigger == VANISHED:
            yield ArrivalHit("vanished_from_extract", "", arrived)
