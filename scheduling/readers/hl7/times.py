"""When a message says it happened, and when the visit starts: stated precedence, disagreement said out loud."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from scheduling.readers.hl7.elements import NULL
from scheduling.readers.hl7.places import Place
from scheduling.readers.hl7.profile import Hl7Profile
from scheduling.readers.hl7.segments import Fields, Message
from scheduling.readers.localtime import BAD_TIME, DATE_ONLY, Moment, read_formatted_time, read_hl7_time

# Segment, field of the start, field of the offset that explains a start of its own, name; in order of precedence.
RESOURCE_STARTS: Final = (
    ("AIS", 4, 5, "AIS-4"),
    ("AIL", 6, 7, "AIL-6"),
    ("AIP", 6, 7, "AIP-6"),
    ("AIG", 8, 9, "AIG-8"),
)

_MSH_7: Final = Place("MSH", 7)
_SCHEDULING: Final = (_MSH_7,)
_PATIENT: Final = (Place("EVN", 2), _MSH_7)


def read_moment(raw: str, zone: ZoneInfo, profile: Hl7Profile) -> Moment:
    """One time as sent, in HL7's spelling, ISO's or one of the feed's own formats."""
    moment = read_hl7_time(raw, zone)
    if moment.fault == BAD_TIME and profile.time_formats:
        return read_formatted_time(raw, profile.time_formats, zone)
    return moment


def read_source_at(message: Message, zone: ZoneInfo, profile: Hl7Profile, *, is_patient_event: bool) -> datetime | None:
    """When the source says the event happened: UTC, local times taken in the source's zone."""
    for place in profile.source_time or (_PATIENT if is_patient_event else _SCHEDULING):
        raw = message.single(message.at(place))
        if not raw or raw == NULL:
            continue
        moment = read_moment(raw, zone, profile)
        if moment.at is not None:
            return moment.at
        message.problem(moment.fault, str(place), raw)
    return None


def looks_like_time(raw: str) -> bool:
    """Whether SCH-11.1, which HL7 means as a count, holds a time to the minute instead."""
    return len(raw) >= 12 and raw[:2] in {"19", "20"} and raw[:4].isdigit()


def read_start(message: Message, timing: list[str], zone: ZoneInfo, profile: Hl7Profile) -> datetime | None:
    """The visit's start, UTC, from the first place that states one; ``timing`` are the components of SCH-11.

    Precedence: SCH-11.4, SCH-11.1 (a count there is no time), TQ1-7, AIS-4, AIL-6, AIP-6, AIG-8; of AI* the first
    segment each. A place that states another moment or day is a ``times_disagree`` problem.
    """
    chosen: datetime | None = None
    unresolved: list[tuple[str, str, str]] = []
    for field, raw in _stated_starts(message, timing):
        moment = read_moment(raw, zone, profile)
        if moment.at is None:
            unresolved.append((moment.fault, field, raw))
        elif chosen is None:
            chosen = moment.at
        elif moment.at != chosen:
            message.problem("times_disagree", field, raw)
    if unresolved:
        _report_unresolved(message, unresolved, None if chosen is None else chosen.astimezone(zone))
    return chosen


def _stated_starts(message: Message, timing: list[str]) -> list[tuple[str, str]]:
    """(field, raw time) of every place that states a start in its own words, in order of precedence."""
    last = timing[3] if timing[3] and timing[3] != NULL else timing[0] if looks_like_time(timing[0]) else ""
    found = [("SCH-11", last)] if last else []
    present = message.found
    if "TQ1" in present and (raw := message.single(message.first("TQ1")[7])) and raw not in {last, NULL}:
        found.append(("TQ1-7", raw))
        last = raw
    for name, start, offset, label in RESOURCE_STARTS:
        if name in present:
            fields = message.first(name)
            raw = fields[start]
            if raw and raw not in {last, NULL} and fields[offset] in {"", "0", NULL}:
                last = raw
                found.append((label, message.single(raw)))
    return found


def _report_unresolved(message: Message, unresolved: list[tuple[str, str, str]], local: datetime | None) -> None:
    """Problems of the places that gave no moment; what another place resolved is none, a contradicting day is one."""
    for fault, field, raw in unresolved:
        if local is None or fault == BAD_TIME:
            message.problem(fault, field, raw)
        elif fault == DATE_ONLY and raw.replace("-", "")[:8] != f"{local:%Y%m%d}":
            message.problem("times_disagree", field, raw)


def cleared_fields(sch: Fields, timing: list[str]) -> frozenset[str]:
    """``starts_at`` and ``minutes`` where SCH nulls them explicitly."""
    cleared = set()
    if sch[9] == NULL:
        cleared.add("minutes")
    if NULL in (sch[11], timing[3]):
        cleared.add("starts_at")
    return frozenset(cleared)
