"""What two people who edited one draft have said, side by side: as it was loaded, theirs, mine."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from scheduling.mapping.comparing import EditedRow, Whose, compare_three
from scheduling.mapping.rows import KEYS, SAYINGS, PlainRow, Table, Value
from scheduling.models import MappingHistory, MappingRevision
from scheduling.selectors.drafts import edits_since
from scheduling.selectors.mapping_compare import LABELS, field_words
from scheduling.selectors.revision_rows import read_rows

ROWS = {Table.RULE: "rules", Table.REASON: "reasons", Table.PRECEDENCE: "precedence"}
ORIGIN = {"pack", "pack_row", "citation"}


class Line(NamedTuple):
    """One field on which not all agree; None where the row is not there or was not loaded."""

    label: str
    base: str | None
    theirs: str | None
    mine: str | None
    clashes: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """What changed under an edit. ``merged`` is both together, None where they cannot stand together."""

    draft: MappingRevision
    edits: list[MappingHistory]
    whose: Whose | None  # None: all three say the same
    lines: list[Line]
    merged: Mapping[str, Value] | None

    @property
    def is_mine_alone(self) -> bool:
        """Whether nobody else touched what I edited, so that mine can be saved beside theirs."""
        return self.whose in (None, Whose.MINE, Whose.EQUAL)


def edit_conflict(draft: MappingRevision, *, seen: int, base: PlainRow | None, mine: PlainRow) -> Conflict:
    """Hold my row against the draft as it is now; six queries."""
    edits = edits_since(draft, seen)
    theirs = next((row for row in read_rows(draft) if row.identity == mine.identity), None)
    loaded = base if base is not None and base.identity == mine.identity else None
    if loaded is None and theirs is not None and not _is_touched(draft, mine, edits):
        loaded = theirs
    edited = next(iter(compare_three(*([row] if row else [] for row in (loaded, theirs, mine)))), None)
    return Conflict(
        draft, edits, edited.whose if edited else None, _lines(loaded, theirs, mine, edited), _merged(edited)
    )


def _is_touched(draft: MappingRevision, row: PlainRow, edits: list[MappingHistory]) -> bool:
    """Whether the row was written since: copies keep the moment at which a person confirmed them."""
    if not edits:
        return False
    wanted: dict[str, Any] = {}
    for name, value in zip(KEYS[row.table], row.key, strict=True):
        path = "clinic__key" if name == "clinic" else name
        wanted |= {f"{path}__isnull": True} if value is None else {path: value}
    written = getattr(draft, ROWS[row.table]).filter(**wanted, confirmed_at__gte=edits[-1].at)
    return bool(written.exists())


def _lines(base: PlainRow | None, theirs: PlainRow | None, mine: PlainRow, edited: EditedRow | None) -> list[Line]:
    clashes = edited.clashes if edited else ()
    lines = []
    for name in SAYINGS[mine.table]:
        values = [row.named[name] if row else None for row in (base, theirs, mine)]
        if name not in ORIGIN and (len(set(values)) > 1 or theirs is None):
            loaded, now, wanted = (row and field_words(name, row.named[name]) for row in (base, theirs, mine))
            lines.append(Line(LABELS[name], loaded, now, wanted, name in clashes))
    return lines


def _merged(edited: EditedRow | None) -> Mapping[str, Value] | None:
    """My changes on top of theirs, where no field has both."""
    if edited is None or edited.clashes or not (edited.base and edited.theirs and edited.mine):
        return None
    base, theirs, mine = edited.base.named, edited.theirs.named, edited.mine.named
    return {
        name: mine[name] if mine[name] != base[name] else theirs[name]
        for name in SAYINGS[edited.mine.table]
        if name not in ORIGIN
    }
