"""What the fold could not trust: every trouble of an appointment is a finding of the check with the same id."""

from collections.abc import Iterable

from exceptions.checks.kinds import Hit
from scheduling.folding.state import AppointmentState


def find(state: AppointmentState) -> Iterable[Hit]:
    """Hand the fold's troubles on; they hold every decision on the visit (I4)."""
    return [Hit(trouble.kind, trouble.raw, trouble.at) for trouble in state.troubles] if state.troubles else ()
