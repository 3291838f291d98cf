"""Whether an envelope can be read at all. What cannot is stored and rejected, and its sender is told. Pure."""

import re
from typing import Final

import orjson

from scheduling.readers.envelopes import Envelope
from scheduling.vocabulary import FeedFormat

_MSH: Final = re.compile(rb"(?:\A|[\r\n\x0b])(?:\xef\xbb\xbf)?[ \t]*MSH[^A-Za-z0-9\s]")
_WIDE_MSH: Final = ("MSH".encode("utf-16-le"), "MSH".encode("utf-16-be"))
_BOM: Final = b"\xef\xbb\xbf"


def envelope_fault(envelope: Envelope, format: FeedFormat) -> str:  # noqa: A002
    """Why nothing in the envelope can be read, as a sentence without content; "" where something may be.

    Only a single message can make an envelope unreadable: of several, each stands for itself.
    """
    if len(envelope.messages) != 1:
        return ""
    match format:
        case FeedFormat.HL7V2:
            return "" if has_msh(envelope.messages[0]) else "There is no MSH segment."
        case FeedFormat.FHIR:
            return _json_fault(envelope.messages[0])
        case FeedFormat.CSV:
            return ""


def has_msh(body: bytes) -> bool:
    """Whether a line of an HL7 message begins with MSH, in any encoding that is read."""
    return body.startswith(b"MSH") or bool(_MSH.search(body)) or any(mark in body[:64] for mark in _WIDE_MSH)


def _json_fault(body: bytes) -> str:
    try:
        orjson.loads(body.removeprefix(_BOM))
    except orjson.JSONDecodeError as error:
        return f"It is no JSON: line {error.lineno}, column {error.colno}."
    return ""
