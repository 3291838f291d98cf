"""The rows of a revision as plain values: what is compared, exported and imported. Pure.

A row names its clinic by its key and leaves out who confirmed it and when, so two revisions that say the same have
equal rows, whoever wrote them and in whatever order.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from scheduling.facts import Signals

Value = str | int | bool | None


class Table(StrEnum):
    """What kind of row it is; the values stand in exported files."""

    RULE = "rule"
    REASON = "reason"
    PRECEDENCE = "precedence"


# What identifies a row in its revision: two rows with equal values here are twins.
KEYS: dict[Table, tuple[str, ...]] = {
    Table.RULE: ("clinic", *Signals._fields),
    Table.REASON: ("code",),
    Table.PRECEDENCE: ("clinic", "trigger"),
}
_FLAGS = ("set_by", "reopens", "suppresses", "counts_as_missed")
_ORIGIN = ("pack", "pack_row", "citation")
# What a row says about what it identifies.
SAYINGS: dict[Table, tuple[str, ...]] = {
    Table.RULE: ("kind", "status", "initiator", "initiator_by_reason", *_FLAGS, "remark", *_ORIGIN),
    Table.REASON: ("text", "initiator", *_FLAGS, *_ORIGIN),
    Table.PRECEDENCE: ("leads",),
}
COLUMNS: dict[Table, tuple[str, ...]] = {table: KEYS[table] + SAYINGS[table] for table in Table}


RowKey = tuple[Table, tuple[Value, ...]]


class PlainRow(NamedTuple):
    """One row; ``values`` stand in the order of ``COLUMNS[table]``.

    A rule's signal is None for *any* and ``""`` for *must say nothing*; ``clinic`` is None for every clinic.
    """

    table: Table
    values: tuple[Value, ...]

    @property
    def key(self) -> tuple[Value, ...]:
        """What identifies the row, in the order of ``KEYS[table]``."""
        return self.values[: len(KEYS[self.table])]

    @property
    def identity(self) -> RowKey:
        """What identifies the row among all rows of its revision."""
        return self.table, self.key

    @property
    def named(self) -> dict[str, Value]:
        """The values by the names of their columns."""
        return dict(zip(COLUMNS[self.table], self.values, strict=True))


def ordered(rows: Iterable[PlainRow]) -> list[PlainRow]:
    """Rules, reasons, precedence; each by its key, *any* before *nothing* before texts."""
    return sorted(rows, key=lambda row: order_of(row.identity))


def order_of(identity: RowKey) -> tuple[int, tuple[tuple[bool, str], ...]]:
    """Where a row stands among others."""
    table, key = identity
    return list(Table).index(table), tuple((value is not None, str(value or "")) for value in key)
