"""Exactly the filtered view as a file: CSV, streamed, or a workbook of several sheets."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from itertools import islice
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from xlsxwriter import Workbook

MOST_ROWS = 50_000
# A cell that begins so is a formula to a spreadsheet (OWASP: CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Echo:
    """A file that hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        """Return what was written."""
        return line


def safe_cell(value: object) -> str:
    """Print a cell so that no spreadsheet runs it; plain numbers keep their minus."""
    text = "" if value is None else str(value)
    if isinstance(value, int | float) or not text.startswith(FORMULA_STARTS):
        return text
    return f"'{text}"


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]], *, limit: int = MOST_ROWS) -> Iterator[str]:
    """Yield the lines of a CSV file; a last line says so when the rows were cut at ``limit``."""
    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow(header)
    rest = iter(rows)
    for row in islice(rest, limit):
        yield writer.writerow([safe_cell(cell) for cell in row])
    if next(rest, None) is not None:
        yield writer.writerow([f"Cut at {limit:,} rows. Narrow the filter to get the others."])


def csv_response(
    name: str, header: Sequence[str], rows: Iterable[Sequence[object]], *, limit: int = MOST_ROWS
) -> StreamingHttpResponse:
    """Send a CSV file called ``name``.csv; ``rows`` may be a generator over ``queryset.iterator()``."""
    response = StreamingHttpResponse(csv_lines(header, rows, limit=limit), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response


@dataclass(frozen=True)
class Sheet:
    """One table of a file: cells are text, numbers, dates or None."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[object]]


def sheets_as_csv(name: str, sheets: Sequence[Sheet]) -> StreamingHttpResponse:
    """Send several tables as one CSV: a first column names the table, every other column stands once."""
    header = list(dict.fromkeys(column for sheet in sheets for column in sheet.header))
    rows = (
        [sheet.name, *(cells.get(column) for column in header)]
        for sheet in sheets
        for cells in (dict(zip(sheet.header, row, strict=True)) for row in sheet.rows)
    )
    return csv_response(name, ["Table", *header], rows)


def xlsx_response(name: str, sheets: Sequence[Sheet]) -> HttpResponse:
    """Send a workbook called ``name``.xlsx. Text is written as text: nothing becomes a formula or a link."""
    body = BytesIO()
    with Workbook(body, {"in_memory": True}) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            for column, title in enumerate(sheet.header):
                page.write_string(0, column, title, bold)
            for line, row in enumerate(sheet.rows[:MOST_ROWS], start=1):
                for column, cell in enumerate(row):
                    _write(page, line, column, cell, day)
            page.autofit()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(body.getvalue(), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    response["Cache-Control"] = "no-store"
    return response


def _write(page: Any, line: int, column: int, cell: object, day: Any) -> None:
    if isinstance(cell, int | float):
        page.write_number(line, column, cell)
    elif isinstance(cell, date):
        page.write_datetime(line, column, cell, day)
    elif cell is not None:
        page.write_string(line, column, str(cell))
