"""Pages by key instead of by number, and counts with a ceiling: cost does not grow with the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
SALT = "desk.paging"
PAGE_SIZE = 50
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows of one page and the cursors of its neighbours; "" where there is none."""

    rows: list[Row]
    next_cursor: str
    previous_cursor: str

    @property
    def is_only(self) -> bool:
        """Whether everything fits on this page."""
        return not (self.next_cursor or self.previous_cursor)


@dataclass(frozen=True)
class Count:
    """A count that may have stopped at its ceiling; prints as "412" or "10,000+"."""

    value: int
    is_capped: bool = False

    def __str__(self) -> str:
        return f"{self.value:,}+" if self.is_capped else f"{self.value:,}"

    def __bool__(self) -> bool:
        return self.value > 0


def bounded_count(queryset: QuerySet[Any], limit: int = MOST_COUNTED) -> Count:
    """Count no further than ``limit``, so that a huge list costs no more than a long one."""
    found = queryset.order_by()[: limit + 1].count()
    return Count(min(found, limit), is_capped=found > limit)


def keyset_page(queryset: QuerySet[Row], *, order: Sequence[str], cursor: str = "", size: int = PAGE_SIZE) -> Page[Row]:
    """Return the page that a cursor of an earlier page points to; an unreadable cursor gives the first page.

    ``order`` are field names, "-" for descending, never null, the last one unique, ending in the primary key or
    another unique field. The cursor holds the values of these fields and is signed, so order by nothing that
    names a patient: it stands in the address.
    """
    backwards, values = read_cursor(cursor, len(order))
    ways = [flip(name) for name in order] if backwards else list(order)
    rows = queryset.order_by(*ways)
    if values:
        rows = rows.filter(after_q(ways, values))
    found = list(rows[: size + 1])
    has_more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([], "", "")
    has_next, has_previous = (True, has_more) if backwards else (has_more, bool(values))
    return Page(
        found,
        write_cursor(found[-1], order, backwards=False) if has_next else "",
        write_cursor(found[0], order, backwards=True) if has_previous else "",
    )


def flip(name: str) -> str:
    """Turn an ordering round."""
    return name[1:] if name.startswith("-") else f"-{name}"


def after_q(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows strictly after ``values`` in the order.

    The first column's bound stands alone before the alternatives, because PostgreSQL finds an
    index range in it and none in an OR.
    """
    alternatives, same = Q(pk__in=[]), Q()
    for name, value in zip(order, values, strict=True):
        field, sign = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        alternatives |= same & Q(**{f"{field}__{sign}": value})
        same &= Q(**{field: value})
    field, sign = (order[0][1:], "lte") if order[0].startswith("-") else (order[0], "gte")
    return Q(**{f"{field}__{sign}": values[0]}) & alternatives


def write_cursor(row: Model, order: Sequence[str], *, backwards: bool) -> str:
    """Write down where a row stands in the order."""
    values = [pack(read_path(row, name.lstrip("-"))) for name in order]
    return signing.dumps([int(backwards), *values], salt=SALT)


def read_cursor(cursor: str, length: int) -> tuple[bool, list[Any]]:
    """Read a cursor back; anything that is none of ours reads as the first page."""
    try:
        backwards, *values = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, TypeError, ValueError):
        return False, []
    return (bool(backwards), [unpack(value) for value in values]) if len(values) == length else (False, [])


def read_path(row: Any, path: str) -> Any:
    """Follow a field path such as ``clinic__name`` on a row whose relations are loaded."""
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def pack(value: Any) -> Any:
    """Make a value fit for JSON; datetimes become {"t": microseconds since 1970}."""
    if isinstance(value, datetime):
        return {"t": value.astimezone(UTC).isoformat()}
    return value if isinstance(value, int | str | float | bool) else str(value)


def unpack(value: Any) -> Any:
    """Undo ``pack``."""
    return datetime.fromisoformat(value["t"]) if isinstance(value, dict) else value
