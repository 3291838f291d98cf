"""What the fold could not trust: every trouble of an appointment is a finding of the check with the same id."""

from collections.abc import Iterator

from exceptions.checks.kinds import Hit
from scheduling.folding.state import AppointmentState


def find(state: AppointmentState) -> Iterator[Hit]:
    """Hand the fold's troubles on; they hold every decision on the visit (I4)."""
    for trouble in state.troubles:
        yield Hit(trouble.kind, trouble.raw, trouble.at)
