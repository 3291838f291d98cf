"""What is folded and what comes out. Plain values; no database, no clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from scheduling.vocabulary import STANDING, MappingOutcome

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _stored(at: datetime) -> int:
    """A moment in JSON: microseconds since the epoch; seconds in floating point would not come back exactly."""
    return (at - _EPOCH) // _MICROSECOND


def _moment(stored: int) -> datetime:
    return _EPOCH + _MICROSECOND * stored


class Trouble(NamedTuple):
    """One reason why an appointment cannot be trusted. ``raw`` never holds a note or patient data."""

    kind: str  # TroubleKind
    raw: str
    at: datetime  # source time of the event that brought it

    def dump(self) -> list[Any]:
        """As stored in ``Appointment.troubles``."""
        return [self.kind, self.raw, _stored(self.at)]

    @classmethod
    def load(cls, row: list[Any]) -> "Trouble":
        """Read back what ``dump`` wrote."""
        return cls(row[0], row[1], _moment(row[2]))


class LeftSlot(NamedTuple):
    """A slot that the visit gave back."""

    resource: str
    starts_at: datetime
    minutes: int
    clinic_id: int | None
    visit_type: str | None
    cause: str  # EventKind: cancelled, bumped, deleted or rescheduled
    initiator: str | None
    vacated_at: datetime  # source time

    def dump(self) -> list[Any]:
        """As stored in ``Appointment.left``."""
        return [
            self.resource, _stored(self.starts_at), self.minutes, self.clinic_id, self.visit_type, self.cause,
            self.initiator, _stored(self.vacated_at),
        ]  # fmt: skip

    @classmethod
    def load(cls, row: list[Any]) -> "LeftSlot":
        """Read back what ``dump`` wrote."""
        return cls(
            row[0], _moment(row[1]), row[2], row[3], row[4], row[5], row[6],
            _moment(row[7]),
        )  # fmt: skip


# Facts that an event may state and the fold carries over one by one.
VISIT_FIELDS = (
    "starts_at", "minutes", "clinic_id", "clinic_code", "room", "resource", "provider_code", "provider_name",
    "visit_type", "visit_type_name",
)  # fmt: skip


@dataclass(slots=True)
class FoldEvent:
    """One mapped event as the fold needs it; ``None`` = not stated, ``""`` or a name in ``cleared`` = emptied."""

    order_key: bytes
    source_at: datetime
    received_at: datetime
    mapping: str = MappingOutcome.MAPPED
    kind: str | None = None
    status: str | None = None
    initiator: str | None = None
    set_by: str | None = None
    reason_flags: int = 0
    reason_code: str | None = None
    reason_text: str | None = None
    raw: str = ""  # trigger and status as the source wrote them, for troubles
    starts_at: datetime | None = None
    minutes: int | None = None
    clinic_id: int | None = None
    clinic_code: str | None = None
    room: str | None = None
    resource: str | None = None
    provider_code: str | None = None
    provider_name: str | None = None
    visit_type: str | None = None
    visit_type_name: str | None = None
    patient_id: int | None = None
    cleared: frozenset[str] = frozenset()
    has_bad_start: bool = False  # the start was stated, but its local time happens twice or never
    outcome: str = ""  # set by the fold: applied, superseded or held


@dataclass(slots=True)
class AppointmentState:
    """The fold's result; equal states are equal values. Times in UTC."""

    status: str | None = None
    status_at: datetime | None = None
    initiator: str | None = None
    set_by: str | None = None
    reason_flags: int = 0
    reason_code: str | None = None
    reason_text: str | None = None
    starts_at: datetime | None = None
    minutes: int | None = None
    clinic_id: int | None = None
    clinic_code: str | None = None
    room: str | None = None
    resource: str | None = None
    provider_code: str | None = None
    provider_name: str | None = None
    visit_type: str | None = None
    visit_type_name: str | None = None
    patient_id: int | None = None
    booked_at: datetime | None = None
    said_at: datetime | None = None
    heard_at: datetime | None = None
    order_key: bytes = b""
    events: int = 0
    troubles: tuple[Trouble, ...] = ()
    left: tuple[LeftSlot, ...] = ()

    def copy(self) -> "AppointmentState":
        """Another state of equal value; several times quicker than ``dataclasses.replace``, and a batch makes many."""
        return AppointmentState(*_fields_of(self))

    @property
    def occupies(self) -> bool:
        """Whether the visit takes up its slot; a visit of unknown status does, so that nobody is booked over it."""
        return self.starts_at is not None and (self.status is None or self.status in STANDING)


_fields_of = attrgetter(*AppointmentState.__slots__)
