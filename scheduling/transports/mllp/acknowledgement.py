"""Acknowledgements of HL7 v2, in the sender's own delimiters, version and charset. Pure.

Original mode answers AA, AE or AR. In enhanced mode (MSH-15 or MSH-16 is valued) the accept acknowledgement CA, CE or
CR is all there is: what a message's content leads to is our exception, not an application acknowledgement.
"""

from datetime import UTC, datetime
from enum import Enum
from typing import Final, NamedTuple

from scheduling.transports.mllp.framing import CR, FS, VT
from scheduling.transports.mllp.header import Header


class Verdict(Enum):
    """What became of a frame; the value is the second letter of MSA-1."""

    ACCEPTED = "A"
    ERROR = "E"  # could not be stored now; the sender should send it again
    REJECTED = "R"  # will never be taken


class AckMode(Enum):
    """Which acknowledgement mode a feed speaks."""

    AUTO = "auto"  # as MSH-15 and MSH-16 say
    ORIGINAL = "original"  # always AA, for senders that value MSH-15 and wait for AA all the same


class Answer(NamedTuple):
    """One acknowledgement to be built: the verdict, our own control id and a sentence without patient data."""

    verdict: Verdict
    control_id: str
    text: str = ""


_ACCEPTED_WHEN: Final = frozenset({"AL", "SU"})
_REFUSED_WHEN: Final = frozenset({"AL", "ER"})
_FIRST_VERSION_WITH_STRUCTURE: Final = "2.3.1"


def acknowledge(header: Header, answer: Answer, *, now: datetime, mode: AckMode = AckMode.AUTO) -> bytes:
    """The framed acknowledgement of the message under ``header``; ``b""`` where its sender asked for none."""
    is_enhanced = mode is AckMode.AUTO and header.is_enhanced
    if is_enhanced and not is_wanted(header, answer.verdict):
        return b""
    # A sender that values MSH-16 alone waits for an application acknowledgement, whose codes are the original mode's.
    letter = "C" if is_enhanced and header.accept_when else "A"
    separator = header.separator
    msh = [
        f"MSH{separator}{header.marks}",
        header.receiving_application,
        header.receiving_facility,
        header.sending_application,
        header.sending_facility,
        f"{now.astimezone(UTC):%Y%m%d%H%M%S}+0000",
        "",
        _message_type(header),
        answer.control_id,
        header.processing_id or "P",
        header.version or "2.5",
        *(["", "", "", "", "", header.charset] if header.charset else []),
    ]
    said = answer.text.translate({ord(mark): " " for mark in separator + header.marks})
    msa = ["MSA", f"{letter}{answer.verdict.value}", header.control_id, *([said] if said else [])]
    text = f"{separator.join(msh)}\r{separator.join(msa)}\r"
    return VT + text.encode(header.codec, "replace") + FS + CR


def is_wanted(header: Header, verdict: Verdict) -> bool:
    """Whether MSH-15, or MSH-16 where it stands alone, asks for an answer to this verdict."""
    when = header.accept_when or header.application_when
    return when in (_ACCEPTED_WHEN if verdict is Verdict.ACCEPTED else _REFUSED_WHEN)


def _message_type(header: Header) -> str:
    component = header.marks[:1]
    if not header.trigger or not component:
        return "ACK"
    if header.version >= _FIRST_VERSION_WITH_STRUCTURE:
        return f"ACK{component}{header.trigger}{component}ACK"
    return f"ACK{component}{header.trigger}"
