"""Batches and files of HL7 v2: FHS, BHS, BTS and FTS around messages, or messages one after another."""

import re
from collections.abc import Iterator
from typing import Final

from scheduling.facts import Problem

_START: Final = re.compile(
    rb"(?:(?<=[\r\n\x0b\x1c])|\A)(?:\xef\xbb\xbf)?[ \t]*(MSH|FHS|BHS|BTS|FTS)(?=[^A-Za-z0-9\s]|[\r\n]|\Z)"
)
_FRAMING: Final = b"\x0b\x1c\r\n \t"


def split(body: bytes) -> tuple[list[bytes], int | None, list[Problem]]:
    """(messages, the count the batches declare, problems with their counts).

    A body with neither envelope nor second message comes back as it is. Without any MSH the body is one message, which
    its reader will find unreadable; an envelope that is empty by its own count holds none.
    """
    has_trailer = b"BTS" in body and (b"\rBTS" in body or b"\nBTS" in body)
    if body.startswith(b"MSH") and body.find(b"MSH", 3) < 0 and not has_trailer:
        return [body], None, []
    pieces = list(_pieces(body))
    messages = [piece for name, piece in pieces if name == "MSH"]
    tally = _Tally()
    for name, piece in pieces:
        tally.see(name, piece)
    tally.close()
    is_empty = tally.declared == 0 and not tally.problems
    return messages if messages or is_empty else [body], tally.declared, tally.problems


def _pieces(body: bytes) -> Iterator[tuple[str, bytes]]:
    """(segment name, bytes up to the next piece) of each message and each envelope segment."""
    starts = [(found.start(1), found[1].decode()) for found in _START.finditer(body)]
    ends = [*(start for start, _ in starts[1:]), len(body)]
    for (start, name), end in zip(starts, ends, strict=False):
        piece = body[start:end].strip(_FRAMING)
        yield name, piece + b"\r" if name == "MSH" else piece


class _Tally:
    """Compares what was seen of each batch with what its trailer says."""

    def __init__(self) -> None:
        self.declared: int | None = None
        self.problems: list[Problem] = []
        self.messages = self.batches = self.in_batch = 0
        self.is_open = False

    def see(self, name: str, piece: bytes) -> None:
        """Take the next piece in order."""
        if name == "MSH":
            self.messages, self.in_batch = self.messages + 1, self.in_batch + 1
        elif name == "BHS":
            self.close()
            self.batches, self.in_batch, self.is_open = self.batches + 1, 0, True
        elif name == "BTS":
            self.end_batch(_count(piece))
        elif name == "FTS":
            self.end_file(_count(piece))

    def end_batch(self, count: int | None) -> None:
        """A trailer: its count, where it has one, is of this batch's messages."""
        if count is not None:
            self.declared = (self.declared or 0) + count
            if count != self.in_batch:
                self.problems.append(Problem("batch_count", "BTS-1", str(count)))
        self.in_batch, self.is_open = 0, False

    def end_file(self, count: int | None) -> None:
        """A file's trailer counts its batches; without batches some senders count the messages."""
        self.close()
        if count is not None and count != (self.batches or self.messages):
            self.problems.append(Problem("batch_count", "FTS-1", str(count)))

    def close(self) -> None:
        """A batch that was opened and never closed was cut off."""
        if self.is_open:
            self.problems.append(Problem("batch_count", "BTS-1"))
            self.is_open = False


def _count(piece: bytes) -> int | None:
    """The first field of a trailer, where it is a count."""
    fields = piece.split(piece[3:4], 2) if len(piece) > 3 else []
    text = fields[1].strip() if len(fields) > 1 else b""
    return int(text) if text.isdigit() and len(text) <= 9 else None
