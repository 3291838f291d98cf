"""Merge one message's statement into what is known of a patient: per aspect, the newest statement wins.

Merging is commutative, associative and idempotent, so any order, repetition or batching of messages ends in the same
record (I3). ``as_of`` keeps, newest first, which aspects were last stated by which order key:
``[mask: 2 bytes][length: 2 bytes][key]`` repeated; usually one entry, since most messages state everything.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from operator import attrgetter, itemgetter
from struct import Struct
from typing import Any, NamedTuple

from scheduling.facts import ContactPointFact, PatientFact
from scheduling.patients.state import ASPECTS, BIT, PatientState

_ENTRY = Struct(">HH")
_FIELDS = {"name": ("family", "given"), "death": ("died", "died_at")}  # of aspects that are two fields


class Merge(NamedTuple):
    """A merged record and which aspects the statement took part in.

    ``changed``: aspects whose value is now another. ``outdated``: aspects stated, but already known from a newer
    message.
    """

    state: PatientState
    changed: tuple[str, ...]
    outdated: tuple[str, ...]


class Statement(NamedTuple):
    """What one message states, made ready to be merged often: most messages repeat what the one before said.

    ``read`` fetches from a state what is to be compared with ``known``.
    """

    values: dict[str, Any]
    mask: int
    read: Callable[[PatientState], Any]
    known: Any

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Statement":
        """Make a statement of ``values`` as ``stated`` gives them."""
        mask = 0
        flat: list[Any] = []
        for aspect, value in values.items():
            mask |= BIT[aspect]
            if aspect in _FIELDS:
                flat.extend(value)
            else:
                flat.append(value)
        return cls(values, mask, _reader(tuple(values)), flat[0] if len(flat) == 1 else tuple(flat))


@lru_cache(maxsize=1024)
def _reader(aspects: tuple[str, ...]) -> Callable[[PatientState], Any]:
    """A function that reads these aspects of a state at once; a single field comes bare, none as an empty tuple."""
    names = [name for aspect in aspects for name in _FIELDS.get(aspect, (aspect,))]
    return attrgetter(*names) if names else _nothing


def _nothing(_: PatientState) -> tuple[()]:
    return ()


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
    state = before.copy() if before is not None else PatientState()
    changed, outdated = absorb(state, Statement.of(values), key)
    return Merge(state, changed if before is not None else tuple(values), outdated)


def absorb(state: PatientState, statement: Statement, key: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Merge a statement into ``state`` in place; returns the aspects changed and outdated, as ``Merge`` has them."""
    values, mask, read, known = statement
    entries = unpack(state.as_of)
    newer = 0
    if entries and entries[0][1] >= key:
        newer = sum(entry_mask for entry_mask, entry_key in entries if entry_key >= key)
    fresh = mask & ~newer
    if fresh:
        state.as_of = _with_entry(entries, fresh, key)
    changed: tuple[str, ...] = ()
    if read(state) != known:
        changed = tuple(aspect for aspect in values if BIT[aspect] & fresh and get(state, aspect) != values[aspect])
        for aspect in changed:
            put(state, aspect, values[aspect])
    return changed, tuple(aspect for aspect in values if BIT[aspect] & newer) if newer else ()


def _with_entry(entries: list[tuple[int, bytes]], fresh: int, key: bytes) -> bytes:
    """Pack entries with ``fresh`` aspects now stated at ``key``; those stated by nobody else any more are left out."""
    kept = [(mask & ~fresh, entry_key) for mask, entry_key in entries if mask & ~fresh]
    if not kept:
        return _ENTRY.pack(fresh, len(key)) + key
    return pack(sorted([(fresh, key), *kept], key=itemgetter(1), reverse=True))


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


__all__ = ["ASPECTS", "Merge", "Statement", "absorb", "get", "merge", "merge_edge", "pack", "put", "stated", "unpack"]
