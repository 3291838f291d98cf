"""The moving part: a queue of things to come, played in order of time. No clock, no global randomness."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from math import exp
from random import Random
from typing import NamedTuple

from scheduling.simulator.agenda import Agenda, Place
from scheduling.simulator.organisation import ClinicPlan, Organisation
from scheduling.simulator.people import PatientState, Population
from scheduling.simulator.truth import SlotState, TruthEvent, VisitState
from scheduling.vocabulary import EventKind, FeedFormat, Initiator, Status

STOCK_PER_CLINIC = 60


class Rates(NamedTuple):
    """How often things happen, as chances per booking unless said otherwise."""

    cancelled: float = 0.11
    rescheduled: float = 0.09
    deleted: float = 0.006
    missed: float = 0.075
    left_unseen: float = 0.012
    confirmed: float = 0.6  # of visits booked two days or more ahead
    changed: float = 0.03
    new_patient: float = 0.28
    rebooks_alone: float = 0.3  # of those whose visit fell away
    untold_check_in: float = 0.02
    untold_start: float = 0.12
    untold_completion: float = 0.02
    by_timer: float = 0.35  # of missed visits
    false_timer: float = 0.008  # attended, yet the timer says missed
    blocks_a_day: float = 0.05  # per provider
    openings_a_day: float = 0.03  # per provider
    patient_changes: float = 0.12  # per booking of the clinic
    deaths: float = 0.003  # per booking of the clinic


@dataclass(slots=True)
class Visit:
    """A visit in the making. ``plan`` counts up when what was to come no longer holds."""

    key: str
    clinic: ClinicPlan
    mrn: str
    place: Place
    visit_type: str
    room: str
    status: Status
    booked_at: datetime
    plan: int = 0
    reason: str = ""
    initiator: Initiator | None = None

    @property
    def starts_at(self) -> datetime:
        """Start, UTC."""
        return self.place.starts_at

    @property
    def minutes(self) -> int:
        """Duration."""
        return self.place.length * self.place.provider.slot_minutes


class World:
    """The simulated group: ``at`` plans an action, ``events`` plays them, ``emit_…`` write down what happens."""

    def __init__(
        self, organisation: Organisation, seed: int, begins: datetime, rates: Rates, duplicate_rate: float
    ) -> None:
        self.organisation = organisation
        self.rates = rates
        self.duplicate_rate = duplicate_rate
        self.now = begins
        self.random = Random(f"{seed}:world")
        # a generator of its own, so that the number of merges changes nothing else of the truth
        self.twins = Random(f"{seed}:twins")
        self.agendas = {key: Agenda(clinic) for key, clinic in organisation.clinics.items()}
        self.upcoming: dict[tuple[str, str], list[Visit]] = {key: [] for key in organisation.clinics}
        self.people = {
            source.key: Population(source.key, source.mrn_prefix, Random(f"{seed}:people:{source.key}"))
            for source in organisation.sources
        }
        self._keys = dict.fromkeys(self.people, 4_100_000)
        self._queue: list[tuple[datetime, int, Callable[..., None], tuple[object, ...]]] = []
        self._turn = 0
        self._events = 0
        self._fresh: list[TruthEvent] = []

    def at(self, when: datetime, action: Callable[..., None], *args: object) -> None:
        """Plan ``action(self, *args)``; what lies in the past happens now."""
        self._turn += 1
        # whole seconds, as sources write them: truth and message then agree to the letter
        heappush(self._queue, (max(when, self.now).replace(microsecond=0), self._turn, action, args))

    def soon(self, action: Callable[..., None], *args: object, minutes: float) -> None:
        """Plan an action some minutes from now."""
        self.at(self.now + timedelta(minutes=minutes), action, *args)

    def events(self) -> Iterator[TruthEvent]:
        """Every truth event in order of time, without end as long as something plans the next day."""
        while self._queue:
            self.now, _, action, args = heappop(self._queue)
            action(self, *args)
            fresh, self._fresh = self._fresh, []
            yield from fresh

    def next_key(self, source: str) -> str:
        """The next appointment id of a source."""
        self._keys[source] += 1
        return str(self._keys[source])

    def stock(self) -> None:
        """Give every source the patients it already knows."""
        for source in self.organisation.sources:
            for _ in range(STOCK_PER_CLINIC * len(source.clinics)):
                record = self.people[source.key].register(self.now.date())
                self.emit_patient(
                    record, EventKind.PATIENT_CHANGED, source.clinics[0].code, "registered", is_told=False
                )

    def emit_visit(
        self,
        visit: Visit,
        kind: EventKind,
        *,
        reason: str = "",
        status: Status | None = None,
        is_told: bool = True,
        is_true: bool = True,
    ) -> None:
        """Write down a visit event; ``status`` is what a false event claims instead of the truth."""
        record = self.people[visit.clinic.source].records[visit.mrn]
        if record.merged_into:
            visit.mrn = record.merged_into
            record = self.people[visit.clinic.source].records[visit.mrn]
        state = VisitState(
            key=visit.key,
            source=visit.clinic.source,
            clinic=visit.clinic.code,
            mrn=visit.mrn,
            provider=visit.place.provider.code,
            room=visit.room,
            visit_type=visit.visit_type,
            starts_at=visit.place.starts_at,
            minutes=visit.minutes,
            status=status or visit.status,
            booked_at=visit.booked_at,
            reason=reason or visit.reason,
            initiator=visit.initiator,
        )
        self._emit(kind, state.source, state.clinic, visit=state, patient=record, reason=reason,
                   is_told=is_told, is_true=is_true)  # fmt: skip

    def emit_patient(
        self,
        record: PatientState,
        kind: EventKind,
        clinic: str,
        reason: str = "",
        *,
        merged_mrn: str = "",
        is_told: bool = True,
    ) -> None:
        """Write down a patient event, heard of at ``clinic``."""
        self._emit(kind, record.source, clinic, patient=record, reason=reason, merged_mrn=merged_mrn, is_told=is_told)

    def emit_slot(self, clinic: ClinicPlan, place: Place, *, is_open: bool) -> None:
        """Write down a stretch of a template opened or blocked."""
        provider = place.provider
        slot = SlotState(
            key=f"{provider.code}-{place.starts_at:%Y%m%d%H%M}",
            source=clinic.source,
            clinic=clinic.code,
            provider=provider.code,
            room=provider.room,
            starts_at=place.starts_at,
            minutes=place.length * provider.slot_minutes,
            is_open=is_open,
        )
        kind = EventKind.SLOT_OPENED if is_open else EventKind.SLOT_BLOCKED
        self._emit(kind, clinic.source, clinic.code, slot=slot)

    def tells_merges(self, source: str) -> bool:
        """Whether the source can say that two records are one patient; an extract without such a column cannot."""
        return self.organisation.by_key[source].format is not FeedFormat.CSV

    def _emit(self, kind: EventKind, source: str, clinic: str, **fields: object) -> None:
        self._events += 1
        self._fresh.append(TruthEvent(self._events, self.now, kind, source, clinic, **fields))  # type: ignore[arg-type]  # callers above are typed


def poisson(random: Random, mean: float) -> int:
    """A Poisson draw (Knuth's product of uniforms; means here are below 100)."""
    limit, product, count = exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count
