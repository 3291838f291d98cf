"""What really happened: truth events, the states they leave, and a log that answers for any moment.

All times are aware UTC. A truth event may be untold (nobody entered it) or false (a timer's guess), so what a source
says and what is true can be told apart.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from scheduling.simulator.people import PatientState
from scheduling.vocabulary import EventKind, Initiator, Status


class VisitState(NamedTuple):
    """One visit right after an event. ``clinic``, ``provider``, ``room`` and ``visit_type`` are the source's codes."""

    key: str
    source: str
    clinic: str
    mrn: str
    provider: str
    room: str
    visit_type: str
    starts_at: datetime
    minutes: int
    status: Status
    booked_at: datetime
    reason: str = ""
    initiator: Initiator | None = None


class SlotState(NamedTuple):
    """A stretch of a provider's template that was opened or blocked."""

    key: str
    source: str
    clinic: str
    provider: str
    room: str
    starts_at: datetime
    minutes: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class TruthEvent:
    """One thing that happened at ``at``. Ids count up in the order of happening.

    ``reason`` is a key of ``REASONS``, ``timer``, or what a patient event was about (``registered``, ``walk_in``,
    ``person``, ``died``). ``is_told``: the source knows of it. ``is_true``: it really happened.
    """

    id: int
    at: datetime
    kind: EventKind
    source: str
    clinic: str
    visit: VisitState | None = None
    patient: PatientState | None = None
    slot: SlotState | None = None
    reason: str = ""
    merged_mrn: str = ""
    is_told: bool = True
    is_true: bool = True

    @property
    def subject(self) -> tuple[str, str]:
        """The visit, patient or slot that the event is about, as (kind letter and source, key)."""
        if self.visit is not None and self.kind not in PATIENT_KINDS:
            return f"v:{self.source}", self.visit.key
        if self.slot is not None:
            return f"s:{self.source}", self.slot.key
        return f"p:{self.source}", self.patient.mrn if self.patient else ""

    def with_patient(self, people: Mapping[str, PatientState]) -> "TruthEvent":
        """The same event with the patient's record as it stands in ``people``."""
        newest = people.get(self.patient.mrn) if self.patient else None
        return self if newest is None or newest is self.patient else replace(self, patient=newest)


PATIENT_KINDS = frozenset({EventKind.PATIENT_CHANGED, EventKind.PATIENTS_MERGED, EventKind.PATIENT_DIED})


class TruthLog:
    """Keeps every truth event and answers what was the case at any moment; feed it events in order of time."""

    def __init__(self, events: Iterable[TruthEvent] = ()) -> None:
        self.events: list[TruthEvent] = []
        self._times: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        self._by_subject: dict[tuple[str, str], list[TruthEvent]] = defaultdict(list)
        self._by_id: dict[int, TruthEvent] = {}
        for event in events:
            self.add(event)

    def add(self, event: TruthEvent) -> None:
        """Append one event, which must not be older than the last one."""
        self.events.append(event)
        self._by_id[event.id] = event
        self._by_subject[event.subject].append(event)
        self._times[event.subject].append(event.at)

    def event(self, event_id: int) -> TruthEvent:
        """The event of that id; KeyError if there is none."""
        return self._by_id[event_id]

    def history(self, source: str, key: str) -> tuple[TruthEvent, ...]:
        """All events of one visit in order, untold and false ones included."""
        return tuple(self._by_subject.get((f"v:{source}", key), ()))

    def visit_at(self, source: str, key: str, at: datetime) -> VisitState | None:
        """The true state of a visit at a moment (events of that very moment included); None before it was booked."""
        return next((event.visit for event in self._until(f"v:{source}", key, at) if event.is_true), None)

    def told_at(self, source: str, key: str, at: datetime) -> VisitState | None:
        """What the source itself believed of a visit at a moment: told events, false ones included."""
        return next((event.visit for event in self._until(f"v:{source}", key, at) if event.is_told), None)

    def patient_at(self, source: str, mrn: str, at: datetime) -> PatientState | None:
        """The true state of a patient record at a moment; None before it was registered."""
        return next((event.patient for event in self._until(f"p:{source}", mrn, at)), None)

    def visits(self) -> tuple[tuple[str, str], ...]:
        """(source, key) of every visit ever booked."""
        return tuple((kind[2:], key) for kind, key in self._by_subject if kind.startswith("v:"))

    def survivor(self, source: str, mrn: str, at: datetime) -> str:
        """The record that ``mrn`` has been merged into by then, itself if none."""
        while (state := self.patient_at(source, mrn, at)) and state.merged_into:
            mrn = state.merged_into
        return mrn

    def _until(self, kind: str, key: str, at: datetime) -> Iterable[TruthEvent]:
        """Events of one subject up to a moment, newest first."""
        events = self._by_subject.get((kind, key), [])
        return reversed(events[: bisect_right(self._times.get((kind, key), []), at)])
