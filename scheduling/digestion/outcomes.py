"""Where every message of a batch ended: a mapped event, or a receipt. Nothing leaves the inbox without one (I2)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import orjson
from psycopg.types.json import Jsonb

from scheduling.digestion.appointments import AppointmentWork
from scheduling.digestion.reading import MappedFact, ReadMessage
from scheduling.folding.order import has_sequence
from scheduling.sql.blocks import take_ids
from scheduling.sql.copying import Table
from scheduling.sql.cursors import Cursor
from scheduling.vocabulary import MessageKind, Outcome

_EVENT = Table(
    "scheduling_mappedevent",
    {
        "id": "int8", "message_id": "int8", "part": "int2", "feed_id": "int8", "appointment_id": "int8",
        "patient_id": "int8", "order_key": "bytea", "has_sequence": "bool", "source_at": "timestamptz",
        "received_at": "timestamptz", "outcome": "text", "mapping": "text", "kind": "text", "status": "text",
        "initiator": "text", "set_by": "text", "reason_flags": "int2", "rule": "int8", "revision": "int8",
        "trigger": "text", "filler_status": "text", "event_reason": "text", "appointment_reason": "text",
        "appointment_type": "text", "resource_status": "text", "note": "text", "starts_at": "timestamptz",
        "minutes": "int4", "clinic_id": "int8", "clinic_code": "text", "room": "text", "resource": "text",
        "provider_code": "text", "provider_name": "text", "visit_type": "text", "visit_type_name": "text",
        "reason_code": "text", "reason_text": "text", "cleared": "text", "problems": "jsonb",
    },
)  # fmt: skip
_RECEIPT = Table(
    "scheduling_receipt",
    {
        "message_id": "int8", "feed_id": "int8", "received_at": "timestamptz", "outcome": "text", "kind": "int2",
        "reason": "text", "sentence": "text", "patient_id": "int8", "order_key": "bytea", "traceback_id": "text",
    },
)  # fmt: skip
_DUPLICATE = Outcome.DUPLICATE
_HAND_OVER = """
UPDATE scheduling_mappedevent e
SET message_id = n.message_id, feed_id = n.feed_id, received_at = n.received_at, outcome = n.outcome
FROM unnest(%b::int8[], %b::int8[], %b::int8[], %b::timestamptz[], %b::text[])
    AS n(id, message_id, feed_id, received_at, outcome)
WHERE e.id = n.id
"""

_PROOF = """
INSERT INTO scheduling_feedproof AS p (feed_id, digested_to, newest_content_at)
SELECT * FROM unnest(%b::int8[], %b::timestamptz[], %b::timestamptz[]) AS n(feed_id, digested_to, content)
ORDER BY feed_id
ON CONFLICT (feed_id) DO UPDATE SET digested_to = greatest(p.digested_to, excluded.digested_to),
    newest_content_at = greatest(p.newest_content_at, excluded.newest_content_at)
