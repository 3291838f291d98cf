"""CSV of exactly the filtered view, streamed."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.http import StreamingHttpResponse

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
