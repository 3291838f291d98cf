"""Takes an extract apart: every row becomes a message of note, header and row (see `note`)."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from scheduling.facts import Problem
from scheduling.readers.csv.note import RowNote, stamp, write_note
from scheduling.readers.csv.profile import CsvProfile, Layout, cells_of, layout_of, profile_of, rows_of
from scheduling.readers.localtime import read_formatted_time, read_iso_time
from scheduling.readers.shapes import Arrival, Envelope, ExtractInfo, Profile

MAX_RECORD_LINES = 100  # of one quoted record; a quote still open after that was never meant as one
MAX_RECORD_TEXT = 1_000  # of a header or trailer record, which patterns of the feed's settings are matched on
UTF16 = (b"\xff\xfe", b"\xfe\xff")
VANISHED_HEADER = b"appointment_id,namespace,occurrence\n"


def split(body: bytes, settings: Profile, arrival: Arrival) -> Envelope:
    """The rows of an extract. Files in UTF-16 are rewritten in the feed's encoding; all others keep their bytes."""
    profile = profile_of(settings)
    lines = _one_byte_text(body, profile).splitlines(keepends=True)
    while lines and not lines[-1].strip():
        lines.pop()
    del lines[: next((n for n, line in enumerate(lines) if line.strip()), 0)]
    groups = _take_frame(lines, profile)
    problems: list[Problem] = []
    records = _records(lines, profile, problems)
    header = _header_line(profile) or _one_line(next(records, b""))
    layout = layout_of(settings, _text(header, profile))
    rows = [record for record in records if record.strip(b' \t\r\n"' + profile.delimiter.encode())]
    extract = ExtractInfo(
        profile.extract, _taken_at(groups, profile, arrival), len(rows), hashlib.sha256(body).hexdigest()[:16]
    )
    if not {"appointment_id", "patient_id"} & set(layout.indexes):
        problems.append(Problem("unknown_header", "header"))
    if extract.kind == "full" and extract.taken_at is None:
        problems.append(Problem("no_taken_at", "extract", arrival.file_name[:200]))
    declared = int(groups["rows"]) if groups.get("rows", "").isdecimal() else None
    if declared is not None and declared != len(rows):
        problems.append(Problem("batch_count", "rows", f"{declared} declared, {len(rows)} found"))
    messages = [_note(row, layout, extract) + header + row for row in rows]
    return Envelope(messages, declared=declared, problems=problems, extract=extract)


def vanished_message(
    appointment_id: str, taken_at: datetime, extract_id: str, namespace: str, occurrence: str = ""
) -> bytes:
    """The message for a visit that the full extract of ``taken_at`` (UTC) no longer lists.

    It reads as an appointment fact with trigger ``vanished``; equal arguments give equal bytes.
    """
    control = "/".join(filter(None, (appointment_id, occurrence, "vanished", stamp(taken_at))))
    note = RowNote("vanished", taken_at, extract_id, control=control)
    row = io.StringIO()
    csv.writer(row, lineterminator="\n").writerow([appointment_id, namespace, occurrence])
    return write_note(note) + VANISHED_HEADER + row.getvalue().encode()


def _one_byte_text(body: bytes, profile: CsvProfile) -> bytes:
    if body.startswith(UTF16) or profile.encoding.lower().startswith("utf-16"):
        codec = "utf-16" if body.startswith(UTF16) else profile.encoding
        return body.decode(codec, "replace").encode(message_encoding(profile), "replace")
    return body.removeprefix(b"\xef\xbb\xbf")


def message_encoding(profile: CsvProfile) -> str:
    """How the rows of split messages are encoded."""
    return "utf-8" if profile.encoding.lower().startswith(("utf-16", "utf-8")) else profile.encoding


def _text(record: bytes, profile: CsvProfile) -> str:
    return record.decode(message_encoding(profile), "replace").rstrip("\r\n")


