"""Lateness: what reached us so long after it happened that decisions were taken without it.

Counted as it arrives. Only what a source tells as it happens can be late: of what stands in a file, the file's own
time is the proof (I6), and how old that may be is a matter of freshness; a feed's first day tells of the past.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from exceptions.checks.kinds import ArrivalHit, Check, Hit
from exceptions.vocabulary import Family, OwnerTeam, Severity
from scheduling.decisions import DEFAULT_LIMITS, NEEDED_EVENTS, refill_of
from scheduling.folding.change import AppointmentChange, ArrivedEvent, DistantMessage
from scheduling.folding.slots import DEFAULT_MINUTES
from scheduling.vocabulary import REBOOKS, VACATING, Decision, EventKind, Outcome, Status

CHECKS = (
    Check(
        id="late_for_decision",
        title="Too late for a decision",
        family=Family.ORDER,
        severity=Severity.DEGRADED,
        happened="Events reached us so late that {raw} had been decided without them.",
        advice="Look at the sender's queue and retries. Check what was done about these visits meanwhile.",
        owner=OwnerTeam.IT,
    ),
    Check(
        id="known_after_start",
        title="Cancellation known too late",
        family=Family.ORDER,
        severity=Severity.DEGRADED,
        happened="We heard of cancellations only after the visit was due to start, so nobody could use the slot.",
        advice="Sent late: look at the sender. Entered late: talk to the clinic. In a file: ask for a live feed.",
    ),
    Check(
        id="booked_after_end",
        title="Booked when it was over",
        family=Family.ORDER,
        severity=Severity.NOTE,
        happened="Visits were booked, or their bookings reached us, when they were already over.",
        advice="Entered late: walk-ins, which took no slot from anybody. Sent late: look at the sender.",
        owner=OwnerTeam.ACCESS,
    ),
)

SHORTEST = min(limits.held_after for limits in DEFAULT_LIMITS.values())
# What went wrong, told by who was late.
SENT_LATE, ENTERED_LATE, IN_A_FILE = "sent late", "entered late", "in a file"
_APPLIED = Outcome.APPLIED
_GIVEN_UP = frozenset({Status.CANCELLED.value, Status.BUMPED.value})
_CREATED = EventKind.CREATED.value


def find(change: AppointmentChange) -> Iterator[ArrivalHit]:
    """Yield what came in too late, each event once for each check."""
    is_gone = change.before is not None and change.before.status in VACATING
    for arrived in change.arrived:
        event = arrived.event
        if event.outcome != _APPLIED:
            continue
        if event.received_at - event.source_at > SHORTEST and not arrived.is_listed:
            yield from _late(change, arrived)
        if event.status in _GIVEN_UP and not is_gone:
            yield from _known_after_start(change, arrived)
        if event.status is not None:
            is_gone = event.status in _GIVEN_UP
        if event.kind == _CREATED and change.before is None:
            yield from _booked_after_end(change, arrived)


def find_in_message(message: DistantMessage) -> Iterable[Hit]:
    """Give news of a patient that should have stopped outreach and came too late to."""
    limit = DEFAULT_LIMITS[Decision.STOP_OUTREACH].held_after
    if message.stops_outreach and message.received_at - message.source_at > limit:
        return (Hit("late_for_decision", Decision.STOP_OUTREACH, message.source_at),)
    return ()


def _late(change: AppointmentChange, arrived: ArrivedEvent) -> Iterator[ArrivalHit]:
    event = arrived.event
    delay = event.received_at - event.source_at
    kind = _what_happened(change, arrived)
    for decision in _at_stake(change, arrived):
        if kind in NEEDED_EVENTS[decision] and delay > DEFAULT_LIMITS[decision].held_after:
            yield ArrivalHit("late_for_decision", decision, arrived)
            return


def _what_happened(change: AppointmentChange, arrived: ArrivedEvent) -> str | None:
    """The event's kind; a source without triggers only says "booked", so the picture tells whether it moved."""
    event, before = arrived.event, change.before
    if event.kind != EventKind.CHANGED:
        return event.kind
    if before is None:
        return EventKind.CREATED
    moved = event.starts_at is not None and event.starts_at != before.starts_at
    return EventKind.RESCHEDULED if moved else event.kind


def _at_stake(change: AppointmentChange, arrived: ArrivedEvent) -> Iterator[Decision]:
    """The decisions that may have been taken before the event came, the strictest limit first."""
    start = _next_start(change, arrived)
    if start is not None:
        yield refill_of(start, arrived.event.received_at)
    yield from REBOOKS
    if start is not None:
        yield Decision.CONFIRM
    yield Decision.WEEKLY_REPORT


def _next_start(change: AppointmentChange, arrived: ArrivedEvent) -> datetime | None:
    """When the first slot starts that the event takes or gives back; None if that was before it came."""
    starts = {arrived.event.starts_at, change.after.starts_at, change.before.starts_at if change.before else None}
    return min((at for at in starts if at is not None and at > arrived.event.received_at), default=None)


def _known_after_start(change: AppointmentChange, arrived: ArrivedEvent) -> Iterator[ArrivalHit]:
    event, before = arrived.event, change.before
    start = event.starts_at or (before.starts_at if before else None)
    if start is None or event.received_at <= start:
        return
    who = SENT_LATE if event.source_at <= start else ENTERED_LATE
    yield ArrivalHit("known_after_start", IN_A_FILE if arrived.is_listed else who, arrived)


def _booked_after_end(change: AppointmentChange, arrived: ArrivedEvent) -> Iterator[ArrivalHit]:
    event = arrived.event
    if event.starts_at is None or arrived.is_listed:
        return
    end = event.starts_at + timedelta(minutes=event.minutes or DEFAULT_MINUTES)
    if event.received_at >= end:
        yield ArrivalHit("booked_after_end", SENT_LATE if event.source_at < end else ENTERED_LATE, arrived)
