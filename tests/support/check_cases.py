"""Cases of checks that are judged inside a batch: pure facts, and what is to be found in them.

Each check's table entry must show a hit, a near miss, its boundary and a day on which the clocks change:

    CASES = {"missed_before_start": (Case(HIT, visit("missed", ...), [("missed_before_start", "")]), ...)}
    test = pytest.mark.parametrize(*parameters(CASES))
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from scheduling.folding.change import AppointmentChange, ArrivedEvent, DistantMessage
from scheduling.folding.fold import fold
from scheduling.folding.order import order_key
from scheduling.folding.state import AppointmentState, FoldEvent

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHICAGO = ZoneInfo("America/Chicago")
# 1:30 in the night of the 25-hour day, the second time; 9:00 on both days, and on the day before the 23-hour day.
REPEATED = datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=CHICAGO).astimezone(UTC)
LONG_DAY = datetime(2026, 11, 1, 9, tzinfo=CHICAGO).astimezone(UTC)
SHORT_DAY = datetime(2026, 3, 8, 9, tzinfo=CHICAGO).astimezone(UTC)
HIT, MISS, BOUNDARY, CLOCKS = "hit", "near miss", "boundary", "clock change"


class Case(NamedTuple):
    """What is looked at, and the (check, raw value) that are found in it."""

    kind: str
    facts: Any
    found: Sequence[tuple[str, str]] = ()


Cases = Mapping[str, Sequence[Case]]


def parameters(cases: Cases) -> tuple[str, list[Any]]:
    """The arguments of ``pytest.mark.parametrize`` for a table."""
    rows = [
        pytest.param(check, case, id=f"{check}: {case.kind} {number}")
        for check, entry in cases.items()
        for number, case in enumerate(entry, 1)
    ]
    return "check, case", rows


def gaps(module: ModuleType, cases: Cases) -> list[str]:
    """Which checks of a module a table leaves out, and which kinds of cases it leaves out of the others."""
    kinds = (HIT, MISS, BOUNDARY, CLOCKS)
    shown = {check: {case.kind for case in entry} for check, entry in cases.items()}
    return [
        f"{check.id}: {kind}" for check in module.CHECKS for kind in kinds if kind not in shown.get(check.id, set())
    ]


def visit(status: str | None, **changed: Any) -> AppointmentState:
    """The state of a whole visit that starts at noon and of which all was said at noon."""
    facts: dict[str, Any] = {
        "status": status, "status_at": NOON, "said_at": NOON, "starts_at": NOON, "minutes": 30, "clinic_id": 3,
        "clinic_code": "IMG", "resource": "MR2", "visit_type": "MRKNEE", "patient_id": 7, "set_by": "person",
        "initiator": "patient", "reason_code": "PT01", "booked_at": NOON - 9 * DAY, "events": 2,
    }  # fmt: skip
    return AppointmentState(**facts | changed)


def said(
    kind: str,
    at: datetime,
    *,
    received: datetime | None = None,
    trigger: str = "S14",
    is_listed: bool = False,
    tells_check_ins: bool = True,
    digest: bytes = b"1",
    **facts: Any,
) -> ArrivedEvent:
    """One event of a visit that starts at noon, received a second after ``at`` unless said otherwise."""
    fields: dict[str, Any] = {"status": _STATUS[kind], "starts_at": NOON, "minutes": 30, "clinic_id": 3}
    received_at = received or at + timedelta(seconds=1)
    event = FoldEvent(order_key(at, None, kind, digest), at, received_at, kind=kind, **fields | facts)
    return ArrivedEvent(event, trigger, 1, is_listed, tells_check_ins and event.status == "completed")


def booked(at: datetime, **facts: Any) -> ArrivedEvent:
    """Its booking."""
    return said("created", at, trigger="S12", **facts)


_STATUS = {
    "created": "booked", "rescheduled": "booked", "changed": None, "confirmed": "confirmed", "checked_in": "checked_in",
    "started": "in_progress", "completed": "completed", "cancelled": "cancelled", "bumped": "bumped",
    "missed": "missed", "deleted": "entered_in_error",
}  # fmt: skip


def arriving(*arrived: ArrivedEvent, known: Sequence[ArrivedEvent] = ()) -> AppointmentChange:
    """The change of one visit by a batch that brings ``arrived`` to what was ``known``."""
    before = fold([each.event for each in known]) if known else None
    after = fold([each.event for each in (*known, *arrived)])
    return AppointmentChange(5, 1, 1, before, after, (1,), None, arrived)


def distant(at: datetime, received: datetime, *, stops: bool = False, behind: int = 0) -> DistantMessage:
    """A message whose own time lies away from its receipt."""
    return DistantMessage(1, 1, 9, at, received, stops, behind)
