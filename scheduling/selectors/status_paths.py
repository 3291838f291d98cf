"""Which changes of status visits of one source went through, how often, and how long each took.

A change is what the fold sees (``scheduling.folding``): consecutive trusted events of one appointment, in order of
their keys, that state different statuses; a visit given a time without a status stands booked. Held events say
nothing yet and are left out. Times between are source times: since the earlier status began.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connection, transaction
from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from psycopg.errors import QueryCanceled

from accounts.models import Source
from scheduling.folding.fold import AHEAD_TOLERANCE
from scheduling.folding.transitions import is_impossible
from scheduling.models import MappedEvent
from scheduling.vocabulary import EventKind, Outcome, Status

MOST_EXAMPLES = 20
MOST_TIME = timedelta(seconds=8)
TRUSTED = (Outcome.APPLIED.value, Outcome.SUPERSEDED.value)
GIVES_TIME = (EventKind.CREATED.value, EventKind.RESCHEDULED.value)
# Every event of a visit that was first heard of before the window is read, or its first change would seem its first
# word. ``told`` is in scope since its appointments are: what a person may see of a visit, they may see whole.
_MOVES = """
WITH recent (appointment_id, order_key, source_at, said) AS MATERIALIZED ({recent}),
touched AS (
    SELECT DISTINCT r.appointment_id FROM recent r
    JOIN scheduling_appointment a ON a.id = r.appointment_id AND a.booked_at < %(since)s
), told AS (
    SELECT appointment_id, order_key, source_at, said FROM recent
    UNION ALL
    SELECT touched.appointment_id, e.* FROM touched CROSS JOIN LATERAL (
        SELECT order_key, source_at, coalesce(status, CASE WHEN kind = ANY(%(gives_time)s) THEN %(booked)s END)
        FROM scheduling_mappedevent
        WHERE appointment_id = touched.appointment_id AND source_at < %(since)s AND outcome = ANY(%(trusted)s)
            AND (status IS NOT NULL OR kind = ANY(%(gives_time)s))
        OFFSET 0  -- one look-up a visit; a plan that reads the whole table looks cheaper to the planner and is not
    ) e
), stepped AS (
    SELECT *, lag(said) OVER (PARTITION BY appointment_id ORDER BY source_at, order_key) AS before FROM told
), moved AS (
    SELECT appointment_id, source_at, before, said,
        lag(source_at) OVER (PARTITION BY appointment_id ORDER BY source_at, order_key) AS began_at
    FROM stepped WHERE before IS DISTINCT FROM said
)
"""
_COUNTED = """
SELECT before, said, count(*),
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM source_at - began_at)),
    min(source_at), max(source_at)
FROM moved WHERE source_at >= %(since)s GROUP BY before, said
"""
_EXAMPLES = """
SELECT appointment_id, began_at, source_at FROM (
    SELECT DISTINCT ON (appointment_id) appointment_id, began_at, source_at FROM moved
    WHERE source_at >= %(since)s AND before IS NOT DISTINCT FROM %(before)s AND said = %(after)s
    ORDER BY appointment_id, source_at DESC
) newest ORDER BY source_at DESC, appointment_id DESC LIMIT %(most)s
"""


class TooMuchToCountError(Exception):
    """The window holds more than can be counted while a person waits."""

    def __init__(self) -> None:
        super().__init__("There is too much in this window to count while you wait. Choose fewer days or one clinic.")


@dataclass(frozen=True, slots=True)
class Move:
    """One change of status; ``before`` None is a visit's first word, which has no time before it. Spans in seconds.

    ``share`` is its part of all changes away from ``before``, from 0 to 1.
    """

    before: str | None
    after: str
    count: int
    median: float | None
    slow: float | None
    first_at: datetime
    last_at: datetime
    share: float

    @property
    def is_impossible(self) -> bool:
        """Whether no visit changes like this; the fold then holds it."""
        return is_impossible(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Window:
    """What is asked about: one source, from ``since`` on, all clinics in scope or one; ``user`` sets the scope."""

    source: Source
    user: Any
    since: datetime
    clinic_id: int | None = None

    def events(self) -> QuerySet[MappedEvent]:
        """Every event of the window that the person may see, by source time.

        Receipt times are indexed (in ranges) and source times are not. An event more than the fold's tolerance ahead
        of its receipt is held by the fold, so no trusted one is missed by bounding both.
        """
        events = MappedEvent.objects.visible_to(self.user).filter(
            feed__source=self.source,
            received_at__gte=self.since - AHEAD_TOLERANCE,
            source_at__gte=self.since,
        )
        return events if self.clinic_id is None else events.filter(appointment__clinic_id=self.clinic_id)


def moves_of(window: Window) -> list[Move]:
    """All changes of status in the window: impossible ones first, then the most frequent. One statement.

    Ask within ``bounded_time``.
    """
    rows = _ask(window, _COUNTED)
    leaving: dict[str | None, int] = {}
    for before, _, count, *_ in rows:
        leaving[before] = leaving.get(before, 0) + count
    moves = [
        Move(before, after, count, spans and spans[0], spans and spans[1], first_at, last_at, count / leaving[before])
        for before, after, count, spans, first_at, last_at in rows
    ]
    return sorted(moves, key=lambda move: (not move.is_impossible, -move.count, move.before or "", move.after))


class Example(NamedTuple):
    """One visit that changed so: when its earlier status began (None: first word), and when it changed."""

    appointment_id: int
    began_at: datetime | None
    at: datetime


def examples_of(window: Window, before: str | None, after: str) -> list[Example]:
    """The newest visits that changed so, each once, at most ``MOST_EXAMPLES``; one statement.

    Ask within ``bounded_time``.
    """
    return [Example(*row) for row in _ask(window, _EXAMPLES, before=before, after=after, most=MOST_EXAMPLES)]


def _ask(window: Window, question: str, **params: Any) -> list[tuple[Any, ...]]:
    """Ask about the moves of a window; nothing is found where nothing is in scope."""
    said = Coalesce(
        "status", Case(When(kind__in=GIVES_TIME, then=Value(Status.BOOKED.value)), output_field=CharField())
    )
    recent = (
        window.events()
        .filter(Q(status__isnull=False) | Q(kind__in=GIVES_TIME), outcome__in=TRUSTED)
        .annotate(said=said)
        .values_list("appointment_id", "order_key", "source_at", "said")
    )
    try:
        sql, given = recent.query.sql_with_params()
    except EmptyResultSet:
        return []
    names = {f"recent_{number}": value for number, value in enumerate(given)}
    whole = _MOVES.format(recent=sql % tuple(f"%({name})s" for name in names)) + question
    params |= names
    params |= {
        "since": window.since, "gives_time": list(GIVES_TIME), "booked": Status.BOOKED.value, "trusted": list(TRUSTED),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(whole, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


@contextmanager
def bounded_time() -> Iterator[None]:
    """Let each statement of the block run for no longer than ``MOST_TIME``; raises ``TooMuchToCountError``."""
    try:
        with transaction.atomic():
            _set(f"{MOST_TIME // timedelta(milliseconds=1)}ms", "64MB")
            yield
            # Both are the transaction's own; one that goes on around this gets its settings back.
            _set(None, None)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooMuchToCountError from error
        raise


def _set(timeout: str | None, memory: str | None) -> None:
    """Set what bounds the statements of this transaction; None is the session's own."""
    with connection.cursor() as cursor:
        if timeout is None or memory is None:
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT; SET LOCAL work_mem TO DEFAULT")
        else:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, true), set_config('work_mem', %s, true)", [timeout, memory]
            )
