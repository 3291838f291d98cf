"""Phones and e-mail addresses in XTN fields (PID-13, PID-14, PID-40), as senders really fill them."""

import re
from typing import Final

from scheduling.facts import ContactPointFact
from scheduling.readers.hl7.segments import NULL, Message
from scheduling.readers.localtime import read_day

_EMAIL: Final = re.compile(r"[^\s@;,:<>]+@[^\s@;,:<>]+\.[^\s@;,:<>]+")
# A number and, behind x, ext or #, its extension; what follows (beeper, free text) is left out.
_NUMBER: Final = re.compile(
    r"\s*(\+?[\d\s().\-/]*\d\)?)\s*(?:(?:x|ext\.?|extension|;ext=|#)\s*(\d{1,8}))?", re.IGNORECASE
)

_OTHER_EQUIPMENT: Final = frozenset({"FX", "FAX", "MD", "BP", "TDD", "TTY", "SAT"})
_EMAIL_EQUIPMENT: Final = frozenset({"INTERNET", "X.400", "EMAIL", "E-MAIL"})
_MOBILE_EQUIPMENT: Final = frozenset({"CP", "CELL", "MOBILE", "MOB"})
_USES: Final = {
    "PRN": "home", "ORN": "home", "HOME": "home", "H": "home", "VHN": "temp", "WPN": "work", "WORK": "work",
    "W": "work", "MOBILE": "mobile", "CELL": "mobile", "PRS": "mobile",
}  # fmt: skip


def read_points(message: Message, raw: str, field: str, default_use: str) -> tuple[ContactPointFact, ...] | None:
    """Every contact point of one field: None where the field is silent, empty where it says there is none."""
    if not raw:
        return None
    points: list[ContactPointFact] = []
    if raw != NULL:
        for repetition in message.repetitions(raw):
            if repetition != NULL:
                _read_repetition(message, repetition, field, default_use, points)
    return tuple(points)


def _read_repetition(message: Message, raw: str, field: str, default_use: str, points: list[ContactPointFact]) -> None:
    """Add what one repetition states: a number, an address, or both."""
    if message.component not in raw and raw.isdigit() and len(raw) <= 15:
        points.append(ContactPointFact("phone", raw, default_use))
        return
    parts = message.components(raw)
    known = len(points)
    code, equipment = parts[1].strip().upper(), parts[2].strip().upper()
    use = "mobile" if equipment in _MOBILE_EQUIPMENT else _USES.get(code, default_use)
    rank = int(parts[17]) if parts[17].isascii() and parts[17].isdigit() and len(parts[17]) < 4 else None
    ends_on = read_day(parts[13]) if parts[13] else None
    stated = message.value(parts[0])
    is_email = code == "NET" or equipment in _EMAIL_EQUIPMENT
    points.extend(
        ContactPointFact("email", email[0], "" if use == "mobile" else use, rank, ends_on)
        for text in (stated, message.value(parts[3]))
        if "@" in text and (email := _EMAIL.search(text))
    )
    if "@" not in stated and not is_email:
        number = _number(message, stated, parts)
        if number:
            system = "other" if equipment in _OTHER_EQUIPMENT or code == "BPN" else "phone"
            points.append(ContactPointFact(system, number, use, rank, ends_on))
    if len(points) == known:
        message.problem("bad_contact", field, raw)


def _number(message: Message, stated: str, parts: list[str]) -> str:
    """The number as sent, its extension as ``;ext=``; from its pieces or XTN-12 where the first component has none."""
    match = _NUMBER.match(stated) or _NUMBER.match(message.value(parts[11]))
    if match is None:
        country, area, local = (message.value(part) for part in parts[4:7])
        if not any(map(str.isdigit, local)):
            return ""
        match = _NUMBER.match(f"+{country.lstrip('+')} {area} {local}" if country else f"{area} {local}")
        if match is None:
            return ""
    extension = match[2] or message.value(parts[7])
    number = match[1].strip()
    return f"{number};ext={extension}" if extension else number
