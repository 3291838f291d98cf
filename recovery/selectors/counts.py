"""Bounded counts of several lists in one query."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet, Value

from config.web.paging import Count

# A split that says "1,000+" helps as much as one that says "8,214", and costs the same at any size.
MOST_COUNTED = 1_000


def bounded_counts(lists: Mapping[str, QuerySet[Any]], *, limit: int = MOST_COUNTED) -> dict[str, Count]:
    """Count each list no further than ``limit``, all in one statement; a list that can hold nothing counts 0."""
    parts: list[str] = []
    params: list[Any] = []
    names: list[str] = []
    for name, queryset in lists.items():
        one = queryset.order_by().annotate(one=Value(1)).values("one")[: limit + 1]
        try:
            sql, values = one.query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) AS l{len(parts)})")  # noqa: S608 - Django made the SQL, with its own placeholders
        params += values
        names.append(name)
    found: tuple[int, ...] = ()
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts)}", params)
            found = cursor.fetchone() or ()
    counts = {
        name: Count(min(number, limit), is_capped=number > limit) for name, number in zip(names, found, strict=True)
    }
    return {name: counts.get(name, Count(0)) for name in lists}
