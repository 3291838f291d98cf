"""Owner rows: one resource on one day, named without a look-up and locked by every writer of its slots."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import blake2b
from zoneinfo import ZoneInfo

from scheduling.folding.slots import DEFAULT_MINUTES
from scheduling.sql.cursors import Cursor

DayNamer = Callable[[int, str | None, datetime | None], int | None]

_OWN = """
WITH wanted AS (
    SELECT * FROM unnest(%b::int8[], %b::int8[], %b::text[], %b::date[]) AS w(id, source_id, resource, day)
), made AS (
    INSERT INTO scheduling_resourceday (id, source_id, resource, "on") SELECT * FROM wanted ORDER BY id
    ON CONFLICT (id) DO NOTHING
)
SELECT 1
"""
_LOCK = "SELECT id FROM scheduling_resourceday WHERE id = ANY(%b) ORDER BY id FOR UPDATE"
_DAY, _LAST_MOMENT = timedelta(days=1), timedelta(microseconds=1)


@lru_cache(maxsize=50_000)
def _local_day(at: datetime, zone: ZoneInfo) -> date:
    """The zone's day; for the first and last day there is, which a zone may not reach, the UTC day."""
    try:
        return at.astimezone(zone).date()
    except OverflowError:
        return at.date()


@lru_cache(maxsize=50_000)
def _last_day(starts_at: datetime, minutes: int, zone: ZoneInfo) -> date:
    """The zone's day in which a stretch ends; midnight itself ends the day before."""
    first = _local_day(starts_at, zone)
    try:
        return max(first, _local_day(starts_at + timedelta(minutes=minutes) - _LAST_MOMENT, zone))
    except OverflowError:
        return first


@lru_cache(maxsize=1_000)
def _midnight(on: date, zone: ZoneInfo) -> datetime:
    """When a day begins in the zone."""
    return datetime.combine(on, time.min, zone).astimezone(UTC)


@lru_cache(maxsize=50_000)
def resource_day_id(source_id: int, resource: str, on: date) -> int:
    """The id of an owner row: a signed 64-bit digest, so that nobody has to look it up."""
    name = f"{source_id}\0{resource}\0{on.toordinal()}".encode()
    return int.from_bytes(blake2b(name, digest_size=8).digest(), "big", signed=True)


class Days:
    """Names owner rows for the sources of a batch and remembers which were named.

    A resource's day is counted in its source's zone, so that all visits of one resource share one calendar. A clinic
    further west may work past midnight there. So whoever takes or leaves a stretch owns the day it begins in and the
    day it ends in: any two stretches that overlap have a day in common. One of more than 24 hours counts in those two.
    """

    def __init__(self, zones: dict[int, ZoneInfo]) -> None:
        self._zones = zones
        self.named: dict[int, tuple[int, str, date]] = {}

    def __call__(self, source_id: int, resource: str | None, starts_at: datetime | None) -> int | None:
        """The owner row of a slot; None for a visit without a resource or a start."""
        if resource is None or starts_at is None:
            return None
        return self._name(source_id, resource, _local_day(starts_at, self._zones[source_id]))

    def spanned(self, source_id: int, resource: str, starts_at: datetime, minutes: int | None) -> tuple[int, ...]:
        """The owner rows of a stretch: that of its first day, then that of its last one where it is another."""
        zone = self._zones[source_id]
        first = _local_day(starts_at, zone)
        last = _last_day(starts_at, DEFAULT_MINUTES if minutes is None else minutes, zone)
        if first == last:
            return (self._name(source_id, resource, first),)
        return self._name(source_id, resource, first), self._name(source_id, resource, last)

    def remember(self, row_id: int, source_id: int, resource: str, on: date) -> None:
        """Take note of an owner row that was read."""
        self.named[row_id] = (source_id, resource, on)

    def before(self, row_id: int) -> int:
        """The same resource's day before one that was named; that day itself where there is none before."""
        return self._neighbour(row_id, -_DAY)

    def after(self, row_id: int) -> int:
        """The same resource's day after one that was named; that day itself where there is none after."""
        return self._neighbour(row_id, _DAY)

    def begins_at(self, row_id: int) -> datetime:
        """Midnight, in UTC, with which a day that was named begins."""
        source_id, _, on = self.named[row_id]
        return _midnight(on, self._zones[source_id])

    def _name(self, source_id: int, resource: str, on: date) -> int:
        row_id = resource_day_id(source_id, resource, on)
        self.named[row_id] = (source_id, resource, on)
        return row_id

    def _neighbour(self, row_id: int, step: timedelta) -> int:
        source_id, resource, on = self.named[row_id]
        try:
            return self._name(source_id, resource, on + step)
        except OverflowError:
            return row_id


def own_days(cursor: Cursor, days: Days, ids: Iterable[int]) -> None:
    """Create and lock the owner rows ``ids``, in order; what is read after this is current."""
    wanted = sorted(ids)
    if not wanted:
        return
    rows = [(row_id, *days.named[row_id]) for row_id in wanted]
    cursor.execute(_OWN, tuple(map(list, zip(*rows, strict=True))))
    cursor.execute(_LOCK, (wanted,))
