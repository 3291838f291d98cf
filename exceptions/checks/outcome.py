"""How a visit ended: what its status says that cannot be so, that nobody meant, or that leaves out why.

All of it can be seen on the folded visit, so a later message that puts it right takes the finding away.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from exceptions.checks.kinds import Check, Hit
from exceptions.vocabulary import Family, OwnerTeam, Severity
from scheduling.folding.state import AppointmentState
from scheduling.vocabulary import Decision, Initiator, SetBy, Status

# People come early and are seen early; on another day it is another visit.
EARLIEST = timedelta(hours=12)

CHECKS = (
    Check(
        id="missed_before_start",
        title="Missed before it began",
        family=Family.CLOSURE,
        severity=Severity.BLOCKING,
        happened="Visits were marked missed before they were due to start, so the patient may still come.",
        advice="Ask the clinic whether it meant a cancellation. If so, map the code to one.",
        owner=OwnerTeam.MAPPING,
        blocks=frozenset({Decision.REBOOK_MISSED}),
        self_clearing=True,
    ),
    Check(
        id="missed_by_timer",
        title="Missed, set by a timer",
        family=Family.CLOSURE,
        severity=Severity.BLOCKING,
        happened="A timer of the source marked visits missed; the patient may have been there.",
        advice="Ask the clinic who came. Calling about a visit that was kept costs trust.",
        owner=OwnerTeam.ACCESS,
        blocks=frozenset({Decision.REBOOK_MISSED}),
        self_clearing=True,
    ),
    Check(
        id="cancelled_by_timer",
        title="Cancelled by default",
        family=Family.CLOSURE,
        severity=Severity.NOTE,
        happened="The source cancelled visits by itself, so its reason says nothing about the patient.",
        advice="Do not count the reason. Ask the clinic whether the patient still wants to be seen.",
        owner=OwnerTeam.ACCESS,
        self_clearing=True,
    ),
    Check(
        id="cancel_reason_missing",
        title="Cancelled without a reason",
        family=Family.CLOSURE,
        severity=Severity.NOTE,
        happened="Visits were cancelled without a reason code, so nobody knows who should be asked again.",
        advice="Ask the clinic to record reasons, or the source to send them, and map the codes.",
        self_clearing=True,
    ),
    Check(
        id="cancel_initiator_unknown",
        title="Unknown who cancelled",
        family=Family.CLOSURE,
        severity=Severity.NOTE,
        happened="Visits were cancelled, and the mapping does not say whether by the patient or the clinic.",
        advice="Say in the mapping who cancels with this code. What the clinic cancels is to be rebooked.",
        owner=OwnerTeam.MAPPING,
        self_clearing=True,
    ),
    Check(
        id="attended_too_early",
        title="Attended on an earlier day",
        family=Family.CLOSURE,
        severity=Severity.DEGRADED,
        happened="Visits were kept, or ended, more than 12 h before they were due to start.",
        advice="Somebody may have picked the wrong visit of a patient. The right one may look missed.",
        owner=OwnerTeam.ACCESS,
        self_clearing=True,
    ),
)


def is_missed_before_start(starts_at: datetime | None, status_at: datetime | None) -> bool:
    """Whether a missed visit was marked so before it was due; recovery holds its rebooking by the same rule."""
    return starts_at is not None and status_at is not None and status_at < starts_at


def _missed(state: AppointmentState, at: datetime) -> Iterable[Hit]:
    if is_missed_before_start(state.starts_at, at):
        yield Hit("missed_before_start", state.reason_code or "", at)
    if state.set_by == SetBy.TIMER:
        yield Hit("missed_by_timer", state.reason_code or "", at)


def _cancelled(state: AppointmentState, at: datetime) -> Iterable[Hit]:
    if state.set_by == SetBy.TIMER:
        yield Hit("cancelled_by_timer", state.reason_code or "", at)
    elif not state.reason_code:
        yield Hit("cancel_reason_missing", "", at)
    if state.initiator in {None, Initiator.UNKNOWN}:
        yield Hit("cancel_initiator_unknown", state.reason_code or "", at)


def _bumped(state: AppointmentState, at: datetime) -> Iterable[Hit]:
    if not state.reason_code:
        yield Hit("cancel_reason_missing", "", at)


def _attended(state: AppointmentState, at: datetime) -> Iterable[Hit]:
    start = state.starts_at
    if start is not None and at < start and at < start - EARLIEST:
        return (Hit("attended_too_early", state.status or "", at),)
    return ()


# By plain strings: most visits stand, and are told apart by one look.
_RULES: Mapping[str | None, Callable[[AppointmentState, datetime], Iterable[Hit]]] = {
    Status.MISSED.value: _missed,
    Status.CANCELLED.value: _cancelled,
    Status.BUMPED.value: _bumped,
    Status.CHECKED_IN.value: _attended,
    Status.IN_PROGRESS.value: _attended,
    Status.COMPLETED.value: _attended,
    Status.LEFT_UNSEEN.value: _attended,
}


def find(state: AppointmentState) -> Iterable[Hit]:
    """Give what is odd about how the visit ended, as of when the source said so."""
    rule = _RULES.get(state.status)
    return rule(state, state.status_at) if rule is not None and state.status_at is not None else ()
