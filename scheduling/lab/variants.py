"""Copies of a message in which one field is left out or altered, format by format. Pure."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from scheduling.readers.csv.envelope import message_encoding
from scheduling.readers.csv.note import take_note
from scheduling.readers.csv.profile import cells_of, profile_of
from scheduling.vocabulary import FeedFormat

MOST_DEPTH: Final = 40  # a FHIR resource is a few levels deep
_LINES: Final = re.compile(rb"(\r\n|\r|\n)")
_LAST_SIGN: Final = re.compile(r"[0-9A-Za-z](?=[^0-9A-Za-z]*$)")


@dataclass(frozen=True, slots=True)
class Variant:
    """A field's place in the words of its format, and the message without it and with another value in it."""

    place: str
    bodies: tuple[bytes, ...]


def variants_of(body: bytes, format: FeedFormat, profile: Mapping[str, Any]) -> Iterator[Variant]:  # noqa: A002
    """One variant for each field that says something, in the order of the message; none where it has no fields."""
    match format:
        case FeedFormat.HL7V2:
            return _of_hl7(body)
        case FeedFormat.FHIR:
            return _of_fhir(body)
        case FeedFormat.CSV:
            return _of_csv(body, profile)


def altered(text: str) -> str:
    """The text with the last letter or digit of each component another one, its shape kept."""
    return "^".join(_altered(part) for part in text.split("^"))


def _altered(text: str) -> str:
    return _LAST_SIGN.sub(lambda found: _another(found[0]), text, count=1)


def _another(sign: str) -> str:
    if sign.isdigit():
        return str((int(sign) + 1) % 10)
    return "Y" if sign in "Xx" else "X"


def _of_hl7(body: bytes) -> Iterator[Variant]:
    start = body.find(b"MSH")
    separator = body[start + 3 : start + 4]
    if start < 0 or not separator.strip() or separator.isalnum():
        return
    pieces = _LINES.split(body)
    seen: dict[str, int] = {}
    for at in range(0, len(pieces), 2):
        cells = pieces[at].split(separator)
        name = cells[0].lstrip(b"\x0b\x1c \t").decode("latin-1")[:3]
        if len(cells) < 2 or not name:
            continue
        seen[name] = seen.get(name, 0) + 1
        label = name if seen[name] == 1 else f"{name}({seen[name]})"
        first = 1 if name != "MSH" else 2
        for number in range(first, len(cells)):  # MSH-1 and MSH-2 say how to read, not what
            if cells[number].strip():
                place = f"{label}-{number + first - 1}"
                yield Variant(place, tuple(_hl7_bodies(pieces, at, cells, number, separator)))


def _hl7_bodies(pieces: list[bytes], at: int, cells: list[bytes], number: int, separator: bytes) -> Iterator[bytes]:
    other = altered(cells[number].decode("latin-1")).encode("latin-1")
    for value in (b"", other):
        line = separator.join([*cells[:number], value, *cells[number + 1 :]])
        yield b"".join([*pieces[:at], line, *pieces[at + 1 :]])


def _of_fhir(body: bytes) -> Iterator[Variant]:
    try:
        resource = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
        orjson.dumps(resource)  # it reads deeper than it writes
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return
    if isinstance(resource, dict):
        yield from _of_element(resource, resource, "", MOST_DEPTH)


def _of_element(resource: dict[str, Any], element: Any, path: str, depth: int) -> Iterator[Variant]:
    """Leaves of one element; the resource is changed in place for the moment that it is printed."""
    if not depth:
        return
    pairs = list(element.items()) if isinstance(element, dict) else list(enumerate(element))
    for key, value in pairs:
        place = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}" if path else key
        if isinstance(value, dict | list):
            yield from _of_element(resource, value, place, depth - 1)
        elif value not in (None, ""):
            yield Variant(place, tuple(_fhir_bodies(resource, element, key, value)))


def _fhir_bodies(resource: dict[str, Any], element: Any, key: Any, value: Any) -> Iterator[bytes]:
    for other in (None, _other_value(value)):
        element[key] = other
        yield orjson.dumps(resource)
    element[key] = value


def _other_value(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) and abs(value) < 2**53 else _altered(str(value))


def _of_csv(body: bytes, profile: Mapping[str, Any]) -> Iterator[Variant]:
    settings = profile_of(profile)
    encoding = message_encoding(settings)
    _, rest = take_note(body)
    header, line_end, record = rest.partition(b"\n")
    top = body[: len(body) - len(rest)] + header + line_end
    try:
        names = cells_of(header.decode(encoding, "replace").rstrip("\r"), settings)
        cells = cells_of(record.decode(encoding, "replace").rstrip("\r\n"), settings)
    except LookupError:  # the settings name a character set that nobody knows
        return
    for number, cell in enumerate(cells):
        if cell.strip():
            place = names[number].strip() if number < len(names) else f"column {number + 1}"
            rows = ([*cells[:number], value, *cells[number + 1 :]] for value in ("", _altered(cell)))
            yield Variant(place, tuple(top + _csv_row(row, settings.delimiter, encoding) for row in rows))


def _csv_row(row: list[str], delimiter: str, encoding: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerow(row)
    return out.getvalue().encode(encoding, "replace")
