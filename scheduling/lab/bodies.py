"""What was pasted or uploaded, as intake would take it apart: guessed format, messages, control id, digest, lane. Pure.

Nothing is stored and nothing raised: what cannot be read is a sentence.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from scheduling.digestion.claim import LANES
from scheduling.digestion.context import FeedContext
from scheduling.facts import Problem, UnreadableMessageError
from scheduling.readers.peek import peek
from scheduling.readers.shapes import MAX_BYTES
from scheduling.readers.shapes import Arrival as FileInfo
from scheduling.services.intake import FeedRef, arrive, patient_hash
from scheduling.transports.legibility import envelope_fault, has_msh
from scheduling.vocabulary import FeedFormat, Transport

MOST_BYTES: Final = MAX_BYTES  # as intake's; a feed's own ``max_bytes`` may be less
MOST_TEXT: Final = 256 * 1024  # of an upload that is shown again as text to be edited
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_ENDS: Final = ((b"\r\n", "CRLF"), (b"\r", "CR"), (b"\n", "LF"))
_LINE_ENDS_OF: Final = {FeedFormat.HL7V2: "\r", FeedFormat.FHIR: "\n", FeedFormat.CSV: "\n"}


@dataclass(frozen=True, slots=True)
class Body:
    """One message chosen from what was given.

    ``number`` counts from 1 among ``total``; ``guessed`` is None where the bytes look like nothing we read. ``fault``
    is why there is no message to look at, "" where there is one.
    """

    message: bytes
    number: int
    total: int
    size: int
    guessed: FeedFormat | None
    line_ends: tuple[str, ...]
    is_framed: bool
    control_id: str
    digest: bytes
    lane: int
    problems: tuple[Problem, ...] = ()
    fault: str = ""


def bytes_of(text: str, format: FeedFormat) -> bytes:  # noqa: A002
    """Pasted text as bytes. A browser sends every line end as CRLF, so the one usual in the format stands for it."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain.replace("\n", _LINE_ENDS_OF[format]).encode("utf-8", "replace")


def text_of(data: bytes) -> str:
    """An upload as text that may be edited and sent again; "" for one that is no such text, or too long."""
    if len(data) > MOST_TEXT or b"\0" in data:
        return ""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def guess_format(data: bytes) -> FeedFormat | None:
    """What the bytes look like, whatever the feed is; None for neither."""
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x0b\x1c")
    if start.startswith((b"MSH", b"FHS", b"BHS")) or has_msh(data):
        return FeedFormat.HL7V2
    if start[:1] in (b"{", b"["):
        return FeedFormat.FHIR
    lines = [line for line in _LINE_END.split(start) if line]
    marks = max((lines[-1].count(mark) for mark in (b",", b";", b"\t", b"|")), default=0) if lines else 0
    return FeedFormat.CSV if marks and b"\0" not in start else None


def open_body(data: bytes, context: FeedContext, *, number: int, now: datetime) -> Body:
    """Split ``data`` as the feed's intake would and choose message ``number``; the nearest there is, if it is not."""
    feed = FeedRef(context.feed_id, context.format, Transport.COMMAND)
    file = FileInfo(modified_at=now, zone=context.reader.zone)
    try:
        envelope = arrive(feed, data, profile=dict(context.reader.profile), now=now, file=file).envelope
    except UnreadableMessageError as error:
        return _body(data, data[:MOST_TEXT], context.format, fault=error.sentence)
    problems = tuple(envelope.problems)
    if not envelope.messages:
        return _body(data, b"", context.format, total=0, problems=problems, fault="It holds no message.")
    number = min(max(number, 1), len(envelope.messages))
    fault = envelope_fault(envelope, context.format)
    message = envelope.messages[number - 1]
    total = len(envelope.messages)
    return _body(data, message, context.format, number=number, total=total, problems=problems, fault=fault)


def stored_body(data: bytes, context: FeedContext) -> Body:
    """A message as intake stored it: it was taken apart long ago."""
    return _body(data, data, context.format)


def _body(
    data: bytes,
    message: bytes,
    format: FeedFormat,  # noqa: A002
    *,
    number: int = 1,
    total: int = 1,
    problems: tuple[Problem, ...] = (),
    fault: str = "",
) -> Body:
    found = peek(message, format)
    head = data[:MOST_TEXT]
    return Body(
        message=message,
        number=number,
        total=total,
        size=len(data),
        guessed=guess_format(data),
        line_ends=tuple(name for mark, name in _ENDS if mark in set(_LINE_END.findall(head))),
        is_framed=b"\x0b" in head or b"\x1c" in head,
        control_id=found.control_id,
        digest=blake2b(message, digest_size=16).digest(),
        lane=patient_hash(found.patient_key or found.control_id) % LANES,
        problems=problems,
        fault=fault,
    )
