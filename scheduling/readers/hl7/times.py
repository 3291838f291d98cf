"""When a message says it happened, and when the visit starts: stated precedence, disagreement said out loud."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from scheduling.readers.hl7.durations import minutes_of
from scheduling.readers.hl7.profile import Hl7Profile
from scheduling.readers.hl7.segments import NULL, Message
from scheduling.readers.localtime import (
    AMBIGUOUS,
    BAD_TIME,
    DATE_ONLY,
    IMPOSSIBLE,
    Moment,
    read_formatted_time,
    read_hl7_time,
)

# Segment, field of the start, field of the offset that explains a start of its own, in order of precedence.
RESOURCE_STARTS: Final = (("AIS", 4, 5), ("AIL", 6, 7), ("AIP", 6, 7), ("AIG", 8, 9))
RESOURCE_DURATIONS: Final = (("AIS", 7), ("AIL", 9), ("AIP", 9), ("AIG", 11))

_SCHEDULING: Final = ("MSH-7",)
_PATIENT: Final = ("EVN-2", "MSH-7")


def read_moment(raw: str, zone: ZoneInfo, profile: Hl7Profile) -> Moment:
    """One time as sent, in HL7's spelling, ISO's or one of the feed's own formats."""
    moment = read_hl7_time(raw, zone)
    if moment.fault == BAD_TIME and profile.time_formats:
        return read_formatted_time(raw, profile.time_formats, zone)
    return moment


def read_source_at(message: Message, zone: ZoneInfo, profile: Hl7Profile, *, is_patient_event: bool) -> datetime | None:
    """When the source says the event happened: UTC, local times taken in the source's zone."""
    for place in profile.source_time or (_PATIENT if is_patient_event else _SCHEDULING):
        raw = message.first(message.at(place)).strip()
        if not raw or raw == NULL:
            continue
        moment = read_moment(raw, zone, profile)
        if moment.at is not None:
            return moment.at
        message.problem(moment.fault, place, raw)
    return None


def read_start(message: Message, sch: list[str], zone: ZoneInfo, profile: Hl7Profile) -> datetime | None:
    """The visit's start, UTC, from the first place that states one.

    Precedence: SCH-11.4, SCH-11.1 (a count there is no time), TQ1-7, AIS-4, AIL-6, AIP-6, AIG-8; of AI* the first
    segment each. A place that states another moment or day is a ``times_disagree`` problem.
    """
    chosen: datetime | None = None
    days: list[tuple[str, str]] = []
    unresolved: list[tuple[str, str, str]] = []
    seen: set[str] = set()
    for field, raw in _stated_starts(message, sch):
        if raw in seen:
            continue
        seen.add(raw)
        moment = read_moment(raw, zone, profile)
        if moment.at is None:
            if moment.fault == DATE_ONLY:
                days.append((field, raw))
            unresolved.append((moment.fault, field, raw))
        elif chosen is None:
            chosen = moment.at
        elif moment.at != chosen:
            message.problem("times_disagree", field, raw)
    if unresolved:
        _report_unresolved(message, unresolved, None if chosen is None else chosen.astimezone(zone))
    return chosen


def _stated_starts(message: Message, sch: list[str]) -> list[tuple[str, str]]:
    """(field, raw time) of every place that states a start."""
    found: list[tuple[str, str]] = []
    timing = message.components(sch[11])
    if timing[3] and timing[3] != NULL:
        found.append(("SCH-11", timing[3]))
    elif looks_like_time(timing[0]):
        found.append(("SCH-11", timing[0]))
    if "TQ1" in message.table:
        raw = message.first(message.fields("TQ1")[7])
        if raw and raw != NULL:
            found.append(("TQ1-7", raw))
    for name, start, offset in RESOURCE_STARTS:
        if name in message.table:
            fields = message.fields(name)
            raw = fields[start]
            if raw and raw != NULL and fields[offset] in {"", "0", NULL}:
                found.append((f"{name}-{start}", message.first(raw)))
    return found


def looks_like_time(raw: str) -> bool:
    """Whether SCH-11.1, which HL7 means as a count, holds a time to the minute instead."""
    return len(raw) >= 12 and raw[:2] in {"19", "20"} and raw[:4].isdigit()


def _report_unresolved(message: Message, unresolved: list[tuple[str, str, str]], local: datetime | None) -> None:
    """Problems of the places that gave no moment; what another place resolved is none, a contradicting day is one."""
    for fault, field, raw in unresolved:
        if local is None or fault == BAD_TIME:
            message.problem(fault, field, raw)
        elif fault == DATE_ONLY and raw.replace("-", "")[:8] != f"{local:%Y%m%d}":
            message.problem("times_disagree", field, raw)


def read_minutes(message: Message, sch: list[str], profile: Hl7Profile) -> int | None:
    """The visit's length in whole minutes, from the first place that states a readable one.

    Precedence: SCH-9/10, SCH-11.3, TQ1-6, end less start in SCH-11 and TQ1, then the AI* segments. One AIS that states
    another length than SCH is a ``durations_disagree`` problem.
    """
    minutes: int | None = None
    for field, amount, unit in _stated_durations(message, sch):
        found = minutes_of(amount, unit, profile.duration_units)
        if found is None:
            message.problem("bad_duration", field, f"{amount} {unit}")
        elif minutes is None:
            minutes = found
        elif found != minutes and field == "AIS-7" and len(message.table["AIS"]) == 1:
            message.problem("durations_disagree", field, f"{amount} {unit}")
        if minutes is not None and field not in {"SCH-9", "SCH-11", "TQ1-6"}:
            break
    return minutes if minutes is not None else _minutes_between(message, sch, profile)


def _stated_durations(message: Message, sch: list[str]) -> list[tuple[str, str, str]]:
    """(field, amount, unit) of every place that states a length, in order of precedence."""
    found: list[tuple[str, str, str]] = []
    if sch[9] and sch[9] != NULL:
        found.append(("SCH-9", message.first(sch[9]), message.coded(sch[10]) or ""))
    elif sch[11] and (amount := message.components(sch[11])[2]) and amount != NULL:
        found.append(("SCH-11", amount, ""))
    elif "TQ1" in message.table and (quantity := message.fields("TQ1")[6]) and quantity != NULL:
        parts = message.components(quantity)
        found.append(("TQ1-6", parts[0], parts[1].partition(message.subcomponent)[0]))
    for name, amount_field in RESOURCE_DURATIONS:
        if name in message.table:
            fields = message.fields(name)
            if (amount := fields[amount_field]) and amount != NULL:
                found.append(
                    (f"{name}-{amount_field}", message.first(amount), _unit(message, fields[amount_field + 1]))
                )
    return found


def _unit(message: Message, raw: str) -> str:
    """The unit's code, or its text where only that is there."""
    return raw if message.component not in raw else message.coded(raw) or ""


def _minutes_between(message: Message, sch: list[str], profile: Hl7Profile) -> int | None:
    """End less start, where one place states both in full; zones cancel out, so any zone serves."""
    timing, tq1 = message.components(sch[11]), message.fields("TQ1")
    for start, end in ((timing[3], timing[4]), (message.first(tq1[7]), message.first(tq1[8]))):
        if not start or not end:
            continue
        first = read_moment(start, _UTC, profile).at
        last = read_moment(end, _UTC, profile).at
        if first and last and (minutes := int((last - first).total_seconds() // 60)) > 0:
            return minutes_of(str(minutes), "min", {})
    return None


_UTC: Final = ZoneInfo("UTC")

UNRESOLVED_FAULTS: Final = frozenset({AMBIGUOUS, IMPOSSIBLE})
