"""How long a visit lasts, in the many places and spellings of SCH, TQ1 and AI*."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from scheduling.readers.hl7.elements import NULL
from scheduling.readers.hl7.profile import Hl7Profile
from scheduling.readers.hl7.segments import Fields, Message
from scheduling.readers.hl7.times import read_moment

LONGEST: Final = 7 * 24 * 60  # minutes; beyond is no visit
RESOURCE_DURATIONS: Final = (("AIS", 7, "AIS-7"), ("AIL", 9, "AIL-9"), ("AIP", 9, "AIP-9"), ("AIG", 11, "AIG-11"))

_MINUTES: Final = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "ss", "sek"), 1 / 60),
    **dict.fromkeys(("", "m", "mi", "mn", "min", "mins", "minute", "minutes", "minuto", "minutos", "mm"), 1.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "hur", "std", "hora", "horas"), 60.0),
    **dict.fromkeys(("d", "day", "days"), 1440.0),
}
_LEADING: Final = re.compile(r"([SMHD])\s*(\d{1,7})", re.IGNORECASE | re.ASCII)  # "M30", as TQ writes it
_TRAILING: Final = re.compile(r"(\d{1,7}(?:\.\d{1,4})?)\s*([a-z]*)\.?", re.IGNORECASE | re.ASCII)
_UTC: Final = ZoneInfo("UTC")


def minutes_of(amount: str, unit: str, overrides: Mapping[str, str]) -> int | None:
    """Whole minutes (at least 1) of an amount and a unit; None where they cannot be read or are no visit's length.

    A unit inside the amount (``1 h``, ``M30``) wins; no unit at all means minutes. ``overrides`` are the feed's own
    meanings of a unit.
    """
    if overrides:
        unit = overrides.get(unit.strip().lower(), unit)
    return _minutes(amount, unit)


@lru_cache(maxsize=4096)
def _minutes(amount: str, unit: str) -> int | None:
    text = amount.strip()
    if match := _LEADING.fullmatch(text):
        number, spelled = match[2], match[1]
    elif match := _TRAILING.fullmatch(text):
        number, spelled = match[1], match[2] or unit
    else:
        return None
    factor = _MINUTES.get(spelled.strip(" .").lower())
    if factor is None:
        return None
    minutes = float(number) * factor
    return max(1, int(minutes + 0.5)) if 0 < minutes <= LONGEST else None


def read_minutes(message: Message, sch: Fields, timing: list[str], profile: Hl7Profile) -> int | None:
    """The visit's length in whole minutes, from the first place that states a readable one.

    Precedence: SCH-9/10, SCH-11.3, TQ1-6, the AI* segments, then end less start in SCH-11 and TQ1. A lone AIS that
    states another length than SCH or TQ1 is a ``durations_disagree`` problem.
    """
    minutes: int | None = None
    for field, amount, unit in _stated_durations(message, sch, timing):
        found = minutes_of(amount, unit, profile.duration_units)
        if found is None:
            message.problem("bad_duration", field, f"{amount} {unit}")
        elif minutes is None:
            minutes = found
        elif found != minutes and field == "AIS-7" and len(message.found["AIS"]) == 1:
            message.problem("durations_disagree", field, f"{amount} {unit}")
        if minutes is not None and field[0] == "A":
            break
    return minutes if minutes is not None else _minutes_between(message, timing, profile)


def _stated_durations(message: Message, sch: Fields, timing: list[str]) -> Iterator[tuple[str, str, str]]:
    """(field, amount, unit) of every place that states a length, in order of precedence."""
    present = message.found
    if sch[9] and sch[9] != NULL:
        yield "SCH-9", message.single(sch[9]), message.coded(sch[10]) or ""
    elif timing[2] and timing[2] != NULL:
        yield "SCH-11", timing[2], ""
    elif "TQ1" in present and (quantity := message.first("TQ1")[6]) and quantity != NULL:
        parts = message.components(quantity)
        yield "TQ1-6", parts[0], parts[1].partition(message.subcomponent)[0]
    for name, amount_field, label in RESOURCE_DURATIONS:
        if name in present:
            fields = message.first(name)
            if (amount := fields[amount_field]) and amount != NULL:
                yield label, message.single(amount), message.coded(fields[amount_field + 1]) or ""


def _minutes_between(message: Message, timing: list[str], profile: Hl7Profile) -> int | None:
    """End less start, where one place states both in full; zones cancel out, so any zone serves."""
    tq1 = message.first("TQ1")
    for start, end in ((timing[3], timing[4]), (message.single(tq1[7]), message.single(tq1[8]))):
        if not start or not end:
            continue
        first = read_moment(start, _UTC, profile).at
        last = read_moment(end, _UTC, profile).at
        if first and last and (minutes := int((last - first).total_seconds() // 60)) > 0:
            return minutes_of(str(minutes), "min", {})
    return None
