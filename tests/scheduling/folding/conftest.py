"""Events of one visit for the fold; no database."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import count
from typing import Any

import pytest

from scheduling.folding.order import order_key
from scheduling.folding.state import FoldEvent
from scheduling.vocabulary import EventKind, MappingOutcome, Status

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
KINDS = {
    Status.BOOKED: EventKind.CREATED,
    Status.CANCELLED: EventKind.CANCELLED,
    Status.BUMPED: EventKind.BUMPED,
    Status.MISSED: EventKind.MISSED,
    Status.COMPLETED: EventKind.COMPLETED,
    Status.CHECKED_IN: EventKind.CHECKED_IN,
    Status.ENTERED_IN_ERROR: EventKind.DELETED,
}


@pytest.fixture
def event():
    """Build the event of a minute after nine: ``event(3, Status.BOOKED, starts_at=…)``, received as it happened."""
    numbers = count(1)

    def build(minute: int, status: Status | None = None, *, sequence=None, control="", part=0, **fields) -> FoldEvent:
        at = NINE + timedelta(minutes=minute)
        digest = blake2b(f"{control or next(numbers)}".encode(), digest_size=16).digest()
        kind = KINDS.get(status, EventKind.CHANGED) if status else EventKind.CHANGED
        facts: dict[str, Any] = {"kind": kind, "received_at": at}
        if status is None and "kind" not in fields and "mapping" in fields:
            facts["kind"] = None
        return FoldEvent(order_key(at, sequence, control, digest, part), at, status=status, **facts | fields)

    return build


@pytest.fixture
def booking(event):
    """A booking at nine of a visit of patient 7 at the noon after next, in clinic 1."""
    return event(
        0, Status.BOOKED, starts_at=NINE + timedelta(hours=51), minutes=30, clinic_id=1, clinic_code="CARD",
        resource="OKAFOR", visit_type="ECHO", patient_id=7,
    )  # fmt: skip


UNMAPPED = MappingOutcome.UNMAPPED
