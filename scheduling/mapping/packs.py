"""Starter packs: the project's own lists of raw codes with suggested meanings, each with its source.

One file per system under ``packs/``. A row keeps the fact (``system, code, text, suggested, citation``) and adds how
it becomes part of a mapping: ``use`` (``rule``; ``reason``; ``ask``: no rule can be told from the fact), the seven
signals (empty = any, ``(none)`` = must say nothing), ``kind`` where a trigger names one, ``by_reason`` where the
source's reasons say who cancelled. Nothing here holds until an admin confirms it row by row.
"""

import csv
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from scheduling.facts import Signals
from scheduling.mapping.errors import UnknownPackError
from scheduling.mapping.translation import Translation, translate
from scheduling.vocabulary import EventKind

FOLDER = Path(__file__).parent / "packs"
ABSENT = "(none)"


@dataclass(frozen=True, slots=True)
class PackRow:
    """One raw code of one system: the fact, where it was found, and what we would make of it."""

    row: int
    system: str
    code: str
    text: str
    suggested: str
    citation: str
    is_reason: bool
    signals: tuple[str | None, ...]  # in the order of ``Signals``: None = any, "" = must be absent
    initiator_by_reason: bool
    translation: Translation

    @property
    def needs_person(self) -> bool:
        """Whether the row cannot be adopted as it stands: somebody must state the meaning."""
        return self.translation.needs_person


@dataclass(frozen=True, slots=True)
class Pack:
    """A named list of rows, numbered from 1."""

    name: str
    rows: tuple[PackRow, ...]

    def row(self, number: int) -> PackRow:
        """The row of this number; UnknownPackError where there is none."""
        if not 1 <= number <= len(self.rows):
            raise UnknownPackError(f"The pack {self.name} has no row {number}; it has {len(self.rows)}.")
        return self.rows[number - 1]

    @property
    def ready(self) -> tuple[int, ...]:
        """Numbers of the rows whose suggestion is a whole meaning."""
        return tuple(row.row for row in self.rows if not row.needs_person)


@cache
def pack_names() -> tuple[str, ...]:
    """The names of all packs, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.csv")))


@lru_cache(maxsize=64)
def read_pack(name: str) -> Pack:
    """Read one pack; UnknownPackError for a name that is not in ``pack_names``."""
    if name not in pack_names():
        raise UnknownPackError(f"There is no starter pack named {name}.")
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return Pack(name, tuple(_row(record) for record in csv.DictReader(file)))


def _row(record: dict[str, str]) -> PackRow:
    translation = translate(record["suggested"])
    if record["kind"]:
        translation = translation._replace(kind=EventKind(record["kind"]))
    if record["use"] == "ask":
        translation = translation._replace(needs_person=True)
    return PackRow(
        row=int(record["row"]),
        system=record["system"],
        code=record["code"],
        text=record["text"],
        suggested=record["suggested"],
        citation=record["citation"],
        is_reason=record["use"] == "reason",
        signals=tuple(_signal(record[name]) for name in Signals._fields),
        initiator_by_reason=record["by_reason"] == "yes",
        translation=translation,
    )


def _signal(cell: str) -> str | None:
    return {"": None, ABSENT: ""}.get(cell, cell)
