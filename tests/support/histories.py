"""Hand-made histories: appointments with mapped events as digestion would have stored them, without messages.

tell(desk, "V1", [(DAY, "booked"), (HOUR, "completed")])     # booked a day ago, completed an hour ago
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from scheduling.folding.order import order_key
from scheduling.models import Appointment, MappedEvent
from scheduling.vocabulary import EventKind, MappingOutcome, Outcome
from tests.support.desk import Desk

RAW = ("trigger", "filler_status", "event_reason", "appointment_reason", "appointment_type", "resource_status", "note")


def tell(
    desk: Desk, visit: str, said: Iterable[tuple[timedelta, str | None]], *, clinic: str = "CARD", **more: Any
) -> int:
    """Store a visit's events, each (how long before ``desk.now`` by the source, status); returns the appointment's id.

    ``more`` goes to every event: ``kind``, ``outcome``, ``initiator``, ``set_by``.
    Equal times stand in the order given.
    """
    told = list(said)
    times = [desk.now - ago for ago, _ in told]
    appointment = Appointment.objects.create(
        source=desk.source, namespace="", external_id=visit, occurrence="", clinic=desk.clinics[clinic],
        booked_at=min(times), said_at=max(times), heard_at=max(times), order_key=b"", events=len(told),
    )  # fmt: skip
    MappedEvent.objects.bulk_create(
        _event(desk, appointment, number, at, status, more)
        for number, (at, (_, status)) in enumerate(zip(times, told, strict=True))
    )
    return appointment.pk


def _event(
    desk: Desk, visit: Appointment, number: int, at: Any, status: str | None, more: dict[str, Any]
) -> MappedEvent:
    fields = {
        "kind": EventKind.CHANGED, "outcome": Outcome.APPLIED, "mapping": MappingOutcome.MAPPED, "message_id": 0,
        "part": 0, "has_sequence": True, "order_key": order_key(at, number, "", b"\0" * 16),
        **dict.fromkeys(RAW, ""), **more,
    }  # fmt: skip
    return MappedEvent(feed=desk.feed, appointment=visit, source_at=at, received_at=at, status=status, **fields)
