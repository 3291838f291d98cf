"""A whole revision as one CSV file, and back: ``read_revision(write_revision(rows), …) == rows``. Pure.

One wide header serves rules, reasons and precedence; ``table`` says which a line is, and columns that its table has
not stay empty. ``cells`` tells how a value stands in a cell. Reading is strict and reports everything at once.
"""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from io import StringIO

from scheduling.facts import Signals
from scheduling.mapping.cells import Clinic, Codec, Flag, Number, Signal, Text, Word
from scheduling.mapping.errors import ImportProblem, ImportRefusedError
from scheduling.mapping.plausibility import row_problems
from scheduling.mapping.rows import PlainRow, RowKey, Table, Value, ordered
from scheduling.mapping.validation import CODE_LIMIT, PATTERN_LIMIT, STARS_LIMIT
from scheduling.mapping.vocabulary import Leads
from scheduling.vocabulary import EventKind, Initiator, SetBy, Status

BOM = "\ufeff"
MOST_BYTES = 5_000_000

_FLAGS: dict[str, Codec] = {
    "set_by": Word(SetBy.values),
    "reopens": Flag(),
    "suppresses": Flag(),
    "counts_as_missed": Flag(),
}
_ORIGIN: dict[str, Codec] = {"pack": Text(60, trimmed=True), "pack_row": Number(), "citation": Text(500)}
CODECS: dict[Table, dict[str, Codec]] = {
    Table.RULE: {
        "clinic": Clinic(),
        **{name: Signal() for name in Signals._fields},
        "note": Signal(PATTERN_LIMIT, STARS_LIMIT),
        "kind": Word(EventKind.values, may_be_empty=True),
        "status": Word(Status.values, may_be_empty=True),
        "initiator": Word(Initiator.values, may_be_empty=True),
        "initiator_by_reason": Flag(),
        **_FLAGS,
        "remark": Text(300),
        **_ORIGIN,
    },
    Table.REASON: {
        "code": Text(CODE_LIMIT, trimmed=True, needed=True),
        "text": Text(200),
        "initiator": Word(Initiator.values),
        **_FLAGS,
        **_ORIGIN,
    },
    Table.PRECEDENCE: {
        "clinic": Clinic(),
        "trigger": Text(CODE_LIMIT, trimmed=True),
        "leads": Word(Leads.values),
    },
}
SAME = {Table.RULE: "clinic and signals", Table.REASON: "code", Table.PRECEDENCE: "clinic and trigger"}
HEADER = (
    "table", "clinic", *Signals._fields, "code", "text", "kind", "status", "initiator", "initiator_by_reason",
    *_FLAGS, "leads", "remark", *_ORIGIN,
)  # fmt: skip


def write_revision(rows: Iterable[PlainRow]) -> str:
    """The file of a revision: UTF-8 with BOM once encoded, CRLF; equal revisions give equal files."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for row in ordered(rows):
        codecs, named = CODECS[row.table], row.named
        cells = {name: codec.write(named[name]) for name, codec in codecs.items()}
        writer.writerow([row.table, *(cells.get(name, "") for name in HEADER[1:])])
    return BOM + out.getvalue()


def decode(data: bytes) -> str:
    """The text of an uploaded file. Raises ImportRefusedError for one that is too large or not UTF-8."""
    if len(data) > MOST_BYTES:
        raise _refused(1, f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(line, "This is not UTF-8. Save the file as “CSV UTF-8”.") from error


def read_revision(text: str, *, clinics: Collection[str]) -> tuple[PlainRow, ...]:
    """The rows of a file, ordered; ``clinics`` are the keys of the source's clinics.

    Raises ImportRefusedError with everything that is wrong: unless all is right there are no rows at all.
    """
    if len(text) > MOST_BYTES:
        raise _refused(1, f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
    if "\x00" in text:
        raise _refused(text.count("\n", 0, text.index("\x00")) + 1, "There is a NUL byte here; text has none.")
    problems: list[ImportProblem] = []
    lines = _lines(text.removeprefix(BOM), problems)
    rows: dict[RowKey, tuple[int, PlainRow]] = {}
    header = _header(lines, problems)
    for line, cells in lines:
        row = _row(line, cells, header, clinics, problems)
        if row is None:
            continue
        if row.identity in rows:
            twin = f"Line {rows[row.identity][0]} is for exactly the same {SAME[row.table]}."
            problems.append(ImportProblem(line, "", twin))
        rows.setdefault(row.identity, (line, row))
    if problems:
        raise ImportRefusedError(problems)
    return tuple(ordered(row for _, row in rows.values()))


def _lines(text: str, problems: list[ImportProblem]) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of its first line, to the end or to where it is no CSV; empty ones are left out."""
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        said = f"From here on this is no CSV ({error}). Is a quotation mark missing?"
        problems.append(ImportProblem(line, "", said))


def _header(lines: Iterator[tuple[int, list[str]]], problems: list[ImportProblem]) -> list[str]:
    """The names of the first line; raises ImportRefusedError for others than ours."""
    line, cells = next(lines, (1, []))
    names = [cell.strip() for cell in cells]
    problems += [ImportProblem(line, name, "There is no such column.") for name in names if name not in HEADER]
    problems += [
        ImportProblem(line, name, "This column is missing." if not names.count(name) else "This column is there twice.")
        for name in HEADER
        if names.count(name) != 1
    ]
    if problems:
        raise ImportRefusedError(problems)
    return names


def _row(
    line: int, cells: list[str], header: list[str], clinics: Collection[str], problems: list[ImportProblem]
) -> PlainRow | None:
    """The row of a line, or None after its problems were noted."""
    if len(cells) != len(header):
        problems.append(ImportProblem(line, "", f"This line has {len(cells)} cells, the first line {len(header)}."))
        return None
    named = dict(zip(header, cells, strict=True))
    word = named.pop("table").strip()
    if word not in list(Table):
        problems.append(ImportProblem(line, "table", f"Write one of: {', '.join(Table)}."))
        return None
    table = Table(word)
    values, wrong = _values(table, named)
    if not wrong:
        wrong = dict(row_problems(table, values, clinics))
    problems += [ImportProblem(line, column, text) for column, text in wrong.items()]
    return None if wrong else PlainRow(table, tuple(values.values()))


def _values(table: Table, cells: Mapping[str, str]) -> tuple[dict[str, Value], dict[str, str]]:
    """The values of a row's own columns, and what is wrong by column."""
    values: dict[str, Value] = {}
    wrong = {
        name: f"A {table} has no {name}; leave the cell empty."
        for name, cell in cells.items()
        if name not in CODECS[table] and cell.strip()
    }
    for name, codec in CODECS[table].items():
        try:
            values[name] = codec.read(cells[name])
        except ValueError as error:
            wrong[name] = str(error)
    return values, wrong


def _refused(line: int, text: str) -> ImportRefusedError:
    return ImportRefusedError([ImportProblem(line, "", text)])
