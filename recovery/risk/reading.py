"""A table of scores that was sent: each row read, or named by its line with what is wrong."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any, NamedTuple

from recovery.tables import Columns, Line, RowError, read_table

NEEDED = ("visit", "score", "model", "scored_at")
COLUMNS = (*NEEDED, "reason", "namespace", "occurrence")
MOST_ROWS, MOST_BYTES = 20_000, 4_000_000
TABLE = Columns(COLUMNS, NEEDED, MOST_ROWS, MOST_BYTES)
# The desk's own scores are made here, never sent.
OWN = "baseline-"
# How far a sender's clock may be ahead of ours.
TOLERANCE = timedelta(minutes=5)
LONGEST_ID, LONGEST_REASON = 200, 80
MODEL_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}"


class SentScore(NamedTuple):
    """One score as it was sent; a namespace or occurrence of None was not told."""

    line: int
    visit: str
    namespace: str | None
    occurrence: str | None
    model: str
    score: float
    scored_at: datetime
    reason: str


class UnreadableCellError(Exception):
    """A cell that cannot be read; the text says why."""


def read_scores(body: bytes, now: datetime) -> tuple[list[SentScore], list[RowError]]:
    """The rows of a CSV table of ``COLUMNS``, and what is wrong with the others.

    Moments carry their offset and become UTC. Raises InvalidActError where the table as a whole cannot be read.
    """
    scores: list[SentScore] = []
    errors: list[RowError] = []
    for line in read_table(body, TABLE):
        read = _read(line, now)
        if isinstance(read, SentScore):
            scores.append(read)
        else:
            errors += read
    return scores, errors


def _read(line: Line, now: datetime) -> SentScore | list[RowError]:
    number, cells = line
    readers: dict[str, Callable[[str], Any]] = {
        "visit": _visit,
        "score": _score,
        "model": _model,
        "scored_at": lambda text: _moment(text, now),
        "reason": _reason,
    }
    found: dict[str, Any] = {}
    errors = []
    for name, reader in readers.items():
        try:
            found[name] = reader(cells.get(name, ""))
        except UnreadableCellError as error:
            errors.append(RowError(number, name, str(error)))
    if errors:
        return errors
    found["namespace"], found["occurrence"] = cells.get("namespace") or None, cells.get("occurrence") or None
    return SentScore(line=number, **found)


def _visit(text: str) -> str:
    if not text or len(text) > LONGEST_ID or "\0" in text:
        raise UnreadableCellError("Name the visit by its id at the source.")
    return text


def _score(text: str) -> float:
    try:
        score = float(text)
    except ValueError as error:
        raise UnreadableCellError("Write a number from 0 to 1.") from error
    if not (isfinite(score) and 0 <= score <= 1):
        raise UnreadableCellError("Write a number from 0 to 1.")
    return score


def _model(text: str) -> str:
    if not re.fullmatch(MODEL_NAME, text):
        raise UnreadableCellError("Name the model with letters, digits, dots and dashes.")
    if text.lower().startswith(OWN):
        raise UnreadableCellError("Names that begin with baseline- are the desk's own.")
    return text


def _reason(text: str) -> str:
    if len(text) > LONGEST_REASON or not text.isprintable():
        raise UnreadableCellError(f"Say the reason in at most {LONGEST_REASON} characters.")
    return text


def _moment(text: str, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnreadableCellError("Write a moment like 2026-11-24T05:00:00Z.") from error
    if moment.tzinfo is None:
        raise UnreadableCellError("The moment needs its offset from UTC.")
    if moment > now + TOLERANCE:
        raise UnreadableCellError("This lies ahead.")
    return moment.astimezone(UTC)
