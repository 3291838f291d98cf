"""Messages as a broken line, a broken engine or an attacker would send them; the same seed gives the same bytes."""

from collections.abc import Callable, Sequence
from random import Random

Mutation = Callable[[Random, bytes, Sequence[bytes]], bytes]

ODD = (
    b"\x00", b"\xed\xa0\x80", b"\\u0000", b"\\ud800", b"\xff\xfe", b"\xf0\x9f\x98\x80", b"\r", b"\n", b"|", b"^", b"~",
    b"&", b"\\", b'""', b'"', b"{", b"[", b",", b";", b"9" * 40, b"-9" * 12, b"1e400", b"NaN", b"0x7f", b"2147483648",
    b"9223372036854775808", b"32768", b"00010101000000", b"00010101T000000Z", b"99991231235959", b"99991231235959-1400",
    b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59-14:00", b"20270314023000", b"20261101013000", b"A" * 3000,
    b"\\X0D\\", b"\\F\\\\S\\\\T\\\\R\\\\E\\", b"\\.br\\", b"\xe2\x80\xae", b"\xc3", b"null", b"true", b"{}", b"[[[[",
)  # fmt: skip


def flip_bits(random: Random, body: bytes, others: Sequence[bytes]) -> bytes:
    """Some bits fall over."""
    changed = bytearray(body)
    for _ in range(random.choice((1, 1, 2, 8, 40))):
        if changed:
            changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def truncate(random: Random, body: bytes, others: Sequence[bytes]) -> bytes:
    """The line breaks, at either end."""
    cut = random.randrange(len(body) + 1)
    return body[:cut] if random.random() < 0.8 else body[cut:]


def splice(random: Random, body: bytes, others: Sequence[bytes]) -> bytes:
    """Segments, lines or halves of another message get in between."""
    other = random.choice(others)
    for mark in (b"\r", b"\n", b",", b"}"):
        if mark in body and mark in other:
            mine, theirs = body.split(mark), other.split(mark)
            at = random.randrange(len(mine) + 1)
            return mark.join([*mine[:at], *random.sample(theirs, min(len(theirs), 3)), *mine[at:]])
    return body[: len(body) // 2] + other[len(other) // 2 :]


def insert_odd(random: Random, body: bytes, others: Sequence[bytes]) -> bytes:
    """Something no field expects stands in the middle."""
    for _ in range(random.choice((1, 1, 3))):
        at, odd = random.randrange(len(body) + 1), random.choice(ODD)
        body = body[:at] + odd + body[at + random.choice((0, 0, len(odd))) :]
    return body


def replace_value(random: Random, body: bytes, others: Sequence[bytes]) -> bytes:
    """A whole field, component or JSON value is another than it should be."""
    marks = b"|^," if body[:1] not in (b"{", b"[") else b'":,'
    places = [at for at, byte in enumerate(body) if byte in marks]
    if len(places) < 2:
        return insert_odd(random, body, others)
    which = random.randrange(len(places) - 1)
    odd = random.choice(ODD) * random.choice((1, 1, 1, 3))
    return body[: places[which] + 1] + odd + body[places[which + 1] :]


def repeat_part(random: Random, body: bytes, others: Sequence[bytes]) -> bytes:
    """A stretch is sent again and again."""
    if not body:
        return body
    at = random.randrange(len(body))
    part = body[at : at + random.choice((3, 30, 300))]
    return body[:at] + part * random.choice((2, 10, 60)) + body[at:]


MUTATIONS: tuple[Mutation, ...] = (flip_bits, truncate, splice, insert_odd, replace_value, repeat_part)


def mutate(random: Random, body: bytes, others: Sequence[bytes]) -> bytes:
    """One to three things go wrong with ``body``; never empty, which no transport would deliver."""
    for _ in range(random.choice((1, 1, 2, 3))):
        body = random.choice(MUTATIONS)(random, body, others)
    return body or b"\x00"
