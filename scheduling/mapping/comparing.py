"""What is different between two revisions, and between two people's edits of one; pure.

``compare_rows`` answers field by field; ``compare_three`` says who changed what since both loaded ``base``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from scheduling.mapping.rows import SAYINGS, PlainRow, RowKey, Value, order_of, ordered


class Difference(NamedTuple):
    """One column of a row that says something else."""

    field: str
    old: Value
    new: Value


class ChangedRow(NamedTuple):
    """A row that is in both revisions and says something else, column by column."""

    old: PlainRow
    new: PlainRow
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two revisions side by side, each part in the order of ``rows.ordered``."""

    added: tuple[PlainRow, ...]
    removed: tuple[PlainRow, ...]
    changed: tuple[ChangedRow, ...]
    unchanged: int

    @property
    def is_same(self) -> bool:
        """Whether both say the same."""
        return not (self.added or self.removed or self.changed)


class Whose(StrEnum):
    """Who changed a row since both people loaded it."""

    MINE = "mine"
    THEIRS = "theirs"
    EQUAL = "equal"  # both, and to the same
    CLASH = "clash"  # both, and to different things


class EditedRow(NamedTuple):
    """One row as loaded, as it is now and as I want to save it; None where it is not there.

    ``clashes`` are the columns in which now and mine disagree though both differ from what was loaded, or all in
    which they disagree where one side has added or removed the row.
    """

    base: PlainRow | None
    theirs: PlainRow | None
    mine: PlainRow | None
    whose: Whose
    clashes: tuple[str, ...] = ()


def compare_rows(old: Iterable[PlainRow], new: Iterable[PlainRow]) -> Comparison:
    """Compare two revisions' rows by their keys; the order they come in does not matter."""
    before, after = _by_key(old), _by_key(new)
    both = before.keys() & after.keys()
    changed = [
        ChangedRow(before[key], after[key], differences(before[key], after[key]))
        for key in both
        if before[key] != after[key]
    ]
    return Comparison(
        added=tuple(ordered(after[key] for key in after.keys() - both)),
        removed=tuple(ordered(before[key] for key in before.keys() - both)),
        changed=tuple(sorted(changed, key=lambda row: order_of(row.new.identity))),
        unchanged=len(both) - len(changed),
    )


def differences(old: PlainRow, new: PlainRow) -> tuple[Difference, ...]:
    """The columns in which two rows of one key differ, in their order."""
    was, now = old.named, new.named
    return tuple(
        Difference(name, was[name], now[name])
        for name in SAYINGS[old.table]
        if was[name] != now[name]
    )  # fmt: skip


def compare_three(
    base: Iterable[PlainRow], theirs: Iterable[PlainRow], mine: Iterable[PlainRow]
) -> tuple[EditedRow, ...]:
    """Say of each row that anybody changed since ``base`` who did: me, they, both alike or both differently.

    A row whose key I changed is one that I removed and another that I added.
    """
    sides = [_by_key(base), _by_key(theirs), _by_key(mine)]
    keys: set[RowKey] = set().union(*sides)
    edited = (_edited(*(side.get(key) for side in sides)) for key in sorted(keys, key=order_of))
    return tuple(row for row in edited if row is not None)


def _edited(base: PlainRow | None, theirs: PlainRow | None, mine: PlainRow | None) -> EditedRow | None:
    if theirs == mine:
        return None if base == mine else EditedRow(base, theirs, mine, Whose.EQUAL)
    if base == theirs:
        return EditedRow(base, theirs, mine, Whose.MINE)
    if base == mine:
        return EditedRow(base, theirs, mine, Whose.THEIRS)
    return EditedRow(base, theirs, mine, Whose.CLASH, _clashes(base, theirs, mine))


def _clashes(base: PlainRow | None, theirs: PlainRow | None, mine: PlainRow | None) -> tuple[str, ...]:
    if theirs is None or mine is None:
        kept = theirs or mine
        return SAYINGS[kept.table] if kept else ()
    loaded = base.named if base else {}
    return tuple(
        name
        for name, now, wanted in differences(theirs, mine)
        if base is None or (now != loaded[name] and wanted != loaded[name])
    )


def _by_key(rows: Iterable[PlainRow]) -> Mapping[RowKey, PlainRow]:
    return {row.identity: row for row in rows}
