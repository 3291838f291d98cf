"""What a source sends when its feed is switched on: what stands in its book, told with the times of long ago."""

from collections.abc import Iterator
from datetime import datetime

from scheduling.simulator.truth import PATIENT_KINDS, TruthEvent
from scheduling.vocabulary import EventKind, Status

STANDING = frozenset({Status.BOOKED, Status.CONFIRMED})


class Backlog:
    """Collects the told events before the start."""

    def __init__(self) -> None:
        self.events: list[TruthEvent] = []

    def add(self, event: TruthEvent) -> None:
        """Keep a told event."""
        if event.is_told:
            self.events.append(event)

    def standing(self, start: datetime) -> Iterator[TruthEvent]:
        """In order: every patient's newest event, merges, and all events of visits that stand ahead of ``start``."""
        newest = {event.subject: event.id for event in self.events if event.kind is EventKind.PATIENT_CHANGED}
        last = {event.subject: event.visit for event in self.events if event.visit and event.kind not in PATIENT_KINDS}
        ahead = {key for key, visit in last.items() if visit.starts_at >= start and visit.status in STANDING}
        for event in self.events:
            is_merge = event.kind is EventKind.PATIENTS_MERGED
            if is_merge or newest.get(event.subject) == event.id or event.subject in ahead:
                yield event
