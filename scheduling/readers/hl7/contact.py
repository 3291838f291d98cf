"""Phones and e-mail addresses in XTN fields (PID-13, PID-14, PID-40), as senders really fill them."""

import re
from functools import lru_cache
from typing import Final

from scheduling.facts import ContactPointFact
from scheduling.readers.hl7.elements import NULL
from scheduling.readers.hl7.segments import Message
from scheduling.readers.localtime import read_day

_EMAIL: Final = re.compile(r"[^\s@;,:<>]+@[^\s@;,:<>]+\.[^\s@;,:<>]+")
# A number and, behind x, ext or #, its extension; what follows (beeper, free text) is left out.
_NUMBER: Final = re.compile(
    r"\s*(\+?[\d\s().\-/]*\d\)?)\s*(?:(?:x|ext\.?|extension|;ext=|#)\s*(\d{1,8}))?", re.IGNORECASE
)

_PUNCTUATION: Final = str.maketrans("", "", "+-.()/ ")
_COMPONENTS: Final = 18
_BLANKS: Final = [""] * _COMPONENTS

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
    if raw.isdigit() and len(raw) <= 15:
        points.append(ContactPointFact("phone", raw, default_use))
        return
    parts = raw.split(message.component, _COMPONENTS) + _BLANKS
    stated = parts[0]
    use, is_email, is_other = _kind_of(parts[1], parts[2])
    use = use or default_use
    rank = int(parts[17]) if parts[17] and parts[17].isascii() and parts[17].isdigit() and len(parts[17]) < 4 else None
    ends_on = read_day(parts[13]) if parts[13] else None
    known = len(points)
    if "@" in raw:
        address_use = "" if use == "mobile" else use
        found = [_EMAIL.search(message.value(part)) for part in (stated, parts[3]) if "@" in part]
        points += [ContactPointFact("email", email[0], address_use, rank, ends_on) for email in found if email]
    if not is_email and "@" not in stated:
        number = _number(message, parts)
        if number:
            points.append(ContactPointFact("other" if is_other else "phone", number, use, rank, ends_on))
    if len(points) == known:
        message.problem("bad_contact", field, raw)


@lru_cache(maxsize=512)
def _kind_of(code: str, equipment: str) -> tuple[str, bool, bool]:
    """(use, is an address, is neither phone nor address) of XTN-2 and XTN-3."""
    code, equipment = code.strip().upper(), equipment.strip().upper()
    use = "mobile" if equipment in _MOBILE_EQUIPMENT else _USES.get(code, "")
    return use, code == "NET" or equipment in _EMAIL_EQUIPMENT, equipment in _OTHER_EQUIPMENT or code == "BPN"


def _number(message: Message, parts: list[str]) -> str:
    """The number as sent, its extension as ``;ext=``; from its pieces or XTN-12 where the first component has none."""
    stated = parts[0]
    if stated.translate(_PUNCTUATION).isdigit():
        number, extension = stated.strip(), parts[7]
    else:
        match = _NUMBER.match(message.value(stated)) or _NUMBER.match(message.value(parts[11]))
        match = match or _number_of_pieces(message, parts)
        if match is None:
            return ""
        number, extension = match[1], match[2] or parts[7]
    return f"{number};ext={message.value(extension)}" if extension and extension != NULL else number


def _number_of_pieces(message: Message, parts: list[str]) -> re.Match[str] | None:
    """Country code, area code and local number (XTN-5 to XTN-7)."""
    country, area, local = (message.value(part) for part in parts[4:7])
    if not any(map(str.isdigit, local)):
        return None
    return _NUMBER.match(f"+{country.lstrip('+')} {area} {local}" if country else f"{area} {local}".strip())
