"""The nightly full extract: every visit from three days ago on, as the source believes it to be that night."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random
from zlib import crc32
from zoneinfo import ZoneInfo

from scheduling.simulator.agenda import local
from scheduling.simulator.codes import Odd
from scheduling.simulator.dialects import DIALECTS
from scheduling.simulator.faults import FaultKind, FaultPlan, FaultRecord, content_fault
from scheduling.simulator.people import PatientState
from scheduling.simulator.render.csv import CsvRenderer
from scheduling.simulator.render.lookup import Lookup
from scheduling.simulator.truth import PATIENT_KINDS, TruthEvent
from scheduling.simulator.wire import Delivery
from scheduling.vocabulary import EventKind

TAKEN = time(2, 30)  # local; skipped by no DST change of the zones used, which jump from 02:00 in spring
LOOKS_BACK = timedelta(days=3)
USUAL_DELAY = timedelta(minutes=18)


class NightlyExtracts:
    """Remembers what one source believes and writes its extracts."""

    def __init__(
        self, lookup: Lookup, seed: int, plan: FaultPlan, records: list[FaultRecord], *, after: datetime
    ) -> None:
        self.lookup, self.seed, self.plan, self.records = lookup, seed, plan, records
        self.renderer = CsvRenderer(lookup)
        self.zone = ZoneInfo(lookup.source.timezone)
        self.random = Random(f"{seed}:extracts:{lookup.source.key}")
        self._visits: dict[str, TruthEvent] = {}
        self._people: dict[str, PatientState] = {}
        self._night = after.astimezone(self.zone).date()
        self._next = local(self._night, TAKEN, self.zone)
        if self._next < after:
            self._advance()

    def add(self, event: TruthEvent) -> None:
        """Take in one event of the source; untold ones change nothing."""
        if event.patient is not None:
            self._people[event.patient.mrn] = event.patient
        if event.is_told and event.visit is not None and event.kind not in PATIENT_KINDS:
            self._visits[event.visit.key] = event
            if event.kind is EventKind.DELETED:
                del self._visits[event.visit.key]  # a deleted row is no longer in the table: it vanishes

    def due(self, until: datetime, feed_key: str) -> Iterator[Delivery]:
        """The extracts taken before ``until``."""
        while self._next < until:
            yield from self._write(self._next, feed_key)
            self._advance()

    def _advance(self) -> None:
        self._night += timedelta(days=1)
        self._next = local(self._night, TAKEN, self.zone)

    def _write(self, taken_at: datetime, feed_key: str) -> Iterator[Delivery]:
        self._forget(taken_at)
        name = f"elm_{self._night:%Y%m%d}.csv"
        events = [event.with_patient(self._people) for event in self._visits.values()]
        odds: dict[str, Odd] = {}
        rows: list[TruthEvent] = []
        for event in sorted(events, key=_by_start):
            rows.append(event)
            self._spoil(event, odds, rows, f"{feed_key}", name)
        kind = self._fate()
        arrives_at = taken_at + USUAL_DELAY + (timedelta(hours=3 + self.random.random() * 24) if kind else timedelta(0))
        ids = tuple(event.id for event in rows)
        if kind:
            until = None if kind is FaultKind.LOST else arrives_at
            self.records.append(FaultRecord(kind, feed_key, name, taken_at, until, ids))
        if kind is not FaultKind.LOST:
            body = self.renderer.extract(rows, taken_at, odds)
            yield Delivery(feed_key, body, taken_at, arrives_at, ids, name, len(rows), (kind,) if kind else ())

    def _fate(self) -> FaultKind | None:
        luck = self.random.random()
        if luck < self.plan.lost:
            return FaultKind.LOST
        return FaultKind.LATE if luck < self.plan.lost + self.plan.late + self.plan.reordered else None

    def _forget(self, taken_at: datetime) -> None:
        old = [key for key, event in self._visits.items() if _by_start(event)[0] < taken_at - LOOKS_BACK]
        for key in old:
            del self._visits[key]

    def _spoil(self, event: TruthEvent, odds: dict[str, Odd], rows: list[TruthEvent], feed_key: str, name: str) -> None:
        """Row faults. A wrong code stays with its visit until the status changes, as it does in a real table."""
        assert event.visit is not None  # noqa: S101 - only visits are kept
        message = f"{name}#{event.visit.key}"
        draw = crc32(f"{self.seed}:{event.id}".encode())
        kind = content_fault(draw / 2**32, self.plan, event.at)
        if kind in {FaultKind.UNMAPPED, FaultKind.CONTRADICTORY}:
            dialect = DIALECTS[event.source]
            choice = dialect.unknown if kind is FaultKind.UNMAPPED else dialect.contradictions
            fitting = [odd for odd in choice if event.kind in odd.kinds]
            if fitting:
                odds[event.visit.key] = fitting[draw % len(fitting)]
                self.records.append(FaultRecord(kind, feed_key, message, event.at, None, (event.id,)))
        if self.random.random() < self.plan.repeated:
            rows.append(event)
            self.records.append(FaultRecord(FaultKind.REPEATED, feed_key, message, event.at, None, (event.id,)))


def _by_start(event: TruthEvent) -> tuple[datetime, str]:
    assert event.visit is not None  # noqa: S101 - only visits are kept
    return event.visit.starts_at, event.visit.key
