"""The cells of one row by our field names, with the words that extracts use for yes, no and nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import product
from zoneinfo import ZoneInfo

from scheduling.facts import Problem
from scheduling.readers.csv.profile import ISO, Layout
from scheduling.readers.localtime import BAD_TIME, CACHED, Moment, read_day, read_formatted_time, read_iso_time

YES = frozenset({"y", "yes", "true", "t", "1", "x"})
NO = frozenset({"n", "no", "false", "f", "0"})
MAX_TEXT = 255
CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p")


@dataclass(slots=True)
class Row:
    """One row by our field names. ``problems`` collects what its cells could not be taken at face value for."""

    layout: Layout
    values: dict[str, str]
    problems: list[Problem]

    def has(self, field: str) -> bool:
        """Whether the extract has a column for this field."""
        return field in self.layout.indexes

    def raw(self, field: str) -> str:
        """The cell without outer blanks; empty where it is blank, a word for nothing, or there is no such column."""
        return self.values.get(field, "")

    def text(self, field: str) -> str | None:
        """The cell; ``""`` where blank cells clear; None where nothing is said."""
        if value := self.values.get(field):
            return value[:MAX_TEXT]
        return "" if self.has(field) and self.clears else None

    @property
    def clears(self) -> bool:
        """Whether a blank cell says that there is none."""
        return self.layout.profile.empty == "clears"

    def flag(self, field: str) -> bool | None:
        """Yes or no; None where blank or another word."""
        word = self.raw(field).casefold()
        return True if word in YES else False if word in NO else None

    def note(self, kind: str, field: str, raw: str = "") -> None:
        """Record a problem under the header's own name for the field."""
        self.problems.append(Problem(kind, self.layout.profile.columns.get(field, field), raw[:200]))

    def moment(self, field: str, zone: ZoneInfo) -> datetime | None:
        """The time in a cell (UTC), by the formats of ``datetime``; a fault becomes a problem."""
        raw = self.raw(field)
        return self._checked(_read(raw, self._formats("datetime", ISO), zone), field, raw) if raw else None

    def start(self, zone: ZoneInfo) -> datetime | None:
        """The visit's start (UTC): the ``starts`` cell, else ``date`` and ``time`` together."""
        if self.raw("starts") or not self.raw("date"):
            return self.moment("starts", zone)
        clock = self.raw("time")
        if not clock:
            self.note("date_only", "date", self.raw("date"))
            return None
        days = tuple("%Y-%m-%d" if each == ISO else each for each in self._formats("date", ISO))
        formats = tuple(f"{day} {hour}" for day, hour in product(days, self._formats("time", *CLOCKS)))
        raw = f"{self.raw('date')} {clock}"
        return self._checked(read_formatted_time(raw, formats, zone), "time", raw)

    def day(self, field: str) -> date | None:
        """The calendar day in a cell, by the formats of ``date``; what is no day becomes a problem."""
        if not (raw := self.raw(field)):
            return None
        for each in self._formats("date", ISO):
            found = read_day(raw) if each == ISO else _day(raw, each)
            if found:
                return found
        self.note("bad_date", field, raw)
        return None

    def _formats(self, kind: str, *default: str) -> tuple[str, ...]:
        formats: Mapping[str, tuple[str, ...]] = self.layout.profile.formats
        return formats.get(kind, default)

    def _checked(self, read: Moment, field: str, raw: str) -> datetime | None:
        if read.fault:
            self.note(read.fault, field, raw)
        return read.at


def values_of(cells: list[str], layout: Layout) -> dict[str, str]:
    """The cells by our field names, without outer blanks and NULs; empty where a cell is a word for nothing."""
    values = {field: cells[index].strip() for field, index in layout.indexes.items()}
    said = values.values()
    if "\x00" in "".join(said):
        values = {field: value.replace("\x00", "").strip() for field, value in values.items()}
    if not layout.profile.nulls.isdisjoint(said):
        values = {field: "" if value in layout.profile.nulls else value for field, value in values.items()}
    return values


def _read(raw: str, formats: tuple[str, ...], zone: ZoneInfo) -> Moment:
    read = Moment(None, BAD_TIME)
    for each in formats:
        read = read_iso_time(raw, zone) if each == ISO else read_formatted_time(raw, (each,), zone)
        if read.fault != BAD_TIME:
            return read
    return read


@lru_cache(maxsize=CACHED)
def _day(raw: str, pattern: str) -> date | None:
    try:
        return datetime.strptime(raw, pattern).date()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        return None
