"""What one batch of digestion hands to the upper floors: who changed, from what to what, and why."""

from dataclasses import dataclass, field
from datetime import datetime

from scheduling.folding.state import AppointmentState
from scheduling.patients.state import PatientState


@dataclass(slots=True)
class LateEvent:
    """An older event that arrived after newer ones. ``has_effect``: the picture is another than without it."""

    at: datetime
    has_effect: bool
    message_id: int


@dataclass(slots=True)
class AppointmentChange:
    """One appointment touched by the batch; ``before`` is None where the batch created it."""

    appointment_id: int
    source_id: int
    feed_id: int
    before: AppointmentState | None
    after: AppointmentState
    message_ids: tuple[int, ...]
    late: LateEvent | None = None


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

    ``raw`` is the culprit value, without patient data; ``at`` is source time where known, else receipt.
    """

    kind: str
    source_id: int
    feed_id: int
    clinic_id: int | None
    raw: str
    message_id: int
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
    resource_days: set[int] = field(default_factory=set)
    replayed: dict[int, Evidence] = field(default_factory=dict)

    def replay_of(self, appointment_id: int) -> int | None:
        """The replay that gave an appointment another meaning in this batch, if one did."""
        evidence = self.replayed.get(appointment_id)
        return evidence.replay_id if evidence else None
