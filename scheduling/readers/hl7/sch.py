"""The SCH segment as it really comes: once, twice, or shifted by a field."""

from collections.abc import Iterator
from typing import Final

from scheduling.readers.hl7.segments import Message
from scheduling.readers.hl7.times import looks_like_time

MAX_SCH: Final = 20  # in one message
# Where a field too many is looked for: empty ones of little use first.
_SPARE: Final = (5, 4, 3, 6, 7, 8, 9, 10)


def appointment_segments(message: Message) -> Iterator[tuple[Message, list[str]]]:
    """Each appointment's (message part, SCH fields), with SCH in the order the standard gives it.

    One SCH owns the whole message. The same SCH sent again fills what the first left empty. SCH of another appointment
    owns the segments behind it, and shares those that belong to no appointment.
    """
    if len(message.table["SCH"]) == 1:
        yield message, _unshifted(message, message.fields("SCH"))
        return
    segments = [_unshifted(message, fields) for fields in message.every("SCH")[:MAX_SCH]]
    message.problem("repeated_segment", "SCH")
    if len({tuple(fields[1:4]) for fields in segments}) == 1:
        yield message, [next((text for text in texts if text), "") for texts in zip(*segments, strict=False)]
        return
    for part in _parts(message):
        yield part, _unshifted(part, part.fields("SCH"))


def _parts(message: Message) -> Iterator[Message]:
    """The message once per SCH: with the segments before the first one and those behind its own."""
    names = message.delimiters.names
    starts = [number for number, line in enumerate(message.lines) if names.get(line[:4]) == "SCH"]
    common = message.lines[: starts[0]] + [
        line for line in message.lines[starts[0] :] if names.get(line[:4]) in {"PID", "PD1", "PV1"}
    ]
    for start, end in zip(starts[:MAX_SCH], [*starts[1:], len(message.lines)], strict=False):
        own = [line for line in message.lines[start:end] if names.get(line[:4]) not in {"PID", "PD1", "PV1"}]
        yield message.part([*common, *own])


def _unshifted(message: Message, sch: list[str]) -> list[str]:
    """SCH with its fields where the standard has them.

    Where SCH-11 holds no time but a neighbour holds one in its fourth component, the segment has a field too many
    before it (a set id in front, or an extra empty field) or one too few; a ``shifted_segment`` problem says so.
    """
    if _start_in(message, sch[11]) or looks_like_time(message.first(sch[11])):
        return sch
    if _start_in(message, sch[12]):
        message.problem("shifted_segment", "SCH")
        if sch[1].lstrip("0") == "1" and sch[2] and sch[3]:
            return [sch[0], *sch[2:], ""]
        extra = next((number for number in _SPARE if not sch[number]), 10)
        return [*sch[:extra], *sch[extra + 1 :], ""]
    if _start_in(message, sch[10]):
        message.problem("shifted_segment", "SCH")
        return [*sch[:5], "", *sch[5:]]
    return sch


def _start_in(message: Message, raw: str) -> bool:
    return message.component in raw and looks_like_time(message.components(raw)[3])
