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


def stamp(moment: datetime | None) -> str:
    """A UTC moment as ``2026-11-22T03:00:00Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else ""


def write_note(note: RowNote) -> bytes:
    """The line, with its end."""
    values = note._replace(taken_at=None)._asdict() | {"taken_at": stamp(note.taken_at)}
    pairs = (f"{key}={quote(str(values[key]), safe=':')}" for key in RowNote._fields if values[key] not in {"", None})
    return MARK + " ".join(pairs).encode() + b"\n"


def take_note(message: bytes) -> tuple[RowNote, bytes]:
    """(note, the rest); an unreadable value counts as absent."""
    if not message.startswith(MARK):
        return RowNote(), message
    line, _, rest = message.partition(b"\n")
    pairs = (pair.partition("=") for pair in line[len(MARK) :].decode("utf-8", "replace").split())
    values = {key: unquote(value) if "%" in value else value for key, _, value in pairs}
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
