"""The whole simulator in one object: truth happens, sources tell it in their dialects, the wire delivers it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from scheduling.simulator import days
from scheduling.simulator.backlog import Backlog
from scheduling.simulator.codes import Odd
from scheduling.simulator.dialects import DIALECTS
from scheduling.simulator.extracts import NightlyExtracts
from scheduling.simulator.faults import NONE, FaultKind, FaultPlan, FaultRecord, content_fault
from scheduling.simulator.organisation import Organisation
from scheduling.simulator.render.fhir import FhirRenderer
from scheduling.simulator.render.hl7 import Hl7Renderer
from scheduling.simulator.render.lookup import Lookup
from scheduling.simulator.truth import PATIENT_KINDS, TruthEvent, TruthLog
from scheduling.simulator.wire import Delivery, Wire
from scheduling.simulator.world import Rates, World
from scheduling.vocabulary import FeedFormat

WARM_UP = timedelta(days=28)  # long enough for the book to fill to its usual depth
SYSTEM_LAG = timedelta(seconds=1)
WRONG_ZONE_BY = timedelta(hours=1)


class Portal(NamedTuple):
    """From ``begins`` (UTC) on, patients do about ``per_minute`` things a minute in the portals, at any hour."""

    begins: datetime
    per_minute: float


class Simulation:
    """Deliveries of ``days`` days from ``starts_at`` (UTC; no end when None), repeatable from the seed.

    ``log`` answers what really happened (also in the weeks before, in which the book filled), ``faults`` what was
    injected. At the start every source sends what stands in its book, as an initial load does.
    """

    def __init__(
        self,
        seed: int,
        organisation: Organisation,
        days: int | None = 30,
        faults: FaultPlan = NONE,
        *,
        starts_at: datetime = datetime(2026, 3, 2, tzinfo=UTC),
        portal: Portal | None = None,
        keeps_log: bool = True,
    ) -> None:
        self.seed, self.organisation, self.plan = seed, organisation, faults
        self.starts_at = starts_at
        self.ends_at = None if days is None else self.starts_at + timedelta(days=days)
        self.portal = portal
        self.log = TruthLog()
        self.faults: list[FaultRecord] = []
        self.world = World(organisation, seed, self.starts_at - WARM_UP, Rates(), faults.duplicate_records)
        self._keeps_log = keeps_log
        self._content = Random(f"{seed}:content")
        lookups = {source.key: Lookup(source, DIALECTS[source.key]) for source in organisation.sources}
        self._renderers: dict[str, Hl7Renderer | FhirRenderer] = {}
        self._extracts: dict[str, NightlyExtracts] = {}
        for source in organisation.sources:
            if source.format is FeedFormat.CSV:
                extracts = NightlyExtracts(lookups[source.key], seed, faults, self.faults, after=self.starts_at)
                self._extracts[source.key] = extracts
            elif source.format is FeedFormat.FHIR:
                self._renderers[source.key] = FhirRenderer(lookups[source.key])
            else:
                self._renderers[source.key] = Hl7Renderer(lookups[source.key])
        self._feeds = {source.key: source.feed_key for source in organisation.sources}
        live = tuple(self._feeds[key] for key in self._renderers)
        self._wire = Wire(seed, faults, live, self.faults)

    def __iter__(self) -> Iterator[Delivery]:
        return self.deliveries()

    def deliveries(self) -> Iterator[Delivery]:
        """Every delivery in order of arrival; can be taken once."""
        backlog = Backlog()
        for event in self._events():
            if event.at < self.starts_at:
                backlog.add(event)
                self._remember(event)
                continue
            if backlog.events:
                self._send_backlog(backlog)
            yield from self._nightly(event.at)
            yield from self._wire.arrived(event.at)
            self._remember(event)
            if event.is_told and event.source in self._renderers:
                self._send(event)
        yield from self._wire.arrived(None)

    def _events(self) -> Iterator[TruthEvent]:
        """Truth from the warm-up to the end, logged as it happens."""
        world = self.world
        world.at(world.now, World.stock)
        world.at(world.now, days.sweep)
        for clinic in self.organisation.clinics.values():
            world.at(world.now, days.dawn, clinic, world.now.astimezone(clinic.zone).date())
        if self.portal is not None:
            world.at(self.portal.begins, days.portal, self.portal.per_minute)
        for event in world.events():
            if self.ends_at is not None and event.at >= self.ends_at:
                return
            if self._keeps_log:
                self.log.add(event)
            yield event

    def _remember(self, event: TruthEvent) -> None:
        if event.source in self._extracts:
            self._extracts[event.source].add(event)

    def _send_backlog(self, backlog: Backlog) -> None:
        """The initial load, a hundredth of a second apart, with the source times of long ago."""
        at = self.starts_at
        for event in backlog.standing(self.starts_at):
            body = self._renderers[event.source].render(event) if event.source in self._renderers else None
            if body is not None:
                at += timedelta(milliseconds=10)
                name = f"event {event.id}"
                self._wire.put(Delivery(self._feeds[event.source], body, at, at, (event.id,), name))
        backlog.events.clear()

    def _nightly(self, until: datetime) -> Iterator[Delivery]:
        for source, extracts in self._extracts.items():
            for delivery in extracts.due(until, self._feeds[source]):
                yield from self._wire.arrived(delivery.sent_at)
                self._wire.put(delivery)

    def _send(self, event: TruthEvent) -> None:
        """Say one event in the source's dialect, perhaps wrongly."""
        kind, odd = self._content_fault(event)
        shift = WRONG_ZONE_BY if kind is FaultKind.WRONG_ZONE else timedelta(0)
        body = self._renderers[event.source].render(event, odd, shift)
        if body is None:
            return
        feed_key = self._feeds[event.source]
        faults = () if kind is None else (kind,)
        if kind is not None:
            self.faults.append(FaultRecord(kind, feed_key, f"event {event.id}", event.at, None, (event.id,)))
        sent_at = event.at + SYSTEM_LAG
        arrives_at = sent_at + timedelta(seconds=self._content.random() * 2)
        delivery = Delivery(feed_key, body, sent_at, arrives_at, (event.id,), f"event {event.id}", faults=faults)
        self._wire.send(delivery, event.subject)

    def _content_fault(self, event: TruthEvent) -> tuple[FaultKind | None, Odd | None]:
        """The content fault that befalls a message, and the signals it then carries."""
        luck, pick = self._content.random(), self._content.random()
        if event.merged_mrn:
            return (FaultKind.MERGED if self.plan.duplicate_records else None), None
        kind = content_fault(luck, self.plan, event.at)
        if kind in {None, FaultKind.WRONG_ZONE}:
            return kind, None
        dialect = DIALECTS[event.source]
        odds = dialect.unknown if kind is FaultKind.UNMAPPED else dialect.contradictions
        fitting = [odd for odd in odds if event.kind in odd.kinds] if event.kind not in PATIENT_KINDS else []
        return (kind, fitting[int(pick * len(fitting))]) if fitting else (None, None)
