"""Bytes to text: MSH-18 is heard, but the bytes decide."""

import re
from typing import Final

from scheduling.facts import Problem, UnreadableMessageError
from scheduling.readers.hl7.delimiters import NEVER

_FRAMING: Final = "\x0b\x1c\r\n"
_MSH: Final = re.compile(rb"(?:\A|[\r\n\x0b])(?:\xef\xbb\xbf)?[ \t]*(MSH[^A-Za-z0-9\s])")

UTF_8: Final = "utf-8"
_UNSAID: Final = frozenset({"", '""'})
_CODECS: Final = {
    "UTF8": UTF_8, "UNICODEUTF8": UTF_8, "UNICODE": UTF_8,
    "ASCII": "ascii", "ISOIR6": "ascii", "USASCII": "ascii",
    "88591": "latin-1", "ISO88591": "latin-1", "ISOIR100": "latin-1", "LATIN1": "latin-1",
    "88592": "iso8859-2", "ISO88592": "iso8859-2", "ISOIR101": "iso8859-2", "LATIN2": "iso8859-2",
    "88593": "iso8859-3", "88594": "iso8859-4", "88595": "iso8859-5", "88596": "iso8859-6", "88597": "iso8859-7",
    "88598": "iso8859-8", "88599": "iso8859-9", "885915": "iso8859-15", "ISO885915": "iso8859-15",
    "WINDOWS1252": "cp1252", "CP1252": "cp1252", "ANSI": "cp1252",
    "GB180302000": "gb18030", "BIG5": "big5", "KSX1001": "euc-kr", "ISOIR13": "shift-jis", "ISOIR87": "iso2022-jp",
}  # fmt: skip


def decode(body: bytes) -> tuple[str, list[Problem]]:
    """The message's text from its MSH on, lines ended by CR, without NUL and framing; with what was wrong about it.

    Raises UnreadableMessageError ``no_msh``.
    """
    if body.startswith(b"MSH"):
        text, problems = _decode_from_msh(body)
    elif found := _MSH.search(body):
        text, problems = _decode_from_msh(body[found.start(1) :])
    else:
        text, problems = _decode_utf_16(body), []
    if "\n" in text:
        text = text.replace("\r\n", "\r").replace("\n", "\r")
    if NEVER in text:
        text = text.replace(NEVER, "")
    return text.strip(_FRAMING), problems


def _decode_from_msh(body: bytes) -> tuple[str, list[Problem]]:
    if body.isascii():
        return body.decode("ascii"), []
    declared = _declared_charset(body)
    codec = _CODECS.get(re.sub(r"[^A-Z0-9]", "", declared.upper()))
    try:
        # Text in another charset is hardly ever valid UTF-8 by accident, so valid UTF-8 overrules a single-byte claim.
        text = body.decode(UTF_8)
        claim_holds = declared in _UNSAID or codec == UTF_8
    except UnicodeDecodeError:
        text, claim_holds = _decode_as_declared(body, codec)
    return text, [] if claim_holds else [Problem("bad_charset", "MSH-18", declared)]


def _decode_as_declared(body: bytes, codec: str | None) -> tuple[str, bool]:
    """Text that is no UTF-8: by the declared codec, else Windows-1252, else Latin-1, which takes every byte."""
    for candidate in (codec, "cp1252", "latin-1"):
        if candidate is None:
            continue
        try:
            return body.decode(candidate), candidate == codec
        except UnicodeDecodeError:
            continue
    raise AssertionError("Latin-1 decodes every byte.")


def _declared_charset(body: bytes) -> str:
    """MSH-18's first repetition, ``""`` where MSH is shorter."""
    line = re.split(rb"[\r\n]", body, maxsplit=1)[0]
    fields = line.split(line[3:4] or b"|", 18)
    return re.split(r"[~^]", fields[17].decode("latin-1"), maxsplit=1)[0].strip() if len(fields) > 17 else ""


def _decode_utf_16(body: bytes) -> str:
    """A whole message in UTF-16, which hides its MSH from a search for bytes."""
    for codec in ("utf-16-le", "utf-16-be"):
        start = body.find("MSH".encode(codec), 0, 64)
        if start >= 0 and start % 2 == 0:  # at an odd place it is the other byte order
            return body[start : len(body) - (len(body) - start) % 2].decode(codec, "replace")
    raise UnreadableMessageError("no_msh", "There is no MSH segment at the start of any line.")
