"""The characters that a message says it is written with (MSH-1 and MSH-2)."""

import dataclasses
from functools import lru_cache

from scheduling.facts import UnreadableMessageError
from scheduling.readers.hl7.places import WIDTHS

# Stands for a delimiter the sender left out. Decoding removes it from every message, so splitting by it never splits.
NEVER = "\0"


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Delimiters:
    """One set of delimiters, compared by identity; ``names`` finds a segment by its first four characters."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str
    names: dict[str, str] = dataclasses.field(default_factory=dict)


def read_delimiters(text: str) -> Delimiters:
    """The delimiters of a message that begins with ``MSH``.

    Raises UnreadableMessageError ``short_msh`` where MSH ends before its third field and ``bad_delimiters`` where the
    characters cannot separate anything.
    """
    separator = text[3:4]
    end = text.find(separator, 4) if separator else -1
    line_end = text.find("\r")
    if end < 0 or 0 <= line_end < end or separator in "\r\n":
        raise UnreadableMessageError("short_msh", "The MSH segment ends before its delimiters do.")
    return _delimiters(separator, text[4:end])


@lru_cache(maxsize=64)
def _delimiters(separator: str, encoding: str) -> Delimiters:
    """Delimiters of MSH-1 and MSH-2; a fifth character (truncation, since 2.7) is none of ours."""
    marks = encoding.replace("\\\\", "\\")[:5]  # "^~\\&" comes from senders that escape for JSON and send it raw
    if len(marks) == 3 and marks[2] == "&":
        marks = f"{marks[:2]}{NEVER}&"  # "^~&": no escape character, as Datica and others send
    stated = [separator, *marks.replace(NEVER, "")]
    if not 1 <= len(encoding) <= 6 or len(set(stated)) < len(stated) or not all(map(_can_separate, stated)):
        raise UnreadableMessageError("bad_delimiters", "The delimiters in MSH-1 and MSH-2 cannot be made out.")
    component, repetition, escape, subcomponent = list(marks.ljust(4, NEVER)[:4])
    names = {f"{name}{separator}": name for name in WIDTHS}
    return Delimiters(separator, component, repetition, escape, subcomponent, names)


def _can_separate(character: str) -> bool:
    return character.isprintable() and not character.isalnum() and character not in ' "'
