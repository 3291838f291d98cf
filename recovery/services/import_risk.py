"""Take a table of scores: every row is read and its visit found, then all of them are kept or none (docs/risk.md)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import Source, User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from recovery.risk.reading import SentScore, read_scores
from recovery.tables import RowError
from scheduling.sql.cursors import Cursor, server_cursor

SUBJECT = "recovery.riskscore"
MOST_ERRORS = 50
# The namespaces of a source are few: each is found by one step along the index, then every visit by its key.
_FIND = """
WITH RECURSIVE space (namespace) AS (
    (SELECT namespace FROM scheduling_appointment WHERE source_id = %b ORDER BY namespace LIMIT 1)
    UNION ALL
    SELECT (SELECT a.namespace FROM scheduling_appointment a
            WHERE a.source_id = %b AND a.namespace > space.namespace ORDER BY a.namespace LIMIT 1)
    FROM space WHERE space.namespace IS NOT NULL
)
SELECT a.external_id, a.namespace, a.occurrence, a.id
FROM space CROSS JOIN unnest(%b::text[]) AS told (visit)
JOIN scheduling_appointment a
  ON a.source_id = %b AND a.namespace = space.namespace AND a.external_id = told.visit
WHERE space.namespace IS NOT NULL
"""
_WRITE = """
INSERT INTO recovery_riskscore (appointment_id, model, scored_at, score, reason, recorded_at)
SELECT told.visit, told.model, told.scored_at, told.score, told.reason, %b
FROM unnest(%b::int8[], %b::text[], %b::timestamptz[], %b::float8[], %b::text[])
    AS told (visit, model, scored_at, score, reason)
ORDER BY told.visit, told.model, told.scored_at
ON CONFLICT (appointment_id, model, scored_at) DO NOTHING
"""
_DIFFERENT = """
SELECT told.line
FROM unnest(%b::int8[], %b::text[], %b::timestamptz[], %b::float8[], %b::int4[])
    AS told (visit, model, scored_at, score, line)
JOIN recovery_riskscore s
  ON s.appointment_id = told.visit AND s.model = told.model AND s.scored_at = told.scored_at
WHERE s.score <> told.score
"""
UNKNOWN = "No visit has this id."
SEVERAL = "Several visits have this id. Name namespace or occurrence."
OTHER_SCORE = "Another score of this model and moment is known."
Named = Mapping[str, Sequence[tuple[str, str, int]]]


@dataclass(frozen=True, slots=True)
class Taken:
    """How a table fared: scores added and scores known before, or what is wrong with which lines."""

    added: int = 0
    known: int = 0
    errors: tuple[RowError, ...] = ()


def import_risk(source: Source, body: bytes, *, actor: User | None, now: datetime, request_id: str = "") -> Taken:
    """Keep every score of a CSV table about visits of a source, or none where a line is wrong.

    The same table again adds nothing. ``actor`` None is the source's sender. At most 20,000 lines. Raises
    InvalidActError where the table as a whole cannot be read.
    """
    scores, errors = read_scores(body, now)
    with transaction.atomic(), server_cursor() as cursor:
        named = _find(cursor, source, sorted({one.visit for one in scores}))
        found = [(one, _visit_of(one, named)) for one in scores]
        errors += [RowError(one.line, "visit", said) for one, said in found if isinstance(said, str)]
        visits = [(one, said) for one, said in found if isinstance(said, int)]
        added = 0
        if not errors:
            added = _write(cursor, visits, now)
            errors += [RowError(line, "score", OTHER_SCORE) for line in _different(cursor, visits)]
        if errors:
            transaction.set_rollback(True)
            return Taken(errors=tuple(sorted(errors, key=lambda error: (error.line, error.column))[:MOST_ERRORS]))
        _note(source, scores, added, actor, now, request_id)
    return Taken(added, len(scores) - added)


def _find(cursor: Cursor, source: Source, ids: list[str]) -> Named:
    cursor.execute(_FIND, (source.pk, source.pk, ids, source.pk))
    named: defaultdict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for visit, namespace, occurrence, pk in cursor.fetchall():
        named[visit].append((namespace, occurrence, pk))
    return named


def _visit_of(one: SentScore, named: Named) -> int | str:
    """The row id of the visit that is meant, or why it cannot be told."""
    candidates = [
        pk
        for namespace, occurrence, pk in named.get(one.visit, ())
        if one.namespace in (None, namespace) and one.occurrence in (None, occurrence)
    ]
    if len(candidates) != 1:
        return SEVERAL if candidates else UNKNOWN
    return candidates[0]


def _write(cursor: Cursor, visits: Sequence[tuple[SentScore, int]], now: datetime) -> int:
    reasons = [one.reason for one, _ in visits]
    cursor.execute(_WRITE, (now, *_columns(visits), reasons))
    return int(cursor.rowcount)


def _different(cursor: Cursor, visits: Sequence[tuple[SentScore, int]]) -> list[int]:
    """Lines whose score is not the one that is kept: told otherwise before, or twice in one table."""
    cursor.execute(_DIFFERENT, (*_columns(visits), [one.line for one, _ in visits]))
    return [row[0] for row in cursor.fetchall()]


def _columns(visits: Iterable[tuple[SentScore, int]]) -> list[list[object]]:
    rows = [(pk, one.model, one.scored_at, one.score) for one, pk in visits]
    return [[*column] for column in zip(*rows, strict=True)]


def _note(
    source: Source, scores: Iterable[SentScore], added: int, actor: User | None, now: datetime, request_id: str
) -> None:
    record(
        AuditAction.CHANGED,
        actor=actor,
        subject_kind=SUBJECT,
        subjects=[],
        detail={"source": source.key, "added": added, "models": sorted({one.model for one in scores})},
        now=now,
        request_id=request_id,
    )
