"""What intake needs of a message before anyone reads it."""

from scheduling.readers.shapes import Peek


def peek(body: bytes) -> Peek:
    """MSH-10 and the raw first components of PID-3 and MRG-1 by a few searches for bytes. Never raises.

    The patient keys only pick lanes, so they are as sent: escapes, charset and later repetitions are left alone.
    """
    start = 0 if body.startswith(b"MSH") else max(body.find(b"\rMSH"), body.find(b"\nMSH")) + 1
    if body[start : start + 3] != b"MSH":
        start = body.find(b"MSH", 0, 64)
        if start < 0:
            return Peek()
    separator = body[start + 3 : start + 4]
    if not separator or separator in b"\r\n":
        return Peek()
    line = body[start : _line_end(body, start)]
    fields = line.split(separator, 10)
    control_id = _first(fields[9], fields[1]) if len(fields) > 9 else ""
    pid = body.find(b"\rPID" + separator, start)
    if pid < 0:
        pid = body.find(b"\nPID" + separator, start)
    if pid < 0:
        return Peek(control_id)
    marks = fields[1][:2] if len(fields) > 1 else b""
    patient_key = _id_in(body, pid + 1, separator, 3, marks)
    mrg = body.find(body[pid : pid + 1] + b"MRG" + separator, pid)  # behind the same line end as PID
    return Peek(control_id, patient_key, _id_in(body, mrg + 1, separator, 1, marks) if mrg > 0 else "")


def _id_in(body: bytes, start: int, separator: bytes, number: int, marks: bytes) -> str:
    """The first id in one field of the segment at ``start``; "" where it is too short."""
    fields = body[start : _line_end(body, start)].split(separator, number + 1)
    return _first(fields[number], marks) if len(fields) > number else ""


def _line_end(body: bytes, start: int) -> int:
    """Where the segment that begins at ``start`` ends."""
    end = body.find(b"\r", start)
    if end < 0:
        end = len(body)
    feed = body.find(b"\n", start, end)
    return end if feed < 0 else feed


def _first(field: bytes, marks: bytes) -> str:
    """The first component of a field's first repetition; ``marks`` are the component and repetition characters."""
    repetition, component = marks[1:2], marks[:1]
    if repetition and repetition in field:
        field = field.partition(repetition)[0]
    if component and component in field:
        field = field.partition(component)[0]
    return field.decode("utf-8", "replace").strip().replace("\0", "")
