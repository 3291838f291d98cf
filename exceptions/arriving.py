"""Judge how the events and messages of a batch came in: facts in, counted findings out. Pure.

Findings about arrival depend on when things came, so they are counted and never converge (I3).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from exceptions.checks import clocks, lateness, steps
from exceptions.checks.kinds import ChangeFinder, MessageFinder
from scheduling.folding.change import AppointmentChange, ArrivalFact, DistantMessage

CHANGE_FINDERS: tuple[ChangeFinder, ...] = (lateness.find, steps.find)
MESSAGE_FINDERS: tuple[MessageFinder, ...] = (clocks.find, lateness.find_in_message)


def judge_arrivals(changes: Iterable[AppointmentChange]) -> Iterator[ArrivalFact]:
    """Yield what is wrong with how the events of appointments came in, and what late ones changed."""
    for change in changes:
        late = change.late
        if late is not None and late.has_effect:
            yield _fact("late_event", change, "", late.message_id, late.at)
        if change.arrived:
            for find in CHANGE_FINDERS:
                for hit in find(change):
                    yield _fact(hit.check, change, hit.raw, hit.arrived.message_id, hit.arrived.event.source_at)


def judge_messages(messages: Iterable[DistantMessage]) -> Iterator[ArrivalFact]:
    """Yield what is wrong with the times of messages; a sender's clock belongs to no clinic."""
    for message in messages:
        for find in MESSAGE_FINDERS:
            for hit in find(message):
                yield ArrivalFact(
                    hit.check, message.source_id, message.feed_id, None, hit.raw, message.message_id, hit.at
                )


def _fact(check: str, change: AppointmentChange, raw: str, message_id: int, at: datetime) -> ArrivalFact:
    return ArrivalFact(check, change.source_id, change.feed_id, change.after.clinic_id, raw, message_id, at)