def _header_line(profile: CsvProfile) -> bytes:
    if not profile.header:
        return b""
    line = io.StringIO()
    csv.writer(line, delimiter=profile.delimiter, lineterminator="\n").writerow(profile.header)
    return line.getvalue().encode(message_encoding(profile), "replace")


def _one_line(header: bytes) -> bytes:
    """A header whose quoted names hold line breaks, on one line: readers part header and row at the first one."""
    return b" ".join(header.split(b"\n")).rstrip() + b"\n"


def _take_frame(lines: list[bytes], profile: CsvProfile) -> dict[str, str]:
    """Take header and trailer record off the lines and answer with the groups their patterns matched."""
    groups: dict[str, str] = {}
    for pattern, index in ((profile.trailer_record, -1), (profile.header_record, 0)):
        if not pattern or not lines:
            continue
        match = re.search(pattern, _text(lines[index][:MAX_RECORD_TEXT], profile))
        if match:
            del lines[index]
            groups |= {name: value for name, value in match.groupdict().items() if value}
    return groups


def _records(lines: list[bytes], profile: CsvProfile, problems: list[Problem]) -> Iterator[bytes]:
    """Whole records: lines joined where a quoted cell holds a line break, each scanned a bounded number of times.

    A blank line between records is none; inside a quoted cell it is part of what was written.
    """
    quote = profile.quote.encode()
    index = 0
    while index < len(lines):
        line = lines[index]
        if not line.strip():
            index += 1
            continue
        count = 1 if not quote or line.count(quote) % 2 == 0 else _lines_of_record(lines, index, profile)
        if count == 0:
            problems.append(Problem("unclosed_quote", f"line {index + 1}"))
            count = 1
        yield (line if count == 1 else b"".join(lines[index : index + count])).rstrip(b"\r\n") + b"\n"
        index += count


def _lines_of_record(lines: list[bytes], index: int, profile: CsvProfile) -> int:
    """How many lines the record at ``index`` takes; 0 if its quote never closes."""
    texts = (line.decode("latin-1") for line in islice(lines, index, index + MAX_RECORD_LINES))
    reader = rows_of(texts, profile)
    try:
        next(reader)
    except csv.Error:
        return 0
    joined = b"".join(lines[index : index + reader.line_num])
    is_open = reader.line_num > 1 or index + 1 == len(lines)
    return 0 if is_open and joined.count(profile.quote.encode()) % 2 else reader.line_num


def _taken_at(groups: dict[str, str], profile: CsvProfile, arrival: Arrival) -> datetime | None:
    """From the records around the table, else the file's name, else its time if the feed trusts that; UTC."""
    text = groups.get("taken_at", "")
    if not text and profile.taken_at_from == "modified":
        return arrival.modified_at
    if not text and profile.taken_at_from:
        match = re.search(profile.taken_at_from, arrival.file_name[:MAX_RECORD_TEXT])
        text = match.groupdict().get("taken_at") or "" if match else ""
    read = read_formatted_time(text, profile.taken_at_formats, arrival.zone)
    return read.at or (read_iso_time(text, arrival.zone).at if text else None)


def _note(row: bytes, layout: Layout, extract: ExtractInfo) -> bytes:
    cells = cells_of(_text(row, layout.profile), layout.profile)
    changed_at = _cell(cells, "changed_at", layout) if extract.kind != "full" else ""
    moment = changed_at or stamp(extract.taken_at)
    control = f"{_cell(cells, 'appointment_id', layout)}/{moment}"[:255] if moment else ""
    patient = _cell(cells, "patient_id", layout)[:255]
    if changed_at:
        return write_note(RowNote(extract.kind, control=control, patient=patient))
    return write_note(RowNote(extract.kind, extract.taken_at, extract.id, extract.rows, control, patient))


def _cell(cells: list[str], field: str, layout: Layout) -> str:
    index = layout.indexes.get(field)
    return "" if index is None or index >= len(cells) else cells[index].strip()
