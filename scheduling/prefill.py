"""What a rule form says before the person has said anything: from a rule, from signals, from a row of a pack."""

from dataclasses import dataclass
from typing import Any

from scheduling.facts import Signals
from scheduling.forms_mapping import ANY, IS, NONE
from scheduling.mapping.packs import PackRow
from scheduling.mapping.rules import Rule
from scheduling.models import MappingRule
from scheduling.vocabulary import EventKind, Initiator, SetBy, Status

# Signals that a new rule states when the message says them; purpose, type and note are rarely what a status hangs on.
TELLING = ("trigger", "filler_status", "event_reason", "resource_status")


@dataclass(frozen=True, slots=True)
class Common:
    """A meaning that is given often, with its key."""

    name: str
    key: str
    label: str
    status: Status | None
    initiator: Initiator | None = None
    kind: EventKind | None = None
    counts_as_missed: bool = False


COMMON = (
    Common("booked", "b", "Booked", Status.BOOKED),
    Common("confirmed", "f", "Confirmed", Status.CONFIRMED),
    Common("arrived", "i", "Checked in", Status.CHECKED_IN),
    Common("completed", "d", "Completed", Status.COMPLETED),
    Common("patient", "c", "Cancelled by patient", Status.CANCELLED, Initiator.PATIENT),
    Common("bumped", "u", "Bumped by clinic", Status.BUMPED, Initiator.CLINIC),
    Common("missed", "m", "Missed", Status.MISSED, counts_as_missed=True),
    Common("nothing", "w", "Changes no status", None, kind=EventKind.CHANGED),
)


def from_rule(rule: MappingRule | Rule) -> dict[str, Any]:
    """A rule as it stands."""
    values: dict[str, Any] = {
        "clinic": rule.clinic_id or "",
        "kind": rule.kind or "",
        "status": rule.status or "",
        "initiator": rule.initiator or "",
        "remark": getattr(rule, "remark", ""),
    }
    names = ("initiator_by_reason", "set_by", "reopens", "suppresses", "counts_as_missed")
    values |= {name: getattr(rule, name) for name in names}
    for name in Signals._fields:
        part = getattr(rule, name)
        values |= {f"{name}_mode": ANY if part is None else IS if part else NONE, name: part or ""}
    return values


def from_signals(signals: Signals) -> dict[str, Any]:
    """A new rule for what a message says: stated is what statuses hang on, the rest may be anything."""
    values: dict[str, Any] = {"set_by": SetBy.PERSON.value, "reopens": True, "clinic": ""}
    for name, said in zip(Signals._fields, signals, strict=True):
        values |= {f"{name}_mode": IS if said and name in TELLING else ANY, name: said}
    if not any(getattr(signals, name) for name in TELLING[1:]):
        values["filler_status_mode"] = NONE  # what the event means where nothing else is said
    return values


def from_pack(row: PackRow) -> dict[str, Any]:
    """A row of a starter pack with as much of a meaning as it has."""
    said = row.translation
    values: dict[str, Any] = {
        "kind": said.kind or "",
        "status": said.status or "",
        "initiator": said.initiator or "",
        "initiator_by_reason": row.initiator_by_reason,
        "set_by": said.set_by,
        "reopens": said.reopens,
        "suppresses": said.suppresses,
        "counts_as_missed": said.counts_as_missed,
        "remark": said.remark[:300],
        "pack": row.pack,
        "pack_row": row.row,
        "clinic": "",
    }
    for name, part in zip(Signals._fields, row.signals, strict=True):
        values |= {f"{name}_mode": ANY if part is None else IS if part else NONE, name: part or ""}
    return values


def with_common(values: dict[str, Any], name: str) -> dict[str, Any]:
    """The same form with one of the common meanings; an unknown name changes nothing."""
    common = next((one for one in COMMON if one.name == name), None)
    if common is None:
        return values
    return values | {
        "status": common.status or "",
        "initiator": common.initiator or "",
        "kind": common.kind or "",
        "counts_as_missed": common.counts_as_missed,
        "initiator_by_reason": False,
    }
