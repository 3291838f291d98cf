"""What a listener needs of a message's MSH to answer it: read from bytes, tolerant, pure.

The text is Latin-1, which gives every byte back as it came; a message in UTF-16 is answered in UTF-16.
"""

import re
from typing import Final, NamedTuple

_HEAD_BYTES: Final = 64 * 1024  # envelope segments and MSH stand at the start
_LINE: Final = re.compile(r"(?:\A|[\r\n\x0b])(?:\xef\xbb\xbf|\ufeff)?[ \t]*((MSH|BHS|FHS)[^A-Za-z0-9\s][^\r\n]*)")
_LONGEST: Final = 255  # characters of one field that is given back
_BATCH_ID: Final = 10  # BHS-11 and FHS-11, counted as split
_MSH_ID: Final = 9


class Header(NamedTuple):
    """Fields of the outermost MSH, BHS or FHS as they stand in the message, delimiters inside and all."""

    codec: str
    separator: str
    marks: str
    sending_application: str
    sending_facility: str
    receiving_application: str
    receiving_facility: str
    control_id: str
    trigger: str
    processing_id: str
    version: str
    accept_when: str  # MSH-15
    application_when: str  # MSH-16
    charset: str

    @property
    def is_enhanced(self) -> bool:
        """Whether the sender speaks the enhanced acknowledgement mode."""
        return bool(self.accept_when or self.application_when)


def read_header(body: bytes) -> Header | None:
    """The header of a message or a batch; None where no line begins with MSH, BHS or FHS."""
    codec = _codec(body)
    lines = _LINE.finditer(body[:_HEAD_BYTES].decode(codec, "replace"))
    first = next(lines, None)
    if first is None:
        return None
    outer, is_batch = _fields(first[1]), first[2] != "MSH"
    first_message = outer
    if is_batch:
        first_message = next((_fields(found[1]) for found in lines if found[2] == "MSH"), [""] * 20)
    marks = outer[1]
    component = marks[:1]
    return Header(
        codec=codec,
        separator=outer[0],
        marks=marks,
        sending_application=outer[2],
        sending_facility=outer[3],
        receiving_application=outer[4],
        receiving_facility=outer[5],
        control_id=outer[_BATCH_ID if is_batch else _MSH_ID],
        trigger=_component(first_message[8], component, 2),
        processing_id=first_message[10],
        version=first_message[11],
        accept_when=_component(first_message[14], component, 1).upper(),
        application_when=_component(first_message[15], component, 1).upper(),
        charset=first_message[17],
    )


def _codec(body: bytes) -> str:
    if body.startswith(b"\xff\xfe") or body[1:2] == b"\0":
        return "utf-16-le"
    if body.startswith(b"\xfe\xff") or body[:1] == b"\0":
        return "utf-16-be"
    return "latin-1"


def _fields(line: str) -> list[str]:
    """Field separator, encoding characters and the fields after them, so that field n stands at n - 1."""
    separator = line[3]
    parts = line[4:].split(separator, 20)
    fields = [separator, *(part.strip()[:_LONGEST] for part in parts)]
    return fields + [""] * (20 - len(fields))


def _component(field: str, mark: str, number: int) -> str:
    parts = field.split(mark) if mark else [field]
    return parts[number - 1].strip() if len(parts) >= number else ""
