"""The durable inbox: bytes and digest are committed before any sender hears an answer (I1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from os import getpid
from typing import NamedTuple
from zlib import crc32

from django.db import transaction

from scheduling.digestion.claim import LANES
from scheduling.models import Feed, FeedSettings
from scheduling.readers.envelopes import Envelope, split
from scheduling.readers.peek import peek
from scheduling.readers.shapes import Arrival as FileInfo
from scheduling.services.extract_intake import open_extract
from scheduling.sql.blocks import take_ids
from scheduling.sql.copying import Table
from scheduling.sql.cursors import Cursor, server_cursor
from scheduling.vocabulary import FeedFormat, Transport

_NO_FILE = FileInfo()
TALLY_SHARDS = 16

MESSAGE = Table(
    "scheduling_message",
    {
        "id": "int8",
        "feed_id": "int8",
        "received_at": "timestamptz",
        "control_id": "text",
        "control_hash": "int8",
        "digest": "bytea",
        "body": "bytea",
        "transport": "text",
        "extract_id": "int8",
    },
)
WAITING = Table(
    "scheduling_waiting",
    {"message_id": "int8", "feed_id": "int8", "lane": "int2", "patient_hash": "int8", "received_at": "timestamptz"},
)
_TALLY = """
INSERT INTO scheduling_intaketally (feed_id, "on", shard, received)
SELECT * FROM unnest(%b::int8[], %b::date[], %b::int2[], %b::int8[]) AS t(feed_id, day, shard, received)
ORDER BY 1, 2, 3
ON CONFLICT (feed_id, "on", shard) DO UPDATE SET received = scheduling_intaketally.received + excluded.received
"""
_LINK = """
INSERT INTO scheduling_lanelink (patient_hash, survivor_hash)
SELECT * FROM unnest(%b::int8[], %b::int8[]) AS t(patient_hash, survivor_hash) ORDER BY 1
ON CONFLICT (patient_hash) DO UPDATE SET survivor_hash = excluded.survivor_hash
"""
_NOTE_ENVELOPE = """
INSERT INTO scheduling_envelopenote (feed_id, received_at, kind, raw, message_id)
SELECT * FROM unnest(%b::int8[], %b::timestamptz[], %b::text[], %b::text[], %b::int8[])
"""


class FeedRef(NamedTuple):
    """What intake needs of a feed; immutable, so that a listener may keep it."""

    id: int
    format: FeedFormat
    transport: Transport


@dataclass(slots=True)
class Arrival:
    """Bytes that arrived from one sender at one moment, split into messages and not yet stored."""

    feed: FeedRef
    received_at: datetime
    envelope: Envelope
    extract_id: int | None = None
    message_ids: list[int] = field(default_factory=list)


def arrive(
    feed: FeedRef, body: bytes, *, profile: dict[str, object], now: datetime, file: FileInfo = _NO_FILE
) -> Arrival:
    """Split what arrived into messages; nothing is stored yet. ``now`` is the moment of receipt, UTC.

    ``file`` is what is known of a dropped file. Raises UnreadableMessageError for a body that is too large to take.
    """
    return Arrival(feed, now, split(body, feed.format, profile, arrival=file))


def current_profile(feed_id: int) -> dict[str, object]:
    """The feed's newest settings; ``{}`` where none were ever recorded."""
    newest = FeedSettings.objects.filter(feed_id=feed_id).order_by("-id").values_list("profile", flat=True).first()
    return newest or {}


def receive(feed: Feed, body: bytes, *, transport: Transport, now: datetime, file: FileInfo = _NO_FILE) -> Arrival:
    """Store what arrived from one sender and return when it is committed."""
    ref = FeedRef(feed.pk, FeedFormat(feed.format), transport)
    arrival = arrive(ref, body, profile=current_profile(feed.pk), now=now, file=file)
    store([arrival])
    return arrival


def store(arrivals: Sequence[Arrival]) -> None:
    """Commit ``arrivals`` in one transaction and note each one's ``message_ids``; all or nothing.

    Raises what the database raises; the caller then answers nobody (I1).
    """
    with transaction.atomic(durable=not transaction.get_connection().in_atomic_block), server_cursor() as cursor:
        for arrival in arrivals:
            if arrival.envelope.extract is not None:
                arrival.extract_id = open_extract(
                    arrival.feed.id,
                    arrival.envelope.extract,
                    is_damaged=bool(arrival.envelope.problems),
                    now=arrival.received_at,
                )
        _write(cursor, arrivals)


def _write(cursor: Cursor, arrivals: Sequence[Arrival]) -> None:
    ids = take_ids(cursor, "scheduling_message", sum(len(arrival.envelope.messages) for arrival in arrivals))
    messages: list[tuple[object, ...]] = []
    waiting: list[tuple[object, ...]] = []
    links: dict[int, int] = {}
    for arrival in arrivals:
        feed, at, extract_id = arrival.feed, arrival.received_at, arrival.extract_id
        feed_id, format_, transport = feed.id, feed.format, feed.transport.value
        for body in arrival.envelope.messages:
            message_id = next(ids)
            arrival.message_ids.append(message_id)
            control_id, patient_key, retired_key = peek(body, format_)
            digest = blake2b(body, digest_size=16).digest()
            hashed = patient_hash(patient_key or control_id)
            messages.append(
                (message_id, feed_id, at, control_id, control_hash(control_id), digest, body, transport, extract_id)
            )
            waiting.append((message_id, feed_id, hashed % LANES, hashed, at))
            if retired_key and patient_key not in {"", retired_key}:
                links[patient_hash(retired_key)] = hashed
    MESSAGE.append(cursor, messages)
    WAITING.append(cursor, waiting)
    if links:
        cursor.execute(_LINK, (list(links), list(links.values())))
    _count(cursor, arrivals)
    _note_problems(cursor, arrivals)


def control_hash(control_id: str) -> int:
    """A 64-bit signed digest of a control id; 0 where the sender gave none."""
    if not control_id:
        return 0
    return int.from_bytes(blake2b(control_id.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True)


def patient_hash(patient_key: str) -> int:
    """What ``Waiting.patient_hash`` holds for a patient id as it stands in messages."""
    return crc32(patient_key.encode("utf-8", "replace"))


def _count(cursor: Cursor, arrivals: Iterable[Arrival]) -> None:
    """Count what was received, here and nowhere else (I2)."""
    tally: dict[tuple[int, object], int] = {}
    for arrival in arrivals:
        key = (arrival.feed.id, arrival.received_at.date())
        tally[key] = tally.get(key, 0) + len(arrival.envelope.messages)
    keys = list(tally)
    shard = getpid() % TALLY_SHARDS
    cursor.execute(
        _TALLY,
        ([feed for feed, _ in keys], [day for _, day in keys], [shard] * len(keys), [tally[key] for key in keys]),
    )


def _note_problems(cursor: Cursor, arrivals: Iterable[Arrival]) -> None:
    """Keep what was wrong with an envelope; the next batch raises it as a finding."""
    notes = [
        (arrival.feed.id, arrival.received_at, problem.kind, problem.raw[:200], next(iter(arrival.message_ids), 0))
        for arrival in arrivals
        for problem in arrival.envelope.problems
    ]
    if notes:
        cursor.execute(_NOTE_ENVELOPE, tuple(map(list, zip(*notes, strict=True))))
