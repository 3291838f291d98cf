"""The line that intake writes above every row, so that a row reads alone.

``#desk kind=full taken_at=2026-11-22T03:00:00Z extract=9f86d081884c7d65 rows=2118 control=V17%2F… patient=4711``

``kind``      delta, full, or vanished (a visit that a full extract no longer lists)
``taken_at``  when the extract was taken (UTC), ``extract`` its id (of its content), ``rows`` how many it has: only
              where the extract dates its rows (a full one, or a delta without a ``changed_at`` column). A row that
              dates itself carries none of them, so that the same row in two overlapping deltas is the same message.
``control``   the row's control id, ``patient`` its raw patient id: what intake peeks at.

Values are percent-encoded UTF-8; keys without a value are left out.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

MARK = b"#desk "


class RowNote(NamedTuple):
    """What stands above a row; empty where the row came without a note."""

    kind: str = ""
    taken_at: datetime | None = None
    extract: str = ""
    rows: int | None = None
    control: str = ""
    patient: str = ""


@lru_cache(maxsize=256)
def stamp(moment: datetime | None) -> str:
    """A UTC moment as ``2026-11-22T03:00:00Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else ""


def write_note(note: RowNote) -> bytes:
    """The line, with its end."""
    rows = "" if note.rows is None else str(note.rows)
    texts = (note.kind, stamp(note.taken_at), note.extract, rows, note.control, note.patient)
    pairs = [f"{key}={_quoted(text)}" for key, text in zip(RowNote._fields, texts, strict=True) if text]
    return MARK + " ".join(pairs).encode() + b"\n"


def _quoted(text: str) -> str:
    return text if text.isalnum() and text.isascii() else quote(text, safe=":")


def _values(line: bytes) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in line[len(MARK) :].decode("utf-8", "replace").split()]
    return {key: value for key, _, value in pairs}


def _unquoted(value: str) -> str:
    return unquote(value) if "%" in value else value


def peek_note(message: bytes) -> tuple[str, str]:
    """(control, patient) of the note above a row; empty where there is none."""
    if not message.startswith(MARK):
        return "", ""
    values = _values(message[: message.find(b"\n")] if b"\n" in message else message)
    return _unquoted(values.get("control", "")), _unquoted(values.get("patient", ""))


def take_note(message: bytes) -> tuple[RowNote, bytes]:
    """(note, the rest); an unreadable value counts as absent."""
    if not message.startswith(MARK):
        return RowNote(), message
    line, _, rest = message.partition(b"\n")
    values = {key: _unquoted(value) for key, value in _values(line).items()}
    rows = values.get("rows", "")
    return RowNote(
        kind=values.get("kind", ""),
        taken_at=_moment(values.get("taken_at", "")),
        extract=values.get("extract", ""),
        rows=int(rows) if rows.isdecimal() and len(rows) < 10 else None,
        control=values.get("control", ""),
        patient=values.get("patient", ""),
    ), rest


@lru_cache(maxsize=256)
def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
