"""The SCH segment as it really comes: once, twice, or shifted by a field."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scheduling.readers.hl7.segments import Fields, Message
from scheduling.readers.hl7.times import looks_like_time

MAX_SCH: Final = 20  # in one message

_SHARED: Final = frozenset({"PID", "PD1", "PV1", "NK1"})
# Where a field too many is looked for: empty ones of little use first.
_SPARE: Final = (5, 4, 3, 6, 7, 8, 9, 10)


class Booking(NamedTuple):
    """One appointment of a message: the segments it owns, SCH in standard order, the components of SCH-11."""

    message: Message
    sch: Fields
    timing: list[str]


def bookings(message: Message) -> list[Booking]:
    """Each appointment of the message.

    One SCH owns the whole message. The same SCH sent again fills what the first left empty. The SCH of another
    appointment owns the segments behind it, and shares those that are the patient's.
    """
    segments = message.all("SCH")
    if len(segments) == 1:
        return [_booking(message, segments[0])]
    message.problem("repeated_segment", "SCH")
    if len({tuple(fields[1:4]) for fields in segments}) == 1:
        merged = [next((text for text in texts if text), "") for texts in zip(*segments[:MAX_SCH], strict=False)]
        message.replace("SCH", merged)
        return [_booking(message, merged)]
    return [_booking(part, part.first("SCH")) for part in _parts(message)]


def _parts(message: Message) -> Iterator[Message]:
    """The message once per SCH: the segments before the first one, the shared ones, and those behind its own."""
    named = [(message.name_of(line), line) for line in message.lines]
    starts = [number for number, (name, _) in enumerate(named) if name == "SCH"]
    common = [line for name, line in named[: starts[0]]]
    common += [line for name, line in named[starts[0] :] if name in _SHARED]
    for start, end in zip(starts[:MAX_SCH], [*starts[1:], len(named)], strict=False):
        yield message.part([*common, *(line for name, line in named[start:end] if name not in _SHARED)])


def _booking(message: Message, sch: Fields) -> Booking:
    """SCH with its fields where the standard has them.

    Where SCH-11 holds no time but a neighbour holds one in its fourth component, the segment has a field too many
    before it (a set id in front, or an extra empty field) or one too few; a ``shifted_segment`` problem says so.
    """
    timing = message.components(sch[11])
    if len(timing[3]) < 12 and not looks_like_time(timing[0]):
        shifted = _unshifted(message, sch)
        if shifted is not None:
            message.problem("shifted_segment", "SCH")
            message.replace("SCH", shifted)
            return Booking(message, shifted, message.components(shifted[11]))
    return Booking(message, sch, timing)


def _unshifted(message: Message, sch: Fields) -> Fields | None:
    if holds_start(message, sch[12]):
        if sch[1].lstrip("0") == "1" and sch[2] and sch[3]:
            return [sch[0], *sch[2:], ""]
        extra = next((number for number in _SPARE if not sch[number]), 10)
        return [*sch[:extra], *sch[extra + 1 :], ""]
    if holds_start(message, sch[10]):
        return [*sch[:5], "", *sch[5:]]
    return None


def holds_start(message: Message, raw: str) -> bool:
    """Whether a field looks like SCH-11: a time in its fourth component."""
    return message.component in raw and looks_like_time(message.components(raw)[3])
