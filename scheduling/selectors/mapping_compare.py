"""What the compare page prints: two revisions of a source, row by row and field by field, in our words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from accounts.models import Source
from scheduling.facts import Signals
from scheduling.mapping.comparing import ChangedRow, Comparison, compare_rows
from scheduling.mapping.rows import SAYINGS, PlainRow, Table, Value
from scheduling.mapping.vocabulary import Leads
from scheduling.mapping.wording import SIGNAL_NAMES
from scheduling.models import MappingRevision
from scheduling.selectors.revision_rows import read_rows
from scheduling.vocabulary import EventKind, Initiator, SetBy, Status

LABELS = {
    **{field: name.lower() for field, name in zip(Signals._fields, SIGNAL_NAMES, strict=True)},
    "note": "note has", "kind": "Event means",
    "status": "Status becomes", "initiator": "By whom", "initiator_by_reason": "The reason says by whom",
    "set_by": "Set by", "reopens": "Opens recovery work", "suppresses": "Stops contact",
    "counts_as_missed": "Counts as missed", "remark": "Remark", "text": "Text", "leads": "On contradiction",
    "pack": "Starter pack", "pack_row": "Starter pack", "citation": "Citation",
}  # fmt: skip
WORDS: Mapping[str, Mapping[str, str]] = {
    "kind": {"": "What the event says", **dict(EventKind.choices)},
    "status": {"": "Kept as it is", **dict(Status.choices)},
    "initiator": {"": "Not said", **dict(Initiator.choices)},
    "set_by": dict(SetBy.choices),
    "leads": dict(Leads.choices),
}
# What a row says unless somebody says otherwise; an added row need not spell it out.
USUAL: Mapping[str, Value] = {
    "kind": "", "initiator": "", "initiator_by_reason": False, "set_by": "person", "reopens": True,
    "suppresses": False, "counts_as_missed": False, "remark": "", "text": "", "pack": "", "pack_row": None,
    "citation": "",
}  # fmt: skip
HEADINGS = {Table.RULE: "Rules", Table.REASON: "Reasons", Table.PRECEDENCE: "What leads on contradiction"}


class Line(NamedTuple):
    """One field with what it said and says; None where the row is not there."""

    label: str
    old: str | None
    new: str | None


class ComparedRow(NamedTuple):
    """One row that is not the same: ``state`` added, removed or changed; ``place`` is (label, value or None, …)."""

    state: str
    place: list[tuple[str, Value]]
    clinic: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Two revisions side by side, in sections that have a difference."""

    old: MappingRevision
    new: MappingRevision
    comparison: Comparison
    sections: list[tuple[str, list[ComparedRow]]]


def compare_page(old: MappingRevision, new: MappingRevision) -> ComparePage:
    """Compare two revisions of one source; seven queries."""
    comparison = compare_rows(read_rows(old), read_rows(new))
    clinics = dict(old.source.clinics.values_list("key", "name"))
    rows = list(_compared(comparison, clinics))
    sections = [(HEADINGS[table], [row for kind, row in rows if kind is table]) for table in Table]
    return ComparePage(old, new, comparison, [(heading, found) for heading, found in sections if found])


def choose_revisions(
    source: Source, old: int | None, new: int | None
) -> tuple[list[MappingRevision], MappingRevision | None, MappingRevision | None]:
    """All revisions of a source, newest first, and the two asked for.

    Without a number the newer is the newest of all, the older what it is based on, else the one before it. None stands
    for a revision that does not exist.
    """
    revisions = list(MappingRevision.objects.filter(source=source).select_related("source").order_by("-number"))
    numbered = {revision.number: revision for revision in revisions}
    newer = numbered.get(new) if new is not None else next(iter(revisions), None)
    if old is not None or newer is None:
        return revisions, numbered.get(old) if old is not None else None, newer
    based_on = next((each for each in revisions if each.pk == newer.based_on_id), None)
    before = next((each for each in revisions if each.number < newer.number), None)
    return revisions, based_on or before, newer


def _compared(comparison: Comparison, clinics: Mapping[str, str]) -> Iterable[tuple[Table, ComparedRow]]:
    for row in comparison.changed:
        yield row.new.table, _row("changed", row.new, clinics, _changed_lines(row))
    for added in comparison.added:
        yield added.table, _row("added", added, clinics, [Line(label, None, text) for label, text in _unusual(added)])
    for gone in comparison.removed:
        yield gone.table, _row("removed", gone, clinics, [Line(label, text, None) for label, text in _unusual(gone)])


def _row(state: str, row: PlainRow, clinics: Mapping[str, str], lines: list[Line]) -> ComparedRow:
    named = row.named
    clinic = named.get("clinic")
    return ComparedRow(state, _place(row, named), clinics.get(str(clinic), str(clinic)) if clinic else "", lines)


def _place(row: PlainRow, named: Mapping[str, Value]) -> list[tuple[str, Value]]:
    """What a row is about: stated signals with their labels; "" is a signal that must be absent."""
    if row.table is Table.REASON:
        return [("code", named["code"])]
    if row.table is Table.PRECEDENCE:
        return [("event", named["trigger"])] if named["trigger"] else []
    return [(LABELS[name], named[name]) for name in LABELS if name in named and _is_stated(row, name, named[name])]


def _is_stated(row: PlainRow, name: str, value: Value) -> bool:
    return name not in SAYINGS[row.table] and value is not None


def _changed_lines(row: ChangedRow) -> list[Line]:
    """What says something else; a pack and its row are one line."""
    old, new = _told(row.old), _told(row.new)
    labels = dict.fromkeys(LABELS[difference.field] for difference in row.differences)
    return [Line(label, old[label], new[label]) for label in labels]


def _unusual(row: PlainRow) -> list[tuple[str, str]]:
    """What a row says beyond the usual, its status always."""
    named, told = row.named, _told(row)
    names = [name for name in SAYINGS[row.table] if name not in USUAL or named[name] != USUAL[name]]
    return [(label, told[label]) for label in dict.fromkeys(LABELS[name] for name in names)]


def _told(row: PlainRow) -> dict[str, str]:
    """Everything a row says, in our words by label."""
    named = row.named
    told = {LABELS[name]: field_words(name, named[name]) for name in SAYINGS[row.table] if name != "pack_row"}
    if named.get("pack"):
        told[LABELS["pack"]] = f"{named['pack']}, row {named['pack_row']}"
    return told


def field_words(name: str, value: Value) -> str:
    """The value of a column in our words."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if name in WORDS:
        return WORDS[name].get(str(value), str(value))
    return str(value or "Nothing")
