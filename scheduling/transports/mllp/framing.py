"""MLLP frames out of a stream of bytes, cut anywhere: VT, message, FS, CR. Pure: bytes in, pieces out.

The pieces do not depend on where the stream was cut. Senders that leave out the CR are understood; what stands between
frames comes out as a piece of its own, so that the listener can account for it.
"""

from enum import Enum
from typing import Final, NamedTuple

VT: Final = b"\x0b"
FS: Final = b"\x1c"
CR: Final = b"\r"
HEAD_BYTES: Final = 4096  # kept of a frame that is too large: enough to answer its MSH
STRAY_BYTES: Final = 64 * 1024  # of unframed bytes before the listener gives up on a sender

_FILLING: Final = b"\r\n\x1c\x00 \t"  # between frames these mean nothing
_RESTART: Final = b"\x0bMSH"
_WIDE_STARTS: Final = (b"\xff\xfe", b"\xfe\xff")


class PieceKind(Enum):
    """What a piece of the stream is."""

    FRAME = "frame"  # a whole message
    STRAY = "stray"  # bytes outside of any frame
    CUT = "cut"  # a frame that was begun and not ended; nobody was answered, so its sender sends it again
    TOO_LARGE = "too_large"  # the head of a frame over the limit; the stream ends with it
    FLOOD = "flood"  # more stray bytes than anyone sends by mistake; the stream ends with it


class Piece(NamedTuple):
    """A piece of the stream; ``body`` without its framing bytes."""

    kind: PieceKind
    body: bytes


class Deframer:
    """Takes one connection's bytes apart, holding at most ``limit`` bytes of an unfinished message."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.is_dead = False
        self._buffer = bytearray()
        self._is_inside = False
        self._scanned = 0

    @property
    def is_unfinished(self) -> bool:
        """Whether something was begun that has not come to its end."""
        return self._is_inside or bool(self._buffer.strip(_FILLING))

    def feed(self, data: bytes) -> list[Piece]:
        """The pieces that ``data`` completes, in order; none any more once the stream is dead."""
        if self.is_dead:
            return []
        self._buffer += data
        pieces: list[Piece] = []
        while self._take_frame(pieces) if self._is_inside else self._take_between(pieces):
            pass
        return pieces

    def finish(self) -> list[Piece]:
        """The pieces that the end of the stream completes."""
        if self.is_dead:
            return []
        kind, rest = PieceKind.CUT, bytes(self._buffer)
        if not self._is_inside:
            kind, rest = PieceKind.STRAY, rest.strip(_FILLING)
        self.is_dead = True
        self._buffer.clear()
        return [Piece(kind, rest)] if rest.strip(_FILLING) else []

    def _take_between(self, pieces: list[Piece]) -> bool:
        """Pass over what stands before the next frame; False when more bytes are needed."""
        start = self._buffer.find(VT)
        stray = bytes(self._buffer if start < 0 else self._buffer[:start]).lstrip(_FILLING)
        if len(stray) > STRAY_BYTES:
            pieces.append(Piece(PieceKind.FLOOD, stray[:STRAY_BYTES]))
            self.is_dead = True
            return False
        if start < 0:
            self._buffer[:] = stray
            return False
        if stray:
            pieces.append(Piece(PieceKind.STRAY, stray.rstrip(_FILLING)))
        del self._buffer[: start + 1]
        self._is_inside, self._scanned = True, 0
        return True

    def _take_frame(self, pieces: list[Piece]) -> bool:
        """Take the frame that was begun; False when more bytes are needed."""
        end = self._end_of_frame()
        if (len(self._buffer) - 1 if end < 0 else end) > self.limit:  # the last byte may be half of a wide frame's end
            pieces.append(Piece(PieceKind.TOO_LARGE, bytes(self._buffer[: min(HEAD_BYTES, self.limit)])))
            self.is_dead = True
            return False
        if end < 0:
            return False
        body = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._is_inside = False
        restart = body.rfind(_RESTART)
        if restart >= 0:  # the sender broke off and began again on the same connection
            pieces.append(Piece(PieceKind.CUT, body[:restart]))
            body = body[restart + 1 :]
        if body.strip(_FILLING):  # an empty frame only asks whether the line stands
            pieces.append(Piece(PieceKind.FRAME, body))
        return True

    def _end_of_frame(self) -> int:
        """Where the frame's FS stands, -1 while it has not come. Each byte is looked at once."""
        end = self._buffer.find(FS + CR if _is_wide(self._buffer) else FS, self._scanned)
        self._scanned = max(len(self._buffer) - 1, 0) if end < 0 else 0
        return end


def _is_wide(body: bytearray) -> bool:
    """Whether a message is in UTF-16, where an FS byte is half of many characters and only FS CR ends the frame."""
    return body.startswith(_WIDE_STARTS) or (0 in body[:2] and not body.startswith(FS))
