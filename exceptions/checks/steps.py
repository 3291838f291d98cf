"""Steps that a visit takes in an order that its source should not tell: known only from how the events come in."""

from collections.abc import Iterator

from exceptions.checks.kinds import ArrivalHit, Check
from exceptions.vocabulary import Family, OwnerTeam, Severity
from scheduling.folding.change import AppointmentChange, ArrivedEvent
from scheduling.vocabulary import VACATING, Outcome, Status

CHECKS = (
    Check(
        id="duplicate_new",
        title="Booked twice under one id",
        family=Family.ORDER,
        severity=Severity.NOTE,
        happened="The source booked a visit that stood already. It was taken as a change, not as a second visit.",
        advice="Ask the sender whether it books again what it should change. Check that the visit's time is right.",
    ),
    Check(
        id="change_of_unknown_visit",
        title="Change of an unknown visit",
        family=Family.ORDER,
        severity=Severity.NOTE,
        happened="The first thing we heard of a visit was {raw}, which only follows a booking.",
        advice="The booking was lost, or is older than the feed. Ask the sender to send it again.",
    ),
    Check(
        id="completed_without_check_in",
        title="Completed without a check-in",
        family=Family.CLOSURE,
        severity=Severity.NOTE,
        happened="Visits were completed though nobody was checked in, and this source does send check-ins.",
        advice="Ask the clinic whether visits are closed in bulk: then some of these were missed.",
        owner=OwnerTeam.ACCESS,
    ),
)

NEW = "S12"
VANISHED = "vanished"  # the trigger of the event that a full extract leaves for each visit it lacks
# Triggers that follow a booking (HL7 v2 chapter 10); other formats do not tell a booking from a change.
FOLLOWING = frozenset({"S13", "S14", "S15", "S16", "S17", "S26"})
_APPLIED = Outcome.APPLIED
_COMPLETED = Status.COMPLETED.value
_ATTENDING = frozenset({Status.CHECKED_IN.value, Status.IN_PROGRESS.value})
_SEEN = _ATTENDING | {_COMPLETED}


def find(change: AppointmentChange) -> Iterator[ArrivalHit]:
    """Yield the steps that do not follow what was known before the batch; something must have arrived."""
    if change.before is None:
        yield from _first_heard(change)
    for arrived in change.arrived:
        if arrived.trigger == NEW:
            yield from _booked_again(change, arrived)
        elif arrived.trigger == VANISHED:
            yield ArrivalHit("vanished_from_extract", "", arrived)
        if arrived.tells_check_ins:
            yield from _completed(change, arrived)


def _first_heard(change: AppointmentChange) -> Iterator[ArrivalHit]:
    """The earliest change of a visit whose booking is not among what came, nor told on the feed's first day."""
    is_all = change.after.events == len(change.arrived)
    if is_all and change.arrived[0].trigger in FOLLOWING and all(each.trigger != NEW for each in change.arrived):
        first = min(change.arrived, key=lambda arrived: arrived.event.order_key)
        yield ArrivalHit("change_of_unknown_visit", first.trigger, first)


def _booked_again(change: AppointmentChange, arrived: ArrivedEvent) -> Iterator[ArrivalHit]:
    """A booking of what stands, or the second of a batch; not one that comes after its own changes."""
    event, before = arrived.event, change.before
    if event.outcome != _APPLIED:
        return
    if before is None:
        bookings = [other.event.order_key for other in change.arrived if other.trigger == NEW]
        is_again = event.order_key != min(bookings)
    else:
        is_first = before.booked_at is None or event.source_at < before.booked_at
        is_again = not is_first and before.status not in VACATING
    if is_again:
        yield ArrivalHit("duplicate_new", NEW, arrived)


def _completed(change: AppointmentChange, arrived: ArrivedEvent) -> Iterator[ArrivalHit]:
    """A completion that no arrival went before. A file shows only the last status, and may have skipped it."""
    before = change.before
    if before is None or before.status in _SEEN or arrived.is_listed or arrived.event.outcome != _APPLIED:
        return
    if all(other.event.status not in _ATTENDING for other in change.arrived):
        yield ArrivalHit("completed_without_check_in", "", arrived)
