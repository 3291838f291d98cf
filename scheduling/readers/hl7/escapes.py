r"""Escape sequences of text fields (HL7 2.x chapter 2.7), and what real senders make of them.

``\F\ \S\ \T\ \R\ \E\`` stand for the delimiters, ``\.br\`` and ``\.sp\`` for line breaks, ``\X..\`` for bytes.
Highlighting and other formatting is dropped. Everything else, a lone escape character too, stays as it was sent.
"""

import re
from functools import lru_cache

from scheduling.readers.hl7.delimiters import NEVER, Delimiters

# Only known sequences match, so an unknown one never swallows the escape character that begins the next.
_KNOWN = (
    r"(?P<standing>[FSTRE])"
    r"|(?P<line>\.(?:br|BR|sp|SP)\s*\+?\d{0,3})"
    r"|X(?P<hex>(?:[0-9A-Fa-f]{2}){1,100})"
    r"|(?P<dropped>[HN]|\.(?:in|ti|fi|nf|ce|sk)\s*[+-]?\d{0,3}|[CM][0-9A-Fa-f]{4,6})"
)


def unescape(text: str, delimiters: Delimiters) -> str:
    """The text that was meant."""
    return _sequences(delimiters.escape).sub(lambda match: _meaning(match, delimiters), text)


@lru_cache(maxsize=64)
def _sequences(escape: str) -> re.Pattern[str]:
    mark = re.escape(escape)
    return re.compile(f"{mark}(?:{_KNOWN}){mark}")


def _meaning(match: re.Match[str], delimiters: Delimiters) -> str:
    if match["line"]:
        return "\n"
    if match["dropped"]:
        return ""
    if match["hex"]:
        return _from_bytes(bytes.fromhex(match["hex"]))
    standing = {
        "F": delimiters.field,
        "S": delimiters.component,
        "T": delimiters.subcomponent,
        "R": delimiters.repetition,
        "E": delimiters.escape,
    }
    return standing[match["standing"]].replace(NEVER, "")


def _from_bytes(raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.replace(NEVER, "").replace("\r\n", "\n").replace("\r", "\n")
