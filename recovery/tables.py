"""A CSV table that people or programs send: columns by name, lines by number, bounds. Pure."""

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from recovery.errors import InvalidActError

Line = tuple[int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one line of a file, without what it says about anybody."""

    line: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table, those it cannot do without, and how much of it is read."""

    allowed: Sequence[str]
    needed: Collection[str]
    most_rows: int
    most_bytes: int


def read_table(body: bytes, columns: Columns) -> list[Line]:
    """The rows with the lines they end on; cells as they stand.

    Raises InvalidActError where the file as a whole cannot be read.
    """
    if len(body) > columns.most_bytes:
        raise InvalidActError(f"The file is larger than {columns.most_bytes // 1_000_000} MB.")
    try:
        reader = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), restkey="", strict=True)
        names = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = names
        _check(names, columns)
        rows = [(reader.line_num, row) for row in reader if any(row.values())]
    except UnicodeDecodeError as error:
        raise InvalidActError("Save the file as UTF-8.") from error
    except csv.Error as error:
        raise InvalidActError("The file is no CSV table.") from error
    if not 1 <= len(rows) <= columns.most_rows:
        raise InvalidActError(f"Give 1 to {columns.most_rows:,} lines below the names of the columns.")
    if any("" in row for _, row in rows):
        raise InvalidActError("A line has more cells than there are columns.")
    return [(line, {name: (value or "").strip() for name, value in row.items()}) for line, row in rows]


def _check(names: Sequence[str], columns: Columns) -> None:
    missing = [name for name in columns.needed if name not in names]
    unknown = [name for name in names if name not in columns.allowed]
    if missing:
        raise InvalidActError(f"Columns missing: {', '.join(missing)}.")
    if unknown or len(set(names)) != len(names):
        raise InvalidActError(f"Columns are only these, each once: {', '.join(columns.allowed)}.")
