"""The status path as a drawing: every status in its own fixed place, every observed change as an arrow. Pure.

From left to right the life of a visit, below it what is lost; so the same source looks the same every day.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from config.web.flow import Arrow, Drawn, Label, Rect, draw
from config.web.svg import at
from scheduling.selectors.status_paths import Move
from scheduling.vocabulary import Status

START = ""
WIDTH, HEIGHT, HEIGHT_WITH_ARCS = 1080.0, 456.0, 560.0
BOX, BOX_HEIGHT = 112.0, 40.0
MAIN, LOST = 212.0, 424.0  # the two rows most visits are in
MOST_ARROWS = 48
THICKEST, THINNEST = 10.0, 1.25
_S = Status


@dataclass(frozen=True, slots=True)
class Place:
    """Where a status stands, and its short name."""

    x: float
    y: float
    name: str
    width: float = BOX


PLACES = {
    START: Place(40, MAIN, "Nothing yet", 76),
    _S.REQUESTED: Place(172, 32, "Requested"),
    _S.WAITLISTED: Place(172, 84, "Waitlisted"),
    _S.PENDING: Place(172, 136, "Pending"),
    _S.BOOKED: Place(316, MAIN, "Booked"),
    _S.CONFIRMED: Place(456, 84, "Confirmed"),
    _S.CHECKED_IN: Place(606, MAIN, "Checked in"),
    _S.IN_PROGRESS: Place(802, MAIN, "In progress"),
    _S.COMPLETED: Place(1018, MAIN, "Completed", 108),
    _S.CANCELLED: Place(208, LOST, "Cancelled"),
    _S.BUMPED: Place(384, LOST, "Bumped by clinic"),
    _S.MISSED: Place(560, LOST, "Missed"),
    _S.LEFT_UNSEEN: Place(748, LOST, "Left unseen"),
    _S.ENTERED_IN_ERROR: Place(936, LOST, "Entered in error"),
}
UPPER = frozenset({_S.REQUESTED, _S.WAITLISTED, _S.PENDING, _S.CONFIRMED})
BELOW = frozenset({_S.CANCELLED, _S.BUMPED, _S.MISSED, _S.LEFT_UNSEEN, _S.ENTERED_IN_ERROR})
_ROW = (START, _S.BOOKED, _S.CHECKED_IN, _S.IN_PROGRESS, _S.COMPLETED)  # the main row, in order
_BOXES = {key: Rect(place.x, place.y, place.width, BOX_HEIGHT) for key, place in PLACES.items()}


@dataclass(frozen=True, slots=True)
class Node:
    """A status as drawn; ``count`` is how often a visit came to it, 0 for one that no visit was heard to reach."""

    name: str
    x: str
    y: str
    width: str
    middle: str
    name_y: str
    count_y: str
    count: int
    is_start: bool


@dataclass(frozen=True, slots=True)
class Plate:
    """A label as drawn; ``mark`` is where its mark stands, or ""."""

    x: str
    y: str
    width: str
    height: str
    lines: list[tuple[str, str, str]]
    mark: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Line:
    """One change as drawn; ``label`` None where there was no room."""

    move: Move
    path: str
    head: str
    width: str
    label: Plate | None


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole drawing; ``unlabelled`` and ``left_out`` tell how many changes only the table shows in full."""

    width: str
    height: str
    nodes: list[Node]
    lines: list[Line]
    unlabelled: int
    left_out: int


def drawing_of(moves: Sequence[Move]) -> Drawing:
    """Draw changes, which come in the order in which they may claim room: impossible ones first, then by count."""
    shown = moves[:MOST_ARROWS]
    most = max([move.count for move in moves], default=1)
    has_arcs = any(move.before in BELOW and move.after in BELOW for move in shown)
    height = HEIGHT_WITH_ARCS if has_arcs else HEIGHT
    drawn = draw(_BOXES, [_arrow(move, most) for move in shown], Rect(WIDTH / 2, height / 2, WIDTH, height))
    lines = [_line(move, each) for move, each in zip(shown, drawn, strict=True)]
    return Drawing(
        at(WIDTH),
        at(height),
        [_node(key, place, moves) for key, place in PLACES.items()],
        # What comes first may claim room first and is drawn last, on top.
        lines[::-1],
        sum(line.label is None for line in lines),
        len(moves) - len(shown),
    )


def _arrow(move: Move, most: int) -> Arrow:
    source, target = move.before or START, move.after
    leaves, enters = sides(source, target)
    count = f"{move.count:,} impossible" if move.is_impossible else f"{move.count:,}"
    label = (count,) if move.median is None else (count, gap_words(move.median))
    width = THINNEST + (THICKEST - THINNEST) * move.count / most
    return Arrow(source, target, leaves, enters, round(width, 1), label, marked=move.is_impossible)


def sides(source: str, target: str) -> tuple[str, str]:
    """The sides by which an arrow leaves and enters: along the row, arcs over and under it, down to the lost."""
    if source in BELOW or target in BELOW:
        if source in BELOW and target in BELOW:
            return "bottom", "bottom"
        return ("bottom", "top") if target in BELOW else ("top", "bottom")
    if source in UPPER or target in UPPER:
        return _upper_sides(source, target)
    here, there = _ROW.index(source), _ROW.index(target)
    if there == here + 1:
        return "right", "left"
    return ("top", "top") if there > here else ("bottom", "bottom")


def _upper_sides(source: str, target: str) -> tuple[str, str]:
    begins, ends = PLACES[source].x, PLACES[target].x
    if begins == ends:
        return ("left", "left") if PLACES[source].y > PLACES[target].y else ("right", "right")
    if target in UPPER:
        return ("right", "left") if begins < ends else (("top", "right") if source not in UPPER else ("left", "right"))
    return ("right", "top") if begins < ends else ("left", "top")


def gap_words(seconds: float) -> str:
    """A time between two statuses in at most two units: "at once", "40 s", "22 min", "3 h 5 min", "2 d 4 h", "16 d"."""
    length = round(seconds)
    if length < 1:
        return "at once"
    if length < 60:
        return f"{length} s"
    minutes = round(length / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return _units(divmod(minutes, 60), "h", "min")
    hours = round(length / 3600)
    return _units(divmod(hours, 24), "d", "h") if hours < 14 * 24 else f"{round(hours / 24):,} d"


def _units(amounts: tuple[int, int], large: str, small: str) -> str:
    whole, rest = amounts
    return f"{whole} {large} {rest} {small}" if rest else f"{whole} {large}"


def _node(key: str, place: Place, moves: Sequence[Move]) -> Node:
    is_start = key == START
    left, top = place.x - place.width / 2, place.y - BOX_HEIGHT / 2
    count = sum(move.count for move in moves if (move.before is None if is_start else move.after == key))
    return Node(
        place.name, at(left), at(top), at(place.width), at(place.x), at(top + 17), at(top + 32), count, is_start
    )


def _line(move: Move, drawn: Drawn) -> Line:
    label = _plate(drawn.label) if drawn.label else None
    return Line(move, drawn.path, drawn.head, at(drawn.arrow.width), label)


def _plate(label: Label) -> Plate:
    plate = label.plate
    left, top = plate.x - plate.width / 2, plate.y - plate.height / 2
    # The mark stands before the first line, and both together in the middle of the plate.
    first = plate.x + (6 if label.marked else 0)
    lines = [(at(first if number == 0 else plate.x), at(y), text) for number, (y, text) in enumerate(label.lines)]
    mark = (at(left + 2), at(top + 3)) if label.marked else None
    return Plate(at(left), at(top), at(plate.width), at(plate.height), lines, mark)
