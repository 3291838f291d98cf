"""Frames out of a stream that is cut anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.transports.mllp.framing import HEAD_BYTES, STRAY_BYTES, Deframer, Piece, PieceKind

ONE, TWO = b"MSH|^~\\&|A|B\rSCH|1\r", b"MSH|^~\\&|A|B\rSCH|2\r"
WIDE = ONE.decode().replace("SCH", "“S”").encode("utf-16-le")  # a quotation mark holds the byte FS
LIMIT = 200


def framed(body):
    return b"\x0b" + body + b"\x1c\r"


def frame(body):
    return Piece(PieceKind.FRAME, body)


def pieces_of(*chunks, limit=LIMIT):
    deframer = Deframer(limit)
    return [piece for chunk in chunks for piece in deframer.feed(chunk)] + deframer.finish()


@pytest.mark.parametrize(
    ("stream", "pieces"),
    [
        (b"", []),
        (framed(ONE), [frame(ONE)]),
        (framed(ONE) + framed(TWO), [frame(ONE), frame(TWO)]),
        (b"\x0b" + ONE + b"\x1c\x0b" + TWO + b"\x1c", [frame(ONE), frame(TWO)]),
        (b"\r\n" + framed(ONE) + b"\r\n\r\n" + framed(TWO), [frame(ONE), frame(TWO)]),
        (b"\x0b\x1c\r" + framed(ONE), [frame(ONE)]),
        (b"GET / HTTP/1.1\r\n" + framed(ONE), [Piece(PieceKind.STRAY, b"GET / HTTP/1.1"), frame(ONE)]),
        (framed(ONE) + b"noise", [frame(ONE), Piece(PieceKind.STRAY, b"noise")]),
        (ONE, [Piece(PieceKind.STRAY, ONE.strip())]),
        (b"\x0b" + ONE, [Piece(PieceKind.CUT, ONE)]),
        (b"\x0bMSH|half" + framed(TWO), [Piece(PieceKind.CUT, b"MSH|half"), frame(TWO)]),
        (framed(b"MSH|a\x0bb\r"), [frame(b"MSH|a\x0bb\r")]),
        (framed(WIDE), [frame(WIDE)]),
        (framed(b"x" * LIMIT), [frame(b"x" * LIMIT)]),
        (framed(b"x" * (LIMIT + 1)) + framed(ONE), [Piece(PieceKind.TOO_LARGE, b"x" * LIMIT)]),
        (b"x" * STRAY_BYTES + b"yz", [Piece(PieceKind.FLOOD, b"x" * STRAY_BYTES)]),
    ],
    ids=[
        "nothing", "one", "two", "no CR after FS", "line ends between", "empty frame", "garbage before",
        "garbage after",
        "no frame at all", "cut by the end", "begun again", "VT inside", "UTF-16", "at the limit", "over the limit",
        "flood",
    ],
)  # fmt: skip
def test_stream_is_taken_apart(stream, pieces):
    assert pieces_of(stream) == pieces


def test_every_single_cut_gives_the_same_pieces():
    stream = b"junk" + framed(ONE) + b"\n" + framed(WIDE) + b"\x0bMSH|half" + framed(TWO) + b"\x1c" + framed(ONE)[:-1]
    whole = pieces_of(stream)

    assert [pieces_of(stream[:at], stream[at:]) for at in range(len(stream) + 1)] == [whole] * (len(stream) + 1)
    assert pieces_of(*(stream[at : at + 1] for at in range(len(stream)))) == whole


bits = st.sampled_from([b"\x0b", b"\x1c", b"\r", b"\n", b"\0", b"\xff\xfe", b"MSH", b"|", b"x" * 9, framed(ONE)])


@given(parts=st.lists(bits | st.binary(max_size=5), max_size=40), cuts=st.lists(st.integers(1, 60), max_size=60))
def test_any_cutting_of_any_bytes_gives_the_same_pieces(parts, cuts):
    stream, chunks, at = b"".join(parts), [], 0
    for size in cuts:
        chunks.append(stream[at : at + size])
        at += size

    assert pieces_of(*chunks, stream[at:], limit=50) == pieces_of(stream, limit=50)


def test_a_large_message_keeps_only_its_head():
    deframer = Deframer(1_000_000)
    pieces = [piece for _ in range(20) for piece in deframer.feed(b"\x0b" + b"MSH|" * 16_384)]

    assert [(piece.kind, len(piece.body)) for piece in pieces] == [(PieceKind.TOO_LARGE, HEAD_BYTES)]
    assert deframer.is_dead


def test_filling_between_frames_is_not_kept():
    deframer = Deframer(LIMIT)

    for _ in range(100):
        assert deframer.feed(b"\r\n" * 10_000) == []

    assert not deframer.is_unfinished
    assert len(deframer._buffer) == 0
