"""Whether an imported row makes sense: the same questions that the forms and the database ask; pure."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from scheduling.facts import Signals
from scheduling.mapping.errors import InvalidMappingError, UnknownPackError
from scheduling.mapping.packs import read_pack
from scheduling.mapping.rows import Table, Value
from scheduling.mapping.rules import Rule
from scheduling.mapping.validation import canonical_rule
from scheduling.vocabulary import EventKind, Initiator, Status

CLINIC_CANCELS = "A cancellation by the clinic is written as status bumped."
BUMPS = "A bumped visit is the clinic's doing: write clinic."
BUMPED_KIND = "The status is bumped, so the kind is bumped too, or empty."


def row_problems(table: Table, values: Mapping[str, Value], clinics: Collection[str]) -> Iterator[tuple[str, str]]:
    """What is wrong with a row as (column, sentence); nothing is put right silently, since it would not round-trip."""
    clinic = values.get("clinic")
    if clinic is not None and clinic not in clinics:
        yield "clinic", f"This source has no clinic “{clinic}”."
    if table is Table.RULE:
        yield from _rule_problems(values)
    if table is not Table.PRECEDENCE:
        yield from _origin_problems(values)


def _rule_problems(values: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    signals: dict[str, Any] = {name: values[name] for name in Signals._fields}
    if all(value is None for value in signals.values()):
        yield "", "A rule must state at least one signal, or it would give every message one meaning."
        return
    kind, status, initiator = values["kind"], values["status"], values["initiator"]
    if status == Status.CANCELLED and initiator == Initiator.CLINIC:
        yield "status", CLINIC_CANCELS
        return
    if status == Status.BUMPED and initiator != Initiator.CLINIC:
        yield "initiator", BUMPS
    if status == Status.BUMPED and kind not in {"", EventKind.BUMPED}:
        yield "kind", BUMPED_KIND
        return
    stated_kind = EventKind(str(kind)) if kind else None
    stated_status = Status(str(status)) if status else None
    try:
        canonical_rule(Rule(0, **signals, kind=stated_kind, status=stated_status))
    except InvalidMappingError as error:
        yield "status", str(error)


def _origin_problems(values: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    pack, row = values["pack"], values["pack_row"]
    if bool(pack) != (row is not None):
        yield "pack_row", "Pack and pack row belong together: fill in both or none."
    elif isinstance(pack, str) and isinstance(row, int) and pack:
        try:
            read_pack(pack).row(row)
        except UnknownPackError as error:
            yield "pack", str(error)
