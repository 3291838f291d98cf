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
from scheduling.mapping.rules import Reason, Rule, RuleSet
from scheduling.mapping.translation import Translation, translate
from scheduling.vocabulary import EventKind, Initiator

FOLDER = Path(__file__).parent / "packs"
ABSENT = "(none)"


@dataclass(frozen=True, slots=True)
class PackRow:
    """One raw code of one system: the fact, where it was found, and what we would make of it."""

    pack: str
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
        return Pack(name, tuple(_row(name, record) for record in csv.DictReader(file)))


def _row(pack: str, record: dict[str, str]) -> PackRow:
    translation = translate(record["suggested"])
    if record["kind"]:
        translation = translation._replace(kind=EventKind(record["kind"]))
    if record["use"] == "ask":
        translation = translation._replace(needs_person=True)
    return PackRow(
        pack=pack,
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


def rule_of(row: PackRow, *, rule_id: int = 0, clinic_id: int | None = None) -> Rule:
    """A pack's row as a rule of the engine."""
    meaning = row.translation
    return Rule(
        rule_id,
        **dict(zip(Signals._fields, row.signals, strict=True)),
        clinic_id=clinic_id,
        kind=meaning.kind,
        status=meaning.status,
        initiator=meaning.initiator,
        initiator_by_reason=row.initiator_by_reason,
        set_by=meaning.set_by,
        reopens=meaning.reopens,
        suppresses=meaning.suppresses,
        counts_as_missed=meaning.counts_as_missed,
    )


def reason_of(row: PackRow) -> Reason:
    """A pack's row as a reason of the engine; its code is the event reason the row states."""
    meaning, code = row.translation, row.signals[Signals._fields.index("event_reason")]
    return Reason(
        code or row.code,
        meaning.initiator or Initiator.UNKNOWN,
        meaning.reopens,
        meaning.suppresses,
        meaning.counts_as_missed,
        meaning.set_by,
    )


def suggested_rules(source_id: int, *names: str) -> RuleSet:
    """What a source's rules would be if every ready row of these packs were confirmed; for trials, not for feeds."""
    rows = [row for name in names for row in read_pack(name).rows if not row.needs_person]
    return RuleSet(
        source_id,
        [rule_of(row, rule_id=number) for number, row in enumerate(rows, start=1) if not row.is_reason],
        [reason_of(row) for row in rows if row.is_reason],
    )
