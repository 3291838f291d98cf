"""Merge one message's statement into what is known of a patient: per aspect, the newest statement wins.

Merging is commutative, associative and idempotent, so any order, repetition or batching of messages ends in the same
record (I3). ``as_of`` keeps, newest first, which aspects were last stated by which order key:
``[mask: 2 bytes][length: 2 bytes][key]`` repeated; usually one entry, since most messages state everything.
"""

from dataclasses import replace
from datetime import date
from struct import Struct
from typing import Any, NamedTuple

from scheduling.facts import ContactPointFact, PatientFact
from scheduling.patients.state import ASPECTS, BIT, PatientState

_ENTRY = Struct(">HH")


class Merge(NamedTuple):
    """A merged record and which aspects the statement took part in.

    ``changed``: aspects whose value is now another. ``outdated``: aspects stated, but already known from a newer
    message.
    """

    state: PatientState
    changed: tuple[str, ...]
    outdated: tuple[str, ...]


def unpack(as_of: bytes) -> list[tuple[int, bytes]]:
    """The (mask, order key) entries of a packed ``as_of``, newest first."""
    entries, at = [], 0
    while at < len(as_of):
        mask, length = _ENTRY.unpack_from(as_of, at)
        at += _ENTRY.size
        entries.append((mask, as_of[at : at + length]))
        at += length
    return entries


def pack(entries: list[tuple[int, bytes]]) -> bytes:
    """The packed form of entries that are sorted newest first and do not overlap."""
    return b"".join(_ENTRY.pack(mask, len(key)) + key for mask, key in entries)


def stated(fact: PatientFact) -> dict[str, Any]:
    """What a message states, as aspect -> value in the form ``PatientState`` keeps; unstated aspects are absent."""
    values: dict[str, Any] = {}
    if fact.family is not None or fact.given is not None:
        values["name"] = (fact.family or "", fact.given or "")
    for aspect in ("sex", "language", "zone", "publicity", "protection", "vip", "portal", "duplicate_of", "guardian"):
        text = getattr(fact, aspect)
        if text is not None:
            values[aspect] = text
    if fact.born_on is not None or "born_on" in fact.cleared:
        values["born_on"] = fact.born_on
    if fact.died is not None or fact.died_at is not None or "died_at" in fact.cleared:
        values["death"] = (bool(fact.died or fact.died_at), fact.died_at)
    for aspect in ("phones_home", "phones_work"):
        points = getattr(fact, aspect)
        if points is not None:
            values[aspect] = [_point(point) for point in points]
    if fact.identifiers:
        values["identifiers"] = [list(identifier) for identifier in fact.identifiers]
    return values


def _point(point: ContactPointFact) -> list[Any]:
    ends_on: date | None = point.ends_on
    return [point.system, point.use, point.value, point.rank, ends_on.isoformat() if ends_on else None]


def merge(before: PatientState | None, values: dict[str, Any], key: bytes) -> Merge:
    """Merge the statement ``values`` made at order key ``key``; ``before`` is not changed."""
    mask = 0
    for aspect in values:
        mask |= BIT[aspect]
    if before is None:
        state = PatientState(as_of=pack([(mask, key)]) if mask else b"")
        for aspect, value in values.items():
            put(state, aspect, value)
        return Merge(state, tuple(values), ())
    entries = unpack(before.as_of)
    newer = sum(entry_mask for entry_mask, entry_key in entries if entry_key >= key)
    fresh = mask & ~newer
    state = before.copy()
    if fresh:
        state.as_of = _with_entry(entries, fresh, key)
    changed = tuple(aspect for aspect in values if BIT[aspect] & fresh and get(before, aspect) != values[aspect])
    for aspect in changed:
        put(state, aspect, values[aspect])
    return Merge(state, changed, tuple(aspect for aspect in values if BIT[aspect] & newer))


def _with_entry(entries: list[tuple[int, bytes]], fresh: int, key: bytes) -> bytes:
    kept = [(mask & ~fresh, entry_key) for mask, entry_key in entries]
    merged = sorted([(fresh, key), *((m, k) for m, k in kept if m)], key=lambda entry: entry[1], reverse=True)
    return pack(merged)


def get(state: PatientState, aspect: str) -> Any:
    """The value of one aspect, in the form ``stated`` gives it."""
    if aspect == "name":
        return state.family, state.given
    if aspect == "death":
        return state.died, state.died_at
    return getattr(state, aspect)


def put(state: PatientState, aspect: str, value: Any) -> None:
    """Set one aspect of a state in place."""
    if aspect == "name":
        state.family, state.given = value
    elif aspect == "death":
        state.died, state.died_at = value
    else:
        setattr(state, aspect, value)


def merge_edge(before: PatientState, survivor_id: int, key: bytes) -> PatientState:
    """Say that this record was merged into ``survivor_id``; of repeated or inverse merges the newest wins."""
    if before.merge_key is not None and before.merge_key >= key:
        return before
    return replace(before, merged_into=survivor_id, merge_key=key)


__all__ = ["ASPECTS", "Merge", "get", "merge", "merge_edge", "pack", "put", "stated", "unpack"]
