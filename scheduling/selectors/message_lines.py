"""A raw message made readable, patient data masked unless somebody asked with a reason. Pure.

Better blind than open: what is not known to be harmless is masked, with dots of equal length.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from config.web.masking import Part, dots, mask_hl7
from scheduling.facts import UnreadableMessageError
from scheduling.readers.csv.note import MARK, take_note
from scheduling.readers.csv.profile import cells_of, layout_of
from scheduling.readers.hl7.charset import decode
from scheduling.vocabulary import FeedFormat

MOST_SHOWN = 64 * 1024  # characters of one message
MOST_DEPTH = 60  # of JSON; no resource is as deep, and what lies deeper is not shown
PUNCTUATION = '{}[]":,|^~&\\<>=/ \n\t'

# FHIR: elements of other resources that name or describe a patient, wherever they stand.
MASKED_KEYS = frozenset(
    {"name", "telecom", "birthDate", "address", "contact", "photo", "text", "comment", "description", "note",
     "patientInstruction", "div", "subject", "extension", "valueString"}
)  # fmt: skip
PERSON_RESOURCES = frozenset({"Patient", "RelatedPerson", "Person"})
# Of a person's resource only these are shown.
OPEN_PERSON_KEYS = frozenset(
    {"resourceType", "meta", "active", "gender", "deceasedBoolean", "communication", "type", "link", "language"}
)
# Columns of an extract that say nothing about who somebody is.
OPEN_COLUMNS = frozenset(
    {"appointment_id", "occurrence", "status", "reason", "appointment_reason", "resource_status", "starts", "date",
     "time", "minutes", "ends", "changed_at", "clinic", "room", "provider", "provider_name", "resource", "visit_type",
     "visit_type_name", "sex", "language", "zone", "portal", "restricted", "deceased", "opt_out_text"}
)  # fmt: skip
Lines = list[list[Part]]


def message_lines(body: bytes, format: FeedFormat, *, culprits: frozenset[str], is_open: bool) -> Lines:  # noqa: A002
    """The message as lines of parts: HL7 by segment, JSON indented, a CSV row as it came. Never raises."""
    match format:
        case FeedFormat.HL7V2:
            return hl7_lines(body, culprits, is_open=is_open)
        case FeedFormat.FHIR:
            return json_lines(body, culprits, is_open=is_open)
        case _:
            return plain_lines(body, is_open=is_open)


def hl7_lines(body: bytes, culprits: frozenset[str], *, is_open: bool) -> Lines:
    """Segments; without an MSH the bytes are shown as text, masked whole."""
    try:
        text, _ = decode(body)
    except UnreadableMessageError:
        return plain_lines(body, is_open=is_open)
    if not is_open:
        return mask_hl7(text[:MOST_SHOWN], culprits=culprits)
    return [[Part(line[:3], "name"), Part(line[3:])] for line in text[:MOST_SHOWN].split("\r") if line]


def plain_lines(body: bytes, *, is_open: bool) -> Lines:
    """Text of no known structure: its letters and digits masked."""
    lines = body[:MOST_SHOWN].decode("utf-8", "replace").splitlines()
    return [[Part(line)] if is_open else [Part(dots(line, PUNCTUATION), "masked")] for line in lines]


def json_lines(body: bytes, culprits: frozenset[str], *, is_open: bool) -> Lines:
    """A FHIR resource, indented by two."""
    try:
        resource = orjson.loads(body)
    except orjson.JSONDecodeError:
        return plain_lines(body, is_open=is_open)
    printer = _JsonPrinter(culprits, is_open=is_open)
    printer.value(resource, 0, hide=False)
    return printer.lines[:2000]


class _JsonPrinter:
    """Prints JSON as lines of parts, hiding what stands under a masked key."""

    def __init__(self, culprits: frozenset[str], *, is_open: bool) -> None:
        self.culprits = culprits
        self.is_open = is_open
        self.lines: Lines = [[]]

    def value(self, value: Any, depth: int, *, hide: bool) -> None:
        """Print one value at the end of the current line."""
        if depth > MOST_DEPTH and isinstance(value, dict | list):
            self.lines[-1].append(Part("…", "masked"))
        elif isinstance(value, dict):
            self._group(list(value.items()), "{}", depth, hide=hide, of=value)
        elif isinstance(value, list):
            self._group([(None, item) for item in value], "[]", depth, hide=hide, of={})
        else:
            self._text(value, hide=hide)

    def _text(self, value: Any, *, hide: bool) -> None:
        text = orjson.dumps(value).decode()
        if hide and not self.is_open and value is not None:
            self.lines[-1].append(Part(dots(text, '"'), "masked"))
        else:
            self.lines[-1].append(Part(text, "culprit" if value in self.culprits and value != "" else ""))

    def _group(
        self, items: list[tuple[str | None, Any]], ends: str, depth: int, *, hide: bool, of: Mapping[str, Any]
    ) -> None:
        self.lines[-1].append(Part(ends[0]))
        for number, (key, item) in enumerate(items):
            self.lines.append([Part("  " * (depth + 1))])
            if key is not None:
                self.lines[-1] += [Part(orjson.dumps(key).decode(), "name"), Part(": ")]
            self.value(item, depth + 1, hide=hide or (key is not None and is_masked_key(key, item, of)))
            if number < len(items) - 1:
                self.lines[-1].append(Part(","))
        self.lines.append([Part("  " * depth), Part(ends[1])])


def is_masked_key(key: str, value: Any, of: Mapping[str, Any]) -> bool:
    """Whether an element of the object ``of`` may name a patient."""
    if of.get("resourceType") in PERSON_RESOURCES:
        return key not in OPEN_PERSON_KEYS
    if key == "reference":
        return isinstance(value, str) and value.rpartition("/")[0].rpartition("/")[2] in PERSON_RESOURCES
    if key in {"display", "identifier"} and "reference" in of:
        return is_masked_key("reference", of["reference"], of)
    if key == "display":
        return "reference" not in of and "system" not in of and "code" not in of
    return key in MASKED_KEYS and not (key == "text" and "coding" in of)


def csv_cells(body: bytes, profile: Mapping[str, Any], *, is_open: bool) -> list[tuple[str, Part]]:
    """One row as (column, cell) pairs; columns the feed's settings do not name are masked."""
    _, rest = take_note(body)
    header, _, record = rest.decode("utf-8", "replace").partition("\n")
    layout = layout_of(profile, header.rstrip("\r"))
    names = cells_of(header.rstrip("\r"), layout.profile)
    cells = cells_of(record.rstrip("\r\n"), layout.profile)
    fields = {place: name for name, place in layout.indexes.items()}
    width = max(len(names), len(cells))
    return [
        (
            names[at] if at < len(names) else f"column {at + 1}",
            _cell(cells[at] if at < len(cells) else "", is_open=is_open or fields.get(at) in OPEN_COLUMNS),
        )
        for at in range(width)
    ]


def _cell(text: str, *, is_open: bool) -> Part:
    return Part(text) if is_open or not text else Part(dots(text, ""), "masked")


def has_note(body: bytes) -> bool:
    """Whether intake wrote a line above the row."""
    return body.startswith(MARK)
