"""How long a visit lasts, in the many spellings of SCH-9/10, SCH-11.3, TQ1-6 and AI*."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

LONGEST: Final = 7 * 24 * 60  # minutes; beyond is no visit

_MINUTES: Final = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "ss", "sek"), 1 / 60),
    **dict.fromkeys(("", "m", "mi", "mn", "min", "mins", "minute", "minutes", "minuto", "minutos", "mm"), 1.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "hur", "std", "hora", "horas"), 60.0),
    **dict.fromkeys(("d", "day", "days"), 1440.0),
}
_LEADING: Final = re.compile(r"([SMHD])\s*(\d{1,7})", re.IGNORECASE | re.ASCII)  # "M30", as TQ writes it
_TRAILING: Final = re.compile(r"(\d{1,7}(?:\.\d{1,4})?)\s*([a-z]*)\.?", re.IGNORECASE | re.ASCII)


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
