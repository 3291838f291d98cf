"""One message cut into segments, and on demand into fields; nothing is cut that nobody asks for."""

from functools import lru_cache
from typing import Final

from scheduling.facts import Problem
from scheduling.readers.hl7.delimiters import SILENT, Delimiters
from scheduling.readers.hl7.escapes import unescape

MAX_SEGMENTS: Final = 2_000  # a longer tail is left unread, with a problem
MAX_FIELDS: Final = 48  # PID-40 is the last field read
MAX_TEXT: Final = 250  # characters of one value: an id beyond would not fit an index
MAX_REPETITIONS: Final = 20
MAX_SKIPPED: Final = 50  # different names noted
NULL: Final = '""'

_BLANKS: Final = [""] * MAX_FIELDS


class Message:
    """The segments of one message by name. ``problems`` and ``skipped`` gather what reading it met.

    Fields are numbered as the standard does, MSH too (``fields("MSH")[9]`` is MSH-9); a list of fields always reaches
    MAX_FIELDS. ``raw`` stands for text as sent: delimiters and escapes still inside.
    """

    __slots__ = (
        "_escape", "_fields", "component", "delimiters", "lines", "problems", "repetition", "skipped",
        "subcomponent", "table",
    )  # fmt: skip

    def __init__(self, lines: list[str], delimiters: Delimiters, *, is_escaped: bool) -> None:
        self.delimiters = delimiters
        self.component = delimiters.component
        self.repetition = delimiters.repetition
        self.subcomponent = delimiters.subcomponent
        self.lines = lines
        self.problems: list[Problem] = []
        self.skipped: list[str] = []
        self.table: dict[str, list[str]] = {}
        self._escape = delimiters.escape if is_escaped else ""
        self._fields: dict[str, list[str]] = {}
        self._sort_lines()

    def _sort_lines(self) -> None:
        names, table = self.delimiters.names, self.table
        for line in self.lines:
            name = names.get(line[:4]) or self._unusual_name(line)
            if name in table:
                table[name].append(line)
            elif name:
                table[name] = [line]

    def _unusual_name(self, line: str) -> str:
        """The used segment that an indented, lower-case or bare line is, else ``""``, with a note of what it was."""
        line = line.strip(" \t\x0b\x1c")
        separator = self.delimiters.field
        name, mark = line[:3].upper(), line[3:4]
        if f"{name}{separator}" in self.delimiters.names and mark in {"", separator}:
            return name
        if mark not in {"", separator} or not name.isalnum():
            self.skip("a line that is no segment" if line else "")
        elif name not in SILENT:
            self.skip(name)
        return ""

    def skip(self, what: str) -> None:
        """Note once that something was not read."""
        if what and what not in self.skipped and len(self.skipped) < MAX_SKIPPED:
            self.skipped.append(what)

    def problem(self, kind: str, field: str, raw: str = "") -> None:
        """Record what cannot be taken at face value."""
        self.problems.append(Problem(kind, field, raw[:MAX_TEXT]))

    def part(self, lines: list[str]) -> "Message":
        """A message of some of the lines; what reading it meets is noted on this one."""
        other = Message([], self.delimiters, is_escaped=bool(self._escape))
        other.problems, other.skipped, other.lines = self.problems, self.skipped, lines
        other._sort_lines()
        return other

    def fields(self, name: str) -> list[str]:
        """The fields of the first segment of that name; blanks where there is none. Not to be changed."""
        found = self._fields.get(name)
        if found is None:
            lines = self.table.get(name)
            found = self._fields[name] = self.cut(lines[0]) if lines else _BLANKS
        return found

    def every(self, name: str) -> list[list[str]]:
        """The fields of each segment of that name, in the message's order."""
        lines = self.table.get(name)
        if not lines:
            return []
        return [self.fields(name), *map(self.cut, lines[1:])]

    def cut(self, line: str) -> list[str]:
        """One segment's fields, padded to MAX_FIELDS."""
        fields = line.split(self.delimiters.field, MAX_FIELDS) + _BLANKS
        if fields[0] == "MSH":
            fields.insert(1, self.delimiters.field)
        return fields

    def text(self, raw: str) -> str | None:
        """What the sender meant: None where nothing is said, ``""`` for the explicit null, else stripped text."""
        if not raw:
            return None
        if raw == NULL:
            return ""
        if self._escape and self._escape in raw:
            raw = unescape(raw, self.delimiters)
        raw = raw.strip()
        if len(raw) > MAX_TEXT:
            self.problem("too_long", self._home_of(raw), raw)
            raw = raw[:MAX_TEXT]
        return raw or None

    def value(self, raw: str) -> str:
        """The text of a value for which "no value" and silence are the same."""
        return self.text(raw) or ""

    def components(self, raw: str) -> list[str]:
        """The raw components of a field's first repetition, padded to twenty."""
        if self.repetition in raw:
            raw = raw.partition(self.repetition)[0]
        return raw.split(self.component, 20) + _BLANKS[:20]

    def repetitions(self, raw: str) -> list[str]:
        """The raw repetitions of a field that say something, MAX_REPETITIONS at most."""
        if self.repetition not in raw:
            return [raw] if raw else []
        return [part for part in raw.split(self.repetition, MAX_REPETITIONS)[:MAX_REPETITIONS] if part]

    def first(self, raw: str) -> str:
        """The raw first component of a field's first repetition."""
        if self.repetition in raw:
            raw = raw.partition(self.repetition)[0]
        return raw.partition(self.component)[0] if self.component in raw else raw

    def coded(self, raw: str) -> str | None:
        """The code of a coded element, or its text (second component) where the sender left the code out."""
        if not raw:
            return None
        if self.component not in raw and self.repetition not in raw:
            return self.text(raw)
        parts = self.components(raw)
        return self.text(parts[0] or parts[1])

    def named(self, raw: str) -> str:
        """The value of a component that may be a hierarchic designator: its namespace, else its universal id."""
        if self.subcomponent in raw:
            namespace, _, universal = raw.partition(self.subcomponent)
            raw = namespace or universal.partition(self.subcomponent)[0]
        return self.value(raw)

    def at(self, place: str) -> str:
        """The raw value at a place such as ``SCH-2``, ``AIL-3.4`` or ``EVN-2`` (first segment, first repetition)."""
        name, field, component = parse_place(place)
        raw = self.fields(name)[field]
        return self.components(raw)[component - 1] if component else raw

    def _home_of(self, raw: str) -> str:
        """The field that holds a value; only asked about values too long to keep."""
        start = raw[:MAX_TEXT]
        for name, lines in self.table.items():
            for number, field in enumerate(self.cut(lines[0])[:MAX_FIELDS]):
                if start in field:
                    return f"{name}-{number}"
        return ""


@lru_cache(maxsize=256)
def parse_place(place: str) -> tuple[str, int, int]:
    """``AIL-3.4`` as (segment, field, component); component 0 is the whole field. ValueError for anything else."""
    name, _, rest = place.partition("-")
    field, _, component = rest.partition(".")
    number, part = int(field), int(component or 0)
    if len(name) != 3 or not 1 <= number < MAX_FIELDS or not 0 <= part <= 20:
        raise ValueError(f"{place!r} names no field of a segment.")
    return name, number, part
