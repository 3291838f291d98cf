"""The frame of a visit: what stays the same from message to message while its status changes."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Final, NamedTuple

from scheduling.facts import NOTHING_CLEARED
from scheduling.readers import keeping
from scheduling.readers.hl7.delimiters import Delimiters
from scheduling.readers.hl7.durations import read_minutes
from scheduling.readers.hl7.location import Whereabouts, read_whereabouts
from scheduling.readers.hl7.places import WIDTHS
from scheduling.readers.hl7.profile import Hl7Profile
from scheduling.readers.hl7.sch import bookings, holds_start
from scheduling.readers.hl7.segments import Fields, Message
from scheduling.readers.hl7.signals import read_resource_status
from scheduling.readers.hl7.times import cleared_fields, read_start
from scheduling.readers.zones import Zones

# Table 0277: how an appointment stands, which some senders put where its type belongs.
_NO_VISIT_TYPES: Final = frozenset({"normal", "tentative", "complete"})
# What a frame is read from, beside the places that a feed names: these segments, and duration and timing of SCH.
_SEGMENTS: Final = ("TQ1", "AIS", "AIL", "AIP", "AIG", "PV1")
_SCH_FIELDS: Final = frozenset({9, 10, 11})
_NEW_EACH_TIME: Final = frozenset({"MSH", "EVN", "NTE"})


class Frame(NamedTuple):
    """Where, when, how long and what for, by the segments around SCH and its timing."""

    where: Whereabouts
    visit_type: str | None
    visit_type_name: str | None
    resource_status: str
    starts_at: datetime | None
    minutes: int | None
    cleared: frozenset[str]


class _Basis(NamedTuple):
    """What the frames of a feed depend on; no segments where they cannot be kept."""

    segments: tuple[str, ...]
    fields: tuple[int, ...]
    stated: Callable[[Fields], tuple[str, ...]]  # those fields of an SCH


@lru_cache(maxsize=keeping.CONTEXTS)
def _basis(profile: Hl7Profile) -> _Basis:
    places = (*profile.clinic_from, *profile.visit_type_from)
    segments = dict.fromkeys((*_SEGMENTS, *(place.segment for place in places if place.segment != "SCH")))
    fields = tuple(sorted(_SCH_FIELDS | {place.field for place in places if place.segment == "SCH"}))
    return _Basis(() if _NEW_EACH_TIME & segments.keys() else tuple(segments), fields, itemgetter(*fields))


def known_frame(message: Message, zones: Zones, profile: Hl7Profile) -> Frame | None:
    """The frame of a message with one SCH (see `scheduling.readers.keeping`).

    None where it is to be read from the message itself: several or shifted SCH, problems, a text too long to be kept.
    """
    found, basis = message.found, _basis(profile)
    if len(found["SCH"]) > 1 or not basis.segments:
        return None
    lines: list[str] = []
    for name in basis.segments:
        if name in found:
            lines += found[name]
    sch = message.first("SCH")
    if holds_start(message, sch[12]):  # perhaps SCH-11 in a segment with a field too many
        return None
    text, stated = "\r".join(lines), basis.stated(sch)
    if len(text) + sum(map(len, stated)) > keeping.LONGEST:
        return None
    return _kept_frame(text, stated, message.delimiters, zones, profile)


@lru_cache(maxsize=keeping.VISITS)
def _kept_frame(
    text: str, stated: tuple[str, ...], delimiters: Delimiters, zones: Zones, profile: Hl7Profile
) -> Frame | None:
    """The frame by its segments and the fields of SCH it depends on; None where there is a problem to tell."""
    message = Message([*text.split("\r"), "SCH"], delimiters, is_escaped=True)
    sch = [""] * (WIDTHS["SCH"] + 1)  # SCH-12 matters only where it holds a start
    for number, raw in zip(_basis(profile).fields, stated, strict=True):
        sch[number] = raw
    message.replace("SCH", sch)
    frame = read_frame(*bookings(message)[0], zones, profile)
    return None if message.problems else frame


def read_frame(message: Message, sch: Fields, timing: list[str], zones: Zones, profile: Hl7Profile) -> Frame:
    """The frame of one appointment; ``timing`` are the components of SCH-11."""
    where = read_whereabouts(message, zones, profile)
    visit_type, visit_type_name = read_visit_type(message, profile)
    return Frame(
        where,
        visit_type,
        visit_type_name,
        read_resource_status(message),
        read_start(message, timing, where.zone, profile),
        read_minutes(message, sch, timing, profile),
        cleared_fields(sch, timing) if '"' in sch[9] or '"' in sch[11] else NOTHING_CLEARED,
    )


def read_visit_type(message: Message, profile: Hl7Profile) -> tuple[str | None, str | None]:
    """(code, name) of the first place that states a type; table 0277's words are no types."""
    for place in profile.visit_type_from:
        raw = message.first(place.segment)[place.field]
        if not raw:
            continue
        code, name = message.coded_pair(raw)
        if code is not None and code.lower() not in _NO_VISIT_TYPES:
            return code, name
    return None, None
