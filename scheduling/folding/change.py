"""What one batch of digestion hands to the upper floors: who changed, from what to what, and why."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from scheduling.folding.state import AppointmentState, FoldEvent
from scheduling.patients.state import PatientState


class ArrivedEvent(NamedTuple):
    """One event that the batch added to an appointment, as it came in.

    ``is_listed``: it stands in a file, which tells how things stood when the file was made, not when they happened.
    ``tells_check_ins``: a meaning in force at the source says that patients are there, so check-ins can be expected.
    """

    event: FoldEvent
    trigger: str
    message_id: int
    is_listed: bool
    tells_check_ins: bool


class DistantMessage(NamedTuple):
    """A message whose own time lies over a minute away from its receipt.

    ``stops_outreach``: it says of a patient what ends outreach (death, merge, refusal, restriction).
    ``feed_hours_behind``: by how many whole hours the newest content of its feed lay behind the newest receipt before
    it came; 0 where it did not, or where nobody asked.
    """

    source_id: int
    feed_id: int
    message_id: int
    source_at: datetime
    received_at: datetime
    stops_outreach: bool
    feed_hours_behind: int


@dataclass(slots=True)
class LateEvent:
    """An older event that arrived after newer ones. ``has_effect``: the picture is another than without it."""

    at: datetime
    has_effect: bool
    message_id: int


@dataclass(slots=True)
class AppointmentChange:
    """One appointment touched by the batch; ``before`` is None where the batch created it.

    ``arrived`` are the events it added, but for those of the past that a feed sends on its first day.
    """

    appointment_id: int
    source_id: int
    feed_id: int
    before: AppointmentState | None
    after: AppointmentState
    message_ids: tuple[int, ...]
    late: LateEvent | None = None
    arrived: tuple[ArrivedEvent, ...] = ()


@dataclass(slots=True)
class PatientChange:
    """One patient record touched by the batch."""

    patient_id: int
    source_id: int
    before: PatientState | None
    after: PatientState
    message_ids: tuple[int, ...]


@dataclass(slots=True)
class ArrivalFact:
    """Something about a message itself, not about what it says; ``kind`` is the id of a check.

    ``raw`` is the culprit value, without patient data; ``at`` is source time where known, else receipt. What no single
    message brought about has no message.
    """

    kind: str
    source_id: int
    feed_id: int
    clinic_id: int | None
    raw: str
    message_id: int | None
    at: datetime


@dataclass(slots=True, frozen=True)
class Evidence:
    """Why an appointment means something else now: the replay of a publication of one source's mapping."""

    replay_id: int
    source_name: str
    revision: int
    publication: int

    def __str__(self) -> str:
        return f"{self.source_name}: revision {self.revision}, publication {self.publication}."


@dataclass(slots=True)
class BatchChanges:
    """Everything a batch changed below. ``resource_days`` are the owner rows locked for changed places in time.

    ``replayed`` says of appointments whose events were given another meaning which replay did it.
    """

    now: datetime
    appointments: list[AppointmentChange] = field(default_factory=list)
    patients: list[PatientChange] = field(default_factory=list)
    arrivals: list[ArrivalFact] = field(default_factory=list)
    distant: list[DistantMessage] = field(default_factory=list)
    resource_days: set[int] = field(default_factory=set)
    replayed: dict[int, Evidence] = field(default_factory=dict)

    def replay_of(self, appointment_id: int) -> int | None:
        """The replay that gave an appointment another meaning in this batch, if one did."""
        evidence = self.replayed.get(appointment_id)
        return evidence.replay_id if evidence else None
