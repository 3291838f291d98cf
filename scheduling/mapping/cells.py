"""How a value stands in a cell of an exported revision, and back; pure and exact.

Empty is *any* or *not said*, ``(none)`` a signal that must be absent. A leading apostrophe is no part of the value: it
guards what a spreadsheet would run (``=1+1``), count (``007``, ``1E5``) or take for one of our own words.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from scheduling.mapping.packs import ABSENT
from scheduling.mapping.rows import Value
from scheduling.mapping.validation import CODE_LIMIT

GUARD = "'"
# OWASP, CSV injection: what starts a formula, also in full width; the guard itself, so that it can be taken off.
_STARTS = (GUARD, "=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n", ABSENT)
_PLAIN_NUMBER = re.compile(r"0|[1-9][0-9]{0,14}")
# Dates, decimals, leading zeros, sums in brackets, month names, truth: a spreadsheet saves them otherwise than it read.
_RESHAPED = re.compile(
    r"[(.$]?[0-9]|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ ./-]?[0-9]|(true|false)$", re.IGNORECASE
)


class Codec(Protocol):
    """Writes one column's values into cells and reads them back."""

    def write(self, value: Value) -> str:
        """The cell of a value."""

    def read(self, cell: str) -> Value:
        """The value of a cell; ValueError with a sentence for people."""


def guarded(text: str) -> str:
    """A text as a cell that a spreadsheet leaves alone; ``unguarded`` gives it back exactly."""
    is_number = _PLAIN_NUMBER.fullmatch(text) is not None
    risky = text.startswith(_STARTS) or text != text.strip() or (_RESHAPED.match(text) and not is_number)
    return GUARD + text if risky else text


def unguarded(cell: str) -> str:
    """The text of a cell."""
    return cell.removeprefix(GUARD)


@dataclass(frozen=True, slots=True)
class Text:
    """Text of at most ``limit`` characters, kept as it is or ``trimmed``; a ``needed`` one is never empty."""

    limit: int
    trimmed: bool = False
    needed: bool = False

    def write(self, value: Value) -> str:
        """The guarded text."""
        return guarded(str(value))

    def read(self, cell: str) -> str:
        """The text."""
        if cell == ABSENT:
            raise ValueError(f"“{ABSENT}” is for the signals of a rule; put an apostrophe before it to mean the text.")
        text = unguarded(cell.strip()).strip() if self.trimmed else unguarded(cell)
        if self.needed and not text:
            raise ValueError("This must not be empty.")
        return _short(text, self.limit)


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal as a rule states it; the note is a pattern with ``stars``."""

    limit: int = CODE_LIMIT
    stars: int | None = None

    def write(self, value: Value) -> str:
        """Empty for any, ``(none)`` for must say nothing."""
        return "" if value is None else guarded(str(value)) or ABSENT

    def read(self, cell: str) -> str | None:
        """The signal, trimmed as rules are."""
        if cell.strip() in {"", ABSENT}:
            return "" if cell.strip() else None
        text = unguarded(cell.strip()).strip()
        if not text:
            raise ValueError(f"This is blank. Leave the cell empty for any value, or write {ABSENT}.")
        if self.stars is not None and text.count("*") > self.stars:
            raise ValueError(f"A note pattern has at most {self.stars} stars.")
        return _short(text, self.limit)


@dataclass(frozen=True, slots=True)
class Word:
    """One of our own words; where it may be empty, empty is a value too."""

    words: Collection[str]
    may_be_empty: bool = False

    def write(self, value: Value) -> str:
        """The word."""
        return str(value)

    def read(self, cell: str) -> str:
        """The word, if it is one of ours."""
        word = cell.strip()
        if word in self.words or (self.may_be_empty and not word):
            return word
        said = f"“{word[:40]}” is not known here" if word else "This must not be empty"
        empty = ", or leave it empty" if self.may_be_empty else ""
        raise ValueError(f"{said}. Write one of: {', '.join(self.words)}{empty}.")


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    def write(self, value: Value) -> str:
        """The word."""
        return "yes" if value else "no"

    def read(self, cell: str) -> bool:
        """Whether it is a yes."""
        word = cell.strip().lower()
        if word not in {"yes", "no"}:
            raise ValueError("Write yes or no.")
        return word == "yes"


@dataclass(frozen=True, slots=True)
class Clinic:
    """A clinic's key; empty is every clinic of the source. Whether there is such a clinic is asked elsewhere."""

    def write(self, value: Value) -> str:
        """The key."""
        return "" if value is None else guarded(str(value))

    def read(self, cell: str) -> str | None:
        """The key."""
        return unguarded(cell.strip()) or None


@dataclass(frozen=True, slots=True)
class Number:
    """A row number of a pack; empty is none."""

    def write(self, value: Value) -> str:
        """The digits."""
        return "" if value is None else str(value)

    def read(self, cell: str) -> int | None:
        """The number."""
        digits = cell.strip()
        if digits and not re.fullmatch(r"[0-9]{1,6}", digits):
            raise ValueError("Write a whole number or leave it empty.")
        return int(digits) if digits else None


def _short(text: str, limit: int) -> str:
    if len(text) > limit:
        raise ValueError(f"This has {len(text):,} characters; at most {limit} are kept.")
    return text
