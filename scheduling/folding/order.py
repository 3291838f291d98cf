"""The order of events: source time, source sequence, control id, digest; packed so that bytes compare alike everywhere.

Layout: 8 bytes microseconds since the epoch (offset to be unsigned), 4 bytes sequence + 1 (0 = none given), the control
id in UTF-8, a zero byte, 16 bytes digest, and one byte for the second and later parts of one message. PostgreSQL and
Python both compare bytes from the left, so one column replaces four.
"""

from datetime import UTC, datetime, timedelta
from struct import Struct

_HEAD = Struct(">QI")
_OFFSET = 1 << 63
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DIGEST = 16
_MAX_SEQUENCE = 0xFFFFFFFE


def order_key(source_at: datetime, sequence: int | None, control_id: str, digest: bytes, part: int = 0) -> bytes:
    """Pack one event's place in time. ``sequence`` outside 0 to 2**32 - 2 is taken modulo that range."""
    micros = (source_at - _EPOCH) // _MICROSECOND
    packed = 0 if sequence is None else sequence % _MAX_SEQUENCE + 1
    tail = bytes((part & 0xFF,)) if part else b""
    return _HEAD.pack(micros + _OFFSET, packed) + control_id.encode("utf-8", "replace") + b"\0" + digest + tail


def source_time(key: bytes) -> datetime:
    """The source time a key was packed from."""
    micros: int = _HEAD.unpack_from(key)[0] - _OFFSET
    return _EPOCH + _MICROSECOND * micros


def control_id_and_digest(key: bytes) -> tuple[str, bytes]:
    """The control id and the digest of the message that a key was packed from."""
    control_id, _, rest = key[_HEAD.size :].partition(b"\0")
    return control_id.decode("utf-8", "replace"), rest[:_DIGEST]


def has_sequence(key: bytes) -> bool:
    """Whether the source numbered the event."""
    return key[8:12] != b"\0\0\0\0"


def is_strictly_later(key: bytes, than: bytes) -> bool:
    """Whether ``key`` lies at a later source time than every event up to ``than``; equal times are no order."""
    return key[:8] > than[:8]
