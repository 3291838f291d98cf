"""What intake needs of a message before anyone reads it."""


def peek(body: bytes) -> tuple[str, str]:
    """(MSH-10, raw first component of PID-3) by a few searches for bytes; ``""`` for what is not there. Never raises.

    The patient key only picks a lane, so it is as sent: escapes, charset and later repetitions are left alone.
    """
    start = 0 if body.startswith(b"MSH") else max(body.find(b"\rMSH"), body.find(b"\nMSH")) + 1
    if body[start : start + 3] != b"MSH":
        start = body.find(b"MSH", 0, 64)
        if start < 0:
            return "", ""
    separator = body[start + 3 : start + 4]
    if not separator or separator in b"\r\n":
        return "", ""
    line = body[start : _line_end(body, start)]
    fields = line.split(separator, 10)
    control_id = _first(fields[9], fields[1]) if len(fields) > 9 else ""
    return control_id, _patient_key(body, start, separator, fields[1][:2] if len(fields) > 1 else b"")


def _patient_key(body: bytes, start: int, separator: bytes, marks: bytes) -> str:
    pid = body.find(b"\rPID" + separator, start)
    if pid < 0:
        pid = body.find(b"\nPID" + separator, start)
    if pid < 0:
        return ""
    fields = body[pid + 1 : _line_end(body, pid + 1)].split(separator, 4)
    return _first(fields[3], marks) if len(fields) > 3 else ""


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