"""


def write_events(cursor: Cursor, works: Iterable[AppointmentWork]) -> None:
    """Append the new mapped events; an event that was stored before is a duplicate and leaves a receipt instead."""
    kept: list[tuple[AppointmentWork, MappedFact]] = []
    for work in works:
        for fact in work.facts:
            if fact.event.outcome != _DUPLICATE:
                kept.append((work, fact))
            elif fact.part == 0 and all(copy.fact is not fact for copy in work.copies):
                fact.message.outcome = _DUPLICATE
    ids = take_ids(cursor, "scheduling_mappedevent", len(kept))
    _EVENT.append(cursor, (_event_row(next(ids), work, fact) for work, fact in kept))


def _event_row(event_id: int, work: AppointmentWork, fact: MappedFact) -> tuple[Any, ...]:
    event, item = fact.event, fact.message.claimed
    reading = fact.message.reading
    return (
        event_id, item.message_id, fact.part, item.feed_id, work.id,
        event.patient_id, event.order_key, has_sequence(event.order_key), event.source_at,
        event.received_at, event.outcome, event.mapping, event.kind, event.status,
        event.initiator, event.set_by, event.reason_flags, fact.rule_id, fact.revision_id,
        *fact.fact.signals, event.starts_at,
        event.minutes, event.clinic_id, event.clinic_code, event.room, event.resource,
        event.provider_code, event.provider_name, event.visit_type, event.visit_type_name,
        event.reason_code, event.reason_text, ",".join(sorted(event.cleared)) if event.cleared else None,
        _problems(fact) if reading is not None and (reading.problems or event.has_bad_start) else None,
    )  # fmt: skip


def _problems(fact: MappedFact) -> Jsonb:
    reading = fact.message.reading
    found: dict[str, Any] = {
        "kinds": [[problem.kind, problem.field] for problem in reading.problems] if reading is not None else []
    }
    if fact.event.has_bad_start:
        found["bad_start"] = True
    return Jsonb(found, dumps=orjson.dumps)


def write_copies(cursor: Cursor, works: Iterable[AppointmentWork]) -> None:
    """Hand stored events to the earlier messages that say the same; the later ones become the duplicates (I2)."""
    copies = [copy for work in works for copy in work.copies]
    if not copies:
        return
    events = [
        (
            old.id,
            fact.message.claimed.message_id,
            fact.message.claimed.feed_id,
            old.event.received_at,
            old.event.outcome,
        )
        for old, fact, _ in copies
    ]
    cursor.execute(_HAND_OVER, tuple(map(list, zip(*events, strict=True))))
    _RECEIPT.append(
        cursor,
        (
            (old.message_id, old.feed_id, stored_at, _DUPLICATE, int(MessageKind.APPOINTMENT), "", "",
             old.event.patient_id, old.event.order_key, "")
            for old, _, stored_at in copies
            if old.part == 0
        ),
    )  # fmt: skip


def write_receipts(cursor: Cursor, messages: Iterable[ReadMessage], patients: dict[tuple[int, str, str], int]) -> None:
    """Append a receipt for every message that left no event of its own."""
    rows = list(_receipt_rows(messages, patients))
    if rows:
        _RECEIPT.append(cursor, rows)


def _receipt_rows(
    messages: Iterable[ReadMessage], patients: dict[tuple[int, str, str], int]
) -> Iterator[tuple[Any, ...]]:
    for message in messages:
        if message.kind == MessageKind.APPOINTMENT and message.outcome != Outcome.DUPLICATE:
            continue
        item = message.claimed
        fact = message.reading.patient if message.reading is not None else None
        patient_id = patients.get((message.feed.source_id, fact.authority, fact.mrn)) if fact is not None else None
        yield (
            item.message_id, item.feed_id, item.received_at, message.outcome or Outcome.SUPERSEDED,
            int(message.kind), message.reason[:40], message.sentence, patient_id, message.key or None, "",
        )  # fmt: skip


def write_failure(cursor: Cursor, message: tuple[int, int, datetime], *, sentence: str, traceback_id: str) -> None:
    """Leave a receipt for a message that cannot be digested, so that nothing else waits for it."""
    message_id, feed_id, received_at = message
    _RECEIPT.append(
        cursor,
        [(message_id, feed_id, received_at, Outcome.FAILED, int(MessageKind.NOTHING), "failed", sentence, None, None,
          traceback_id)],
    )  # fmt: skip


def note_proof(cursor: Cursor, messages: Iterable[ReadMessage]) -> None:
    """Move each feed's clocks: what was received up to when is digested, and how new its content is (I6).

    These rows are the hottest of all; call it last in the batch.
    """
    newest: dict[int, tuple[datetime, datetime]] = {}
    for message in messages:
        item = message.claimed
        content = min(message.source_at, item.received_at)
        known = newest.get(item.feed_id)
        newest[item.feed_id] = (
            (max(known[0], item.received_at), max(known[1], content)) if known else (item.received_at, content)
        )
    feeds = sorted(newest)
    if not feeds:
        return
    cursor.execute(_PROOF, (feeds, [newest[f][0] for f in feeds], [newest[f][1] for f in feeds]))
