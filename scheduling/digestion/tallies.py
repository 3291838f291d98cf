"""Which raw signals each source sends, counted as events are written: what the mapping workbench lists.

A tally always equals a GROUP BY over the stored events of its source. Its example is a message of the newest event.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from scheduling.digestion.appointments import AppointmentWork
from scheduling.facts import Signals
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import Outcome

_DUPLICATE = Outcome.DUPLICATE
_NOTE = Signals._fields.index("note")
_NAMES = ("source_id", "clinic_code", *Signals._fields[:_NOTE], "has_note")
_COLUMNS = ", ".join(_NAMES)


def _of(table: str) -> str:
    return f"({', '.join(f'{table}.{name}' for name in _NAMES)})"


# Sorted, so that two batches lock the rows that they share in one order.
_COUNT = f"""
INSERT INTO scheduling_signaltally AS t ({_COLUMNS}, events, first_at, last_at, newest_message)
SELECT * FROM unnest(%b::int8[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
    %b::bool[], %b::int8[], %b::timestamptz[], %b::timestamptz[], %b::int8[])
    AS n({_COLUMNS}, events, first_at, last_at, newest_message)
ORDER BY {_COLUMNS}
ON CONFLICT ({_COLUMNS}) DO UPDATE SET events = t.events + excluded.events,
    first_at = least(t.first_at, excluded.first_at), last_at = greatest(t.last_at, excluded.last_at),
    newest_message = CASE WHEN excluded.last_at < t.last_at THEN t.newest_message ELSE excluded.newest_message END
"""

# The event of a copy now belongs to another message, and so does the example.
_HAND_OVER = f"""
UPDATE scheduling_signaltally t SET newest_message = n.newer
FROM unnest(%b::int8[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
    %b::bool[], %b::int8[], %b::int8[]) AS n({_COLUMNS}, older, newer)
WHERE {_of("t")} = {_of("n")} AND t.newest_message = n.older
"""

_REBUILD = f"""
INSERT INTO scheduling_signaltally ({_COLUMNS}, events, first_at, last_at, newest_message)
SELECT f.source_id, coalesce(e.clinic_code, ''), {", ".join(f"e.{name}" for name in Signals._fields[:_NOTE])},
    e.note <> '', count(*), min(e.source_at), max(e.source_at),
    (array_agg(e.message_id ORDER BY e.source_at DESC, e.message_id DESC))[1]
FROM scheduling_mappedevent e JOIN scheduling_feed f ON f.id = e.feed_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""


class Spoken(NamedTuple):
    """What a tally is about: a source, the clinic code of the event, its signals, and whether it has a note."""

    source_id: int
    clinic_code: str
    trigger: str
    filler_status: str
    event_reason: str
    appointment_reason: str
    appointment_type: str
    resource_status: str
    has_note: bool


class Counted(NamedTuple):
    """How often a batch wrote it, between which source times, and a message of its newest event."""

    events: int
    first_at: datetime
    last_at: datetime
    newest_message: int


def count_signals(cursor: Cursor, works: Iterable[AppointmentWork]) -> None:
    """Add the batch's new events to the tallies, and keep their examples where copies took events over.

    Every batch of a source writes the same few rows, so it stands at the end of the batch, next to the feeds' proof.
    """
    works = list(works)
    found = _counted(works)
    if found:
        keys = sorted(found)
        cursor.execute(
            _COUNT, (*map(list, zip(*keys, strict=True)), *map(list, zip(*(found[k] for k in keys), strict=True)))
        )
    copies = [
        (_spoken(work.key[0], old.event.clinic_code, old.signals), old.message_id, fact.message.claimed.message_id)
        for work in works
        for old, fact, _ in work.copies
    ]
    if copies:
        columns = [*zip(*(spoken for spoken, _, _ in copies), strict=True)]
        cursor.execute(_HAND_OVER, (*map(list, columns), [old for _, old, _ in copies], [new for _, _, new in copies]))


def _counted(works: Iterable[AppointmentWork]) -> dict[Spoken, Counted]:
    found: dict[Spoken, Counted] = {}
    for said, heard in _heard(works).items():
        key, last = _spoken(*said), max(heard)
        known = found.get(key, Counted(0, *last[:1] * 2, 0))  # notes that differ are one tally
        newest = last[1] if last[0] >= known.last_at else known.newest_message
        found[key] = Counted(
            known.events + len(heard), min(known.first_at, min(heard)[0]), max(known.last_at, last[0]), newest
        )
    return found


def _heard(works: Iterable[AppointmentWork]) -> dict[tuple[int, str | None, Signals], list[tuple[datetime, int]]]:
    """Source time and message of every new event, by what a tally is about."""
    heard: defaultdict[tuple[int, str | None, Signals], list[tuple[datetime, int]]] = defaultdict(list)
    for work in works:
        for fact in work.facts:
            event = fact.event
            if event.outcome != _DUPLICATE:
                said = (work.key[0], event.clinic_code, fact.fact.signals)
                heard[said].append((event.source_at, fact.message.claimed.message_id))
    return heard


def _spoken(source_id: int, clinic_code: str | None, signals: Signals) -> Spoken:
    trigger, status, event_reason, reason, kind, resource, note = signals
    return Spoken(source_id, clinic_code or "", trigger, status, event_reason, reason, kind, resource, bool(note))


def rebuild_tallies(cursor: Cursor) -> int:
    """Count all stored events anew; returns how many tallies there are. Call it inside a transaction.

    Exact while workers digest: whoever has counted has committed before the lock is granted, everybody else counts on
    top of what is written here.
    """
    cursor.execute("LOCK TABLE scheduling_signaltally IN SHARE ROW EXCLUSIVE MODE")
    cursor.execute("DELETE FROM scheduling_signaltally")
    cursor.execute(_REBUILD)
    return int(cursor.rowcount)
