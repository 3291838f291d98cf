"""What gateways post: statuses and replies as JSON, read within bounds. Pure; what cannot be read is refused."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

MOST_BYTES = 64 * 1024
MOST_STATUSES = 500
MOST_OF_ID, MOST_OF_VALUE, MOST_OF_TEXT = 100, 254, 1_000

ARRIVED = frozenset({"delivered", "read", "opened"})
LOST = frozenset({"failed", "undelivered", "bounced", "rejected", "expired"})
# On its way: all it tells is that the gateway speaks.
UNDERWAY = frozenset({"accepted", "queued", "sending", "sent"})


class UnreadablePostError(Exception):
    """A post that is not taken; the sentence is fit for its sender."""


class StatusLine(NamedTuple):
    """How one message fared: found by our key, else by the gateway's own id. ``at`` is None where not stated."""

    key: str
    gateway_id: str
    word: str
    at: datetime | None


class ReplyPost(NamedTuple):
    """What somebody wrote back; ``answers`` is our key or the gateway's id of the message it answers, if known."""

    gateway_id: str
    value: str
    body: str
    answers: str


def read_statuses(body: bytes) -> list[StatusLine]:
    """Read {"statuses": [{"key" or "id", "status", "at"}]}; raises UnreadablePostError."""
    said = _object(body)
    rows = said.get("statuses")
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_STATUSES:
        raise UnreadablePostError(f'"statuses" is a list of 1 to {MOST_STATUSES}.')
    return [_status(row) for row in rows]


def read_reply(body: bytes) -> ReplyPost:
    """Read {"id", "from", "text", "in_reply_to"}; raises UnreadablePostError. A longer text is cut."""
    said = _object(body)
    own_id, value = _text(said, "id", MOST_OF_ID), _text(said, "from", MOST_OF_VALUE)
    if not own_id or not value:
        raise UnreadablePostError('"id" and "from" are needed.')
    text = said.get("text")
    if not isinstance(text, str):
        raise UnreadablePostError('"text" is needed.')
    return ReplyPost(own_id, value, _clean(text)[:MOST_OF_TEXT], _text(said, "in_reply_to", MOST_OF_ID + 20))


def _status(row: Any) -> StatusLine:
    if not isinstance(row, dict):
        raise UnreadablePostError("Each status is an object.")
    key, own_id = _text(row, "key", 64), _text(row, "id", 120)
    if not key and not own_id:
        raise UnreadablePostError('Each status names "key" or "id".')
    word = _text(row, "status", 40).lower()
    if word not in ARRIVED | LOST | UNDERWAY:
        raise UnreadablePostError("Each status says how the message fared.")
    return StatusLine(key, own_id, word, _moment(row.get("at")))


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UnreadablePostError("The body is not JSON.") from error
    if not isinstance(said, dict):
        raise UnreadablePostError("The body is not a JSON object.")
    return said


def _text(said: Mapping[str, Any], name: str, most: int) -> str:
    value = said.get(name, "")
    if not isinstance(value, str) or len(value) > most:
        raise UnreadablePostError(f'"{name}" is a text of at most {most} characters.')
    return _clean(value).strip()


def _clean(text: str) -> str:
    """Without the one character that PostgreSQL does not store."""
    return text.replace("\0", "")


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (TypeError, ValueError, OverflowError) as error:
        raise UnreadablePostError('"at" is a time such as 2026-11-24T15:41:00Z.') from error
