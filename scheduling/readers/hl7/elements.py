"""Composite fields of the schedule itself: codes, persons, locations.

A site has few of them and repeats them in every message, so what they mean is cached. Nothing of a patient goes
through here, and no text longer than LONGEST is kept.
"""

from functools import lru_cache
from typing import Final

from scheduling.readers.hl7.delimiters import Delimiters
from scheduling.readers.hl7.escapes import unescape

LONGEST: Final = 250  # characters of a raw field that is kept
CACHED: Final = 8_192
NULL: Final = '""'

Coded = tuple[str | None, str | None]


def plain_text(raw: str, delimiters: Delimiters) -> str | None:
    """What the sender meant: None where nothing is said, ``""`` for the explicit null, else stripped text."""
    if not raw:
        return None
    if raw == NULL:
        return ""
    if delimiters.escape in raw:
        raw = unescape(raw, delimiters)
    return raw.strip() or None


def first_repetition(raw: str, delimiters: Delimiters) -> list[str]:
    """The raw components of a field's first repetition, at least nine."""
    if delimiters.repetition in raw:
        raw = raw.partition(delimiters.repetition)[0]
    return [*raw.split(delimiters.component), "", "", "", "", "", "", "", ""]


@lru_cache(maxsize=CACHED)
def coded_element(raw: str, delimiters: Delimiters) -> Coded:
    """(code, text) of a coded element; the text stands for a code that was left out."""
    parts = first_repetition(raw, delimiters)
    code, text = plain_text(parts[0], delimiters), plain_text(parts[1], delimiters)
    return (text if code is None else code), text


@lru_cache(maxsize=CACHED)
def joined_codes(raw: str, delimiters: Delimiters, wanted: tuple[int, ...]) -> str:
    """The different codes among the wanted components, joined by ``&``; the text where there is no code at all.

    OpTime sends two statuses in one field: ``Sch^Scheduled^SCHEDULING^In Fac^Arrived^PROGRESS`` gives ``Sch&In Fac``.
    """
    parts = first_repetition(raw, delimiters)
    codes: dict[str, str] = {}
    for number in wanted:
        if 1 <= number <= len(parts) and (code := plain_text(parts[number - 1], delimiters)):
            codes.setdefault(code.lower(), code)
    return "&".join(codes.values()) or coded_element(raw, delimiters)[0] or ""


@lru_cache(maxsize=CACHED)
def designated(raw: str, delimiters: Delimiters, component: int) -> str:
    """A component that may be a hierarchic designator: its namespace, else its universal id, ``""`` for neither."""
    namespace, _, universal = first_repetition(raw, delimiters)[component - 1].partition(delimiters.subcomponent)
    return plain_text(namespace or universal.partition(delimiters.subcomponent)[0], delimiters) or ""


@lru_cache(maxsize=CACHED)
def staff(raw: str, delimiters: Delimiters) -> Coded:
    """(id, "given family") of an XCN field that names staff; None for what it does not say."""
    parts = first_repetition(raw, delimiters)
    family = plain_text(parts[1].partition(delimiters.subcomponent)[0], delimiters) or ""
    given = plain_text(parts[2], delimiters) or ""
    return plain_text(parts[0], delimiters) or None, f"{given} {family}".strip() or None


@lru_cache(maxsize=CACHED)
def event_type(raw: str, delimiters: Delimiters) -> tuple[str, str]:
    """(message code, trigger) of MSH-9 in capitals; structure names may be wrong, or stand alone (``SIU_S12``)."""
    parts = [(plain_text(part, delimiters) or "").upper() for part in first_repetition(raw, delimiters)[:3]]
    code, trigger, structure = parts
    for name in (code, structure):
        if not trigger and "_" in name:
            code, _, trigger = name.partition("_")
    return code, trigger
