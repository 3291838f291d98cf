"""How messages came in: what checks of lateness and of clocks need to know of a batch."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from operator import attrgetter

from scheduling.clocks import USUAL_GAP, whole_hours_behind
from scheduling.digestion.appointments import AppointmentWork
from scheduling.digestion.reading import ReadMessage, patients_of
from scheduling.facts import PatientFact
from scheduling.folding.change import ArrivedEvent, DistantMessage
from scheduling.mapping.rules import RuleSet
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import FeedFormat, MessageKind, Outcome, Status

_COMPLETED = Status.COMPLETED.value
_ATTENDING = frozenset({Status.CHECKED_IN, Status.IN_PROGRESS})
_order_of_receipt = attrgetter("claimed.received_at", "claimed.message_id")
_PROVEN = """
SELECT feed_id, digested_to, newest_content_at FROM scheduling_feedproof
WHERE feed_id = ANY(%b) AND digested_to IS NOT NULL AND newest_content_at IS NOT NULL
"""

Clock = tuple[datetime, datetime]  # newest source time, newest receipt


def is_live(message: ReadMessage) -> bool:
    """Whether the source says that it happened after the feed's first day; before, it tells of the past."""
    live_from = message.feed.live_from
    return live_from is not None and message.source_at >= live_from


def arrived_events(work: AppointmentWork) -> tuple[ArrivedEvent, ...]:
    """The live events that a batch added to one appointment, without the copies of what was there."""
    return tuple(
        [
            ArrivedEvent(
                fact.event,
                fact.fact.signals.trigger,
                fact.message.claimed.message_id,
                fact.message.feed.format is FeedFormat.CSV,
                fact.event.status == _COMPLETED and _tells_check_ins(_rules_of(fact.message)),
            )
            for fact in work.facts
            if is_live(fact.message) and fact.event.outcome != Outcome.DUPLICATE
        ]
    )


def _rules_of(message: ReadMessage) -> RuleSet:
    return message.feed.rules.at(message.source_at)[0]


@lru_cache(maxsize=256)
def _tells_check_ins(rules: RuleSet) -> bool:
    return any(rule.status in _ATTENDING for rule in rules.rules)


def distant_messages(cursor: Cursor, messages: Iterable[ReadMessage]) -> list[DistantMessage]:
    """The live messages whose own time lies over a minute from their receipt; rows of files are as old as the file.

    The feeds' clocks are asked for, in one statement, only where a message lies whole hours behind.
    """
    found = [message for message in messages if _is_distant(message)]
    if not found:
        return []
    suspects = {message.claimed.message_id for message in found if _hours_behind(message)}
    behind = _feeds_behind(cursor, messages, suspects) if suspects else {}
    stopping = {message.claimed.message_id for message, fact in patients_of(found) if _stops_outreach(message, fact)}
    return [
        DistantMessage(
            message.feed.source_id,
            message.feed.feed_id,
            message.claimed.message_id,
            message.source_at,
            message.claimed.received_at,
            message.claimed.message_id in stopping,
            behind.get(message.claimed.message_id, 0),
        )
        for message in found
    ]


def _is_distant(message: ReadMessage) -> bool:
    gap = message.claimed.received_at - message.source_at
    if -USUAL_GAP <= gap <= USUAL_GAP or message.reading is None:
        return False
    return message.feed.format is not FeedFormat.CSV and (gap < timedelta() or is_live(message))


def _hours_behind(message: ReadMessage) -> int:
    return whole_hours_behind(message.source_at, message.claimed.received_at)


def _stops_outreach(message: ReadMessage, fact: PatientFact) -> bool:
    """Whether a message of a patient's own says what ends outreach; one about a visit repeats what is known."""
    return message.kind == MessageKind.PATIENT and bool(
        fact.died
        or fact.merged_from
        or fact.publicity == "N"
        or fact.protection == "Y"
        or not all(allowed for _, _, allowed in fact.consents)
    )


def _feeds_behind(cursor: Cursor, messages: Iterable[ReadMessage], suspects: set[int]) -> dict[int, int]:
    """By how many whole hours each suspect's feed was behind before the suspect came, by message id."""
    read = sorted((message for message in messages if message.reading is not None), key=_order_of_receipt)
    feeds = sorted({message.feed.feed_id for message in read if message.claimed.message_id in suspects})
    clocks = _proven(cursor, feeds)
    behind: dict[int, int] = {}
    for message in read:
        feed_id, received_at = message.feed.feed_id, message.claimed.received_at
        clock = clocks.get(feed_id)
        if clock is not None and message.claimed.message_id in suspects:
            behind[message.claimed.message_id] = whole_hours_behind(*clock)
        clocks[feed_id] = _later(clock, (min(message.source_at, received_at), received_at))
    return behind


def _later(known: Clock | None, heard: Clock) -> Clock:
    return heard if known is None else (max(known[0], heard[0]), max(known[1], heard[1]))


def _proven(cursor: Cursor, feed_ids: Sequence[int]) -> dict[int, Clock]:
    cursor.execute(_PROVEN, (list(feed_ids),), binary=True)
    return {feed_id: (content, digested) for feed_id, digested, content in cursor.fetchall()}
