"""Several questions to the database in one statement: a page with eight numbers waits for one answer, not for eight."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from config.web.paging import MOST_COUNTED, Count

# A split that says "1,000+" helps as much as one that says "8,214", and costs the same at any size.
MOST_OF_SPLIT = 1_000
# Sets of questions that stay written down; each is some kilobytes.
MOST_WRITTEN = 500


@dataclass(frozen=True, slots=True)
class Question:
    """One scalar subquery with its parameters; ``sql`` None asks about nothing, which has ``nothing`` as its answer."""

    sql: str | None
    params: tuple[Any, ...] = ()
    nothing: Any = 0
    is_json: bool = False


ROWS = "(SELECT coalesce(json_agg(q), '[]')::text FROM ({}) AS q)"


def how_many(queryset: QuerySet[Any], limit: int = MOST_COUNTED) -> Question:
    """Ask for a number of rows, counted no further than one past ``limit``."""
    listed = queryset.order_by().values("pk")[: limit + 1]
    return _question("(SELECT count(*) FROM ({}) AS q)", listed)


def rows_of(queryset: QuerySet[Any]) -> Question:
    """Ask for the rows of a ``values()`` queryset as dicts; moments come as ISO 8601 text with their offset."""
    return _question(ROWS, queryset, nothing=[], is_json=True)


def rows_of_sql(sql: str, params: Iterable[Any]) -> Question:
    """Ask for the rows of a statement of our own, as ``rows_of`` does."""
    return Question(ROWS.format(sql), tuple(params), nothing=[], is_json=True)


def answers(questions: Mapping[str, Question]) -> dict[str, Any]:
    """Answer all questions by one query; by none where all of them ask about nothing."""
    found = {name: question.nothing for name, question in questions.items()}
    asked = [(name, question) for name, question in questions.items() if question.sql is not None]
    if asked:
        params = [value for _, question in asked for value in question.params]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(str(question.sql) for _, question in asked)}", params)
            values = cursor.fetchone() or ()
        for (name, question), value in zip(asked, values, strict=True):
            found[name] = orjson.loads(value) if question.is_json else value
    return found


_written: dict[Hashable, Mapping[str, Question]] = {}


def written_once(key: Hashable, write: Callable[[], Mapping[str, Question]]) -> Mapping[str, Question]:
    """Questions that depend on nothing but ``key``, which also names them: the ORM writes them once a process.

    Only statements and parameters are kept, never answers, so nothing here can be out of date.
    """
    kept = _written.get(key)
    if kept is None:
        if len(_written) >= MOST_WRITTEN:
            _written.clear()
        kept = _written[key] = write()
    return kept


def bounded_counts(lists: Mapping[str, QuerySet[Any]], *, limit: int = MOST_OF_SPLIT) -> dict[str, Count]:
    """Count each list no further than ``limit``, all in one statement; a list that can hold nothing counts 0."""
    numbers = answers({name: how_many(queryset, limit) for name, queryset in lists.items()})
    return {name: capped(number, limit) for name, number in numbers.items()}


def capped(number: int, limit: int = MOST_COUNTED) -> Count:
    """What ``how_many`` with the same limit found, as a count that says whether it stopped."""
    return Count(min(number, limit), is_capped=number > limit)


def _question(frame: str, queryset: QuerySet[Any], **more: Any) -> Question:
    try:
        sql, params = queryset.query.sql_with_params()
    except EmptyResultSet:
        return Question(None, **more)
    return Question(frame.format(sql), tuple(params), **more)
