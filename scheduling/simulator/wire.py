"""What is under way: deliveries in order of arrival, held back, repeated, lost or queued behind an outage."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from random import Random

from scheduling.simulator.faults import (
    FaultKind,
    FaultPlan,
    FaultRecord,
    Outage,
    draw_wire_fault,
    outage_of,
)

# a reordered message comes right after the next one about the same subject, or after this time at the latest
LONGEST_HOLD = timedelta(hours=2)
GAP = timedelta(milliseconds=5)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Bytes that reach a feed at ``arrives_at``. ``name`` is a file's name or a message's id in fault records."""

    feed_key: str
    body: bytes
    sent_at: datetime
    arrives_at: datetime
    truth_event_ids: tuple[int, ...]
    name: str = ""
    messages: int = 1
    faults: tuple[FaultKind, ...] = ()

    @property
    def fault(self) -> FaultKind | None:
        """The fault that was injected, the first of several; None when the message is sound."""
        return self.faults[0] if self.faults else None


class Wire:
    """Carries deliveries of all feeds. Each feed is a serial line: without a fault nothing overtakes."""

    def __init__(self, seed: int, plan: FaultPlan, feeds: tuple[str, ...], records: list[FaultRecord]) -> None:
        self.seed = seed
        self.plan = plan
        self.feeds = feeds  # those that can fall silent for a while
        self.records = records
        self.random = Random(f"{seed}:wire")
        self._heap: list[tuple[datetime, int, Delivery, tuple[str, str] | None]] = []
        self._held: dict[tuple[str, str], Delivery] = {}
        self._newest: dict[str, datetime] = {}
        self._outages: dict[date, Outage | None] = {}
        self._turn = 0

    def send(self, delivery: Delivery, subject: tuple[str, str]) -> None:
        """Put one message on the wire; ``arrives_at`` is when it would come if nothing went wrong."""
        fault = draw_wire_fault(self.random, self.plan)
        if fault.kind is FaultKind.LOST:
            self._note(fault.kind, delivery, None)
            return
        delivery = self._through_line(delivery)
        if fault.kind is FaultKind.LATE:
            delivery = self._marked(delivery, fault.kind, delivery.arrives_at + fault.delay)
        if fault.kind is FaultKind.REORDERED and subject not in self._held:
            self._held[subject] = delivery
            self._push(delivery, delivery.arrives_at + LONGEST_HOLD, held_for=subject)
            return
        self._push(delivery, delivery.arrives_at)
        if fault.kind is FaultKind.REPEATED:
            again = self._marked(delivery, fault.kind, delivery.arrives_at + fault.delay)
            self._push(again, again.arrives_at)
        self._release(subject, delivery.arrives_at + timedelta(seconds=1))

    def put(self, delivery: Delivery) -> None:
        """Let a delivery arrive exactly when it says, whatever else happens."""
        self._push(delivery, delivery.arrives_at)

    def arrived(self, until: datetime | None) -> Iterator[Delivery]:
        """Take off, in order, what arrives before ``until``; everything when None."""
        while self._heap and (until is None or self._heap[0][0] < until):
            at, _, delivery, held_for = heappop(self._heap)
            if held_for is None:
                yield delivery
            elif self._held.get(held_for) is delivery:
                del self._held[held_for]
                yield self._marked(delivery, FaultKind.REORDERED, at)

    def _release(self, subject: tuple[str, str], at: datetime) -> None:
        """The message held for ``subject`` comes now, after the one that overtook it."""
        held = self._held.pop(subject, None)
        if held is not None:
            self._push(self._marked(held, FaultKind.REORDERED, at), at)

    def _through_line(self, delivery: Delivery) -> Delivery:
        """The delivery with its place in the feed's line, after an outage if there is one."""
        at = max(delivery.arrives_at, self._newest.get(delivery.feed_key, delivery.arrives_at) + GAP)
        outage = self._outage(at.date())
        if outage and outage.feed_key == delivery.feed_key and outage.begins <= at < outage.ends:
            at = outage.ends + GAP
            delivery = replace(delivery, faults=(*delivery.faults, FaultKind.OUTAGE))
        self._newest[delivery.feed_key] = at
        return replace(delivery, arrives_at=at)

    def _outage(self, day: date) -> Outage | None:
        if day not in self._outages:
            outage = self._outages[day] = outage_of(self.seed, self.plan, self.feeds, day)
            if outage:
                self.records.append(FaultRecord(FaultKind.OUTAGE, outage.feed_key, "", outage.begins, outage.ends, ()))
        return self._outages[day]

    def _marked(self, delivery: Delivery, kind: FaultKind, at: datetime) -> Delivery:
        self._note(kind, delivery, at)
        return replace(delivery, arrives_at=at, faults=(kind, *delivery.faults))

    def _note(self, kind: FaultKind, delivery: Delivery, until: datetime | None) -> None:
        ids = delivery.truth_event_ids
        self.records.append(FaultRecord(kind, delivery.feed_key, delivery.name, delivery.arrives_at, until, ids))

    def _push(self, delivery: Delivery, at: datetime, *, held_for: tuple[str, str] | None = None) -> None:
        self._turn += 1
        heappush(self._heap, (at, self._turn, delivery, held_for))
