"""What the columns of an extract mean: the feed's ``csv`` settings and one header, made ready for reading rows."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    import _csv

FIELDS = (
    *("appointment_id", "occurrence", "status", "reason", "appointment_reason", "resource_status", "note"),
    *("starts", "date", "time", "minutes", "ends", "changed_at"),
    *("clinic", "room", "provider", "provider_name", "resource", "visit_type", "visit_type_name", "reason_text"),
    *("patient_id", "family", "given", "born", "sex", "language", "zone", "deceased", "restricted", "guardian"),
    *("mobile", "home_phone", "work_phone", "email", "portal", "opt_out_text"),
)
ISO = "iso"
TAKEN_AT_FORMATS = tuple(
    f"%Y%m%d{between}{clock}" for between in ("", "_", "-", "T") for clock in ("%H%M%S", "%H%M", "%H%M%SZ")
)


@dataclass(slots=True, frozen=True)
class CsvProfile:
    """The ``csv`` settings of a feed. Every setting has a default, so ``{}`` reads a plain comma file.

    ``columns`` maps our field to the header's name (default: the same word). ``formats`` are strptime patterns or
    ``iso``, one or a list, tried in order. ``extract`` is ``delta`` or ``full``. ``empty`` says what a blank cell of a
    column means: ``clears`` (there is none) or ``unsaid``. ``header`` names the columns of a file without a header
    line. ``header_record`` and ``trailer_record`` are patterns of lines around the table, whose groups ``rows`` and
    ``taken_at`` are used; ``taken_at_from`` is ``modified`` or a pattern for the file's name with group ``taken_at``.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    extract: str = "delta"
    trigger: str = "row"
    namespace: str = ""
    empty: str = "clears"
    nulls: frozenset[str] = frozenset({"NULL", "\\N"})
    header: tuple[str, ...] = ()
    header_record: str = ""
    trailer_record: str = ""
    taken_at_from: str = ""
    taken_at_formats: tuple[str, ...] = TAKEN_AT_FORMATS


@dataclass(slots=True, frozen=True, eq=False)
class Layout:
    """Where each field stands in the rows under one header; ``missing`` are configured columns the header lacks.

    Layouts are compared by identity; the same settings and header give the same one while it is kept.
    """

    profile: CsvProfile
    width: int
    indexes: Mapping[str, int]
    missing: tuple[str, ...]


def profile_of(settings: Mapping[str, Any]) -> CsvProfile:
    """The CSV settings inside a feed's settings."""
    return kept_profile(settings_key(settings))


def layout_of(settings: Mapping[str, Any], header: str) -> Layout:
    """The layout that a feed's settings give to a header line (without its line end)."""
    return kept_layout(settings_key(settings), header)


def settings_key(settings: Mapping[str, Any]) -> bytes:
    """The CSV settings inside a feed's settings, as a text that is equal for equal settings."""
    return orjson.dumps(settings.get("csv", {}))


@lru_cache(maxsize=256)
def kept_profile(settings: bytes) -> CsvProfile:
    """The profile of a `settings_key`; made once while it is kept."""
    given: dict[str, Any] = orjson.loads(settings)
    known = {key: value for key, value in given.items() if key in CsvProfile.__dataclass_fields__}
    known |= {key: _texts(known[key]) for key in ("header", "taken_at_formats") if key in known}
    known["formats"] = {key: _texts(value) for key, value in known.get("formats", {}).items()}
    if "nulls" in known:
        known["nulls"] = frozenset(_texts(known["nulls"]))
    return CsvProfile(**known)


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@lru_cache(maxsize=256)
def kept_layout(settings: bytes, header: str) -> Layout:
    """The layout of a `settings_key`; made once while it is kept."""
    profile = kept_profile(settings)
    names = [name.strip().casefold() for name in cells_of(header, profile)]
    places: dict[str, int] = {}
    for index, name in enumerate(names):
        places.setdefault(name, index)
    wanted = {each: profile.columns.get(each, each).strip().casefold() for each in FIELDS}
    indexes = {each: places[name] for each, name in wanted.items() if name in places}
    missing = tuple(name for each, name in profile.columns.items() if each in FIELDS and each not in indexes)
    return Layout(profile, len(names), indexes, missing)


def cells_of(record: str, profile: CsvProfile) -> list[str]:
    """The cells of one record, which may span lines; an empty list where it cannot be parsed at all."""
    try:
        return next(rows_of((f"{line}\n" for line in record.split("\n")), profile), [])
    except csv.Error:
        return []


def rows_of(lines: Iterable[str], profile: CsvProfile) -> "_csv.Reader":
    """The csv module's reader for this feed's delimiter and quote; a feed without a quote has no quoting at all."""
    if not profile.quote:
        return csv.reader(lines, delimiter=profile.delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=profile.delimiter, quotechar=profile.quote)
