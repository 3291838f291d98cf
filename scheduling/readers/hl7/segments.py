"""One message cut into segments and fields, and what a raw field means."""

from typing import Final

from scheduling.facts import Problem
from scheduling.readers.hl7.delimiters import Delimiters
from scheduling.readers.hl7.elements import LONGEST, NULL, coded_element
from scheduling.readers.hl7.escapes import unescape
from scheduling.readers.hl7.places import MAX_COMPONENTS, WIDTHS, Place

MAX_SEGMENTS: Final = 2_000  # a longer tail is left unread, with a problem
MAX_TEXT: Final = LONGEST  # characters of one value: an id beyond would not fit an index
MAX_REPETITIONS: Final = 20
MAX_SKIPPED: Final = 50  # different names noted

Fields = list[str]

_BLANKS: Final = {name: [""] * (width + 1) for name, width in WIDTHS.items()}
_BLANK_COMPONENTS: Final = [""] * MAX_COMPONENTS


class Message:
    """The used segments of one message by name, in order, each as its raw fields.

    Fields are numbered as the standard does, MSH too (``first("MSH")[9]`` is MSH-9), and always reach their segment's
    width. ``raw`` stands for text as sent, delimiters and escapes still inside. ``found`` has the lines of each used
    segment; they are cut into fields where somebody asks for them. ``problems`` and ``skipped`` gather what reading
    met.
    """

    __slots__ = (
        "_cut", "component", "delimiters", "escape", "found", "lines", "problems", "repetition", "skipped",
        "subcomponent",
    )  # fmt: skip

    def __init__(self, lines: list[str], delimiters: Delimiters, *, is_escaped: bool) -> None:
        self.delimiters = delimiters
        self.component = delimiters.component
        self.repetition = delimiters.repetition
        self.subcomponent = delimiters.subcomponent
        self.escape = delimiters.escape if is_escaped else ""
        self.lines = lines
        self.problems: list[Problem] = []
        self.skipped: list[str] = []
        self.found: dict[str, list[str]] = {}
        self._cut: dict[str, list[Fields]] = {}
        self._sort_lines()

    def part(self, lines: list[str]) -> "Message":
        """A message of some of the lines; what reading it meets is noted on this one."""
        other = Message(lines, self.delimiters, is_escaped=bool(self.escape))
        other.problems, other.skipped = self.problems, self.skipped
        return other

    def _sort_lines(self) -> None:
        separator, names, found = self.delimiters.field, self.delimiters.names, self.found
        for line in self.lines:
            name = names.get(line[:4])
            if name is None:
                if line[:1] == "Z" and line[3:4] == separator:
                    self.skip(line[:3])
                    continue
                name = self._unusual_name(line)
                line = line.lstrip(" \t\x0b\x1c")  # noqa: PLW2901 - an indented segment is the same segment
            if name in found:
                found[name].append(line)
            elif name:
                found[name] = [line]

    def name_of(self, line: str) -> str:
        """The used segment that a line is, ``""`` for any other."""
        return self.delimiters.names.get(line[:4]) or self._unusual_name(line)

    def _unusual_name(self, line: str) -> str:
        """The used segment that an indented, lower-case or bare line is, else ``""``, with a note of what it was."""
        line = line.strip(" \t\x0b\x1c")
        separator = self.delimiters.field
        name, mark = line[:3].upper(), line[3:4]
        if mark not in {"", separator} or not name.isalnum():
            self.skip("a line that is no segment" if line else "")
        elif f"{name}{separator}" in self.delimiters.names:
            return name
        else:
            self.skip(name)
        return ""

    def skip(self, what: str) -> None:
        """Note once that something was not read."""
        if what and what not in self.skipped and len(self.skipped) < MAX_SKIPPED:
            self.skipped.append(what)

    def problem(self, kind: str, field: str, raw: str = "") -> None:
        """Record what cannot be taken at face value."""
        self.problems.append(Problem(kind, field, raw[:MAX_TEXT]))

    def all(self, name: str) -> list[Fields]:
        """The fields of every segment of that name. Not to be changed."""
        segments = self._cut.get(name)
        if segments is None:
            separator, width, blanks = self.delimiters.field, WIDTHS[name], _BLANKS[name]
            segments = [line.split(separator, width) + blanks for line in self.found.get(name, ())]
            if name == "MSH":
                for msh in segments:
                    msh.insert(1, separator)
            self._cut[name] = segments
        return segments

    def first(self, name: str) -> Fields:
        """The fields of the first segment of that name; blanks where there is none. Not to be changed."""
        if name not in self.found:
            return _BLANKS[name]
        return (self._cut.get(name) or self.all(name))[0]

    def raw(self, name: str, number: int) -> str:
        """One field of the first segment of that name (not MSH), without cutting the others."""
        if name not in self.found:
            return ""
        fields = self.found[name][0].split(self.delimiters.field, number + 1)
        return fields[number] if len(fields) > number else ""

    def replace(self, name: str, fields: Fields) -> None:
        """Let these fields stand for every segment of that name, of which the message has some."""
        self._cut[name] = [fields]

    def at(self, place: Place) -> str:
        """The raw text at a place of the first such segment; of its first repetition where a component is asked."""
        raw = self.first(place.segment)[place.field]
        return self.components(raw)[place.component - 1] if place.component and raw else raw

    def text(self, raw: str) -> str | None:
        """What the sender meant: None where nothing is said, ``""`` for the explicit null, else stripped text."""
        if not raw:
            return None
        if raw.isalnum():
            return raw if len(raw) <= MAX_TEXT else self._shortened(raw)
        if raw == NULL:
            return ""
        if self.escape and self.escape in raw:
            raw = unescape(raw, self.delimiters)
        raw = raw.strip()
        return (raw if len(raw) <= MAX_TEXT else self._shortened(raw)) or None

    def value(self, raw: str) -> str:
        """The text of a value for which "no value" and silence are the same."""
        if raw.isalnum() and len(raw) <= MAX_TEXT:
            return raw
        return (self.text(raw) or "") if raw else ""

    def single(self, raw: str) -> str:
        """The raw first component of a field's first repetition."""
        if self.repetition in raw:
            raw = raw.partition(self.repetition)[0]
        return raw.partition(self.component)[0] if self.component in raw else raw

    def components(self, raw: str) -> list[str]:
        """The raw components of a field's first repetition, padded to MAX_COMPONENTS."""
        if self.repetition in raw:
            raw = raw.partition(self.repetition)[0]
        return raw.split(self.component, MAX_COMPONENTS) + _BLANK_COMPONENTS

    def repetitions(self, raw: str) -> list[str]:
        """The raw repetitions of a field that say something, MAX_REPETITIONS at most."""
        if self.repetition not in raw:
            return [raw] if raw else []
        return [part for part in raw.split(self.repetition, MAX_REPETITIONS)[:MAX_REPETITIONS] if part]

    def coded(self, raw: str) -> str | None:
        """The code of a coded element, or its text (second component) where the sender left the code out."""
        return self.coded_pair(raw)[0] if raw else None

    def coded_pair(self, raw: str) -> tuple[str | None, str | None]:
        """(code, text) of a coded element of the schedule."""
        if len(raw) <= LONGEST:
            return coded_element(raw, self.delimiters)
        parts = self.components(raw)
        code, text = self.text(parts[0]), self.text(parts[1])
        return (text if code is None else code), text

    def named(self, raw: str) -> str:
        """The value of a component that may be a hierarchic designator: its namespace, else its universal id."""
        if self.subcomponent in raw:
            namespace, _, universal = raw.partition(self.subcomponent)
            raw = namespace or universal.partition(self.subcomponent)[0]
        return self.value(raw)

    def _shortened(self, text: str) -> str:
        """The beginning of a value too long to keep, and a problem that names the field it is in."""
        start = text[:MAX_TEXT]
        homes = (
            f"{name}-{number}" for name in self.found for number, field in enumerate(self.first(name)) if start in field
        )
        self.problem("too_long", next(homes, ""), text)
        return start
