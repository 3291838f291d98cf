"""Geometry of boxes joined by arrows, with labels that never lie on each other. Pure: sizes in drawing units.

Boxes stand where the caller puts them; arrows leave and enter at right angles, side by side where they share a side.
Labels are placed in the order the arrows are given, so the caller gives those first that must be read.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from config.web.svg import at

HEAD = 8.0  # length of an arrow's head
LINE, CHARACTER = 13.0, 6.3  # a line of a label of 11 px, and its widest usual character
SAMPLES = 24
SPOTS = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8, 0.14, 0.86)
BESIDE = 8  # a label beside its arrow is as bad as one that hides so many points of others
NORMALS = {"left": (-1, 0), "right": (1, 0), "top": (0, -1), "bottom": (0, 1)}


class Point(NamedTuple):
    """A place in the drawing."""

    x: float
    y: float


class Rect(NamedTuple):
    """A rectangle by its middle and its size."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: "Rect", gap: float = 0.0) -> bool:
        """Whether the two come nearer to each other than ``gap``."""
        return (
            abs(self.x - other.x) * 2 < self.width + other.width + 2 * gap
            and abs(self.y - other.y) * 2 < self.height + other.height + 2 * gap
        )

    def side(self, name: str, share: float) -> Point:
        """The point on one side, ``share`` of the way along it."""
        dx, dy = NORMALS[name]
        along = share - 0.5
        return Point(
            self.x + (dx * self.width / 2 if dx else along * self.width),
            self.y + (dy * self.height / 2 if dy else along * self.height),
        )


_Curve = tuple[Point, Point, Point, Point]


@dataclass(frozen=True, slots=True)
class Arrow:
    """One arrow to draw: from box to box, leaving and entering by a side; ``label`` in lines, ``width`` of the stroke.

    ``marked`` keeps room for a mark before the first line.
    """

    source: str
    target: str
    leaves: str
    enters: str
    width: float
    label: tuple[str, ...]
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """Where a label stands: its plate, and the baseline of each line with its text."""

    plate: Rect
    lines: tuple[tuple[float, str], ...]
    marked: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """One arrow as drawn; ``label`` None where there is no room for it."""

    arrow: Arrow
    path: str
    head: str
    samples: tuple[Point, ...]
    label: Label | None


def draw(boxes: Mapping[str, Rect], arrows: Sequence[Arrow], frame: Rect) -> list[Drawn]:
    """Lay out the arrows, in the order given; no label touches a box, another label or the edge of ``frame``."""
    ports = _ports(boxes, arrows)
    curves = [_curve(arrow, *ports[place]) for place, arrow in enumerate(arrows)]
    samples = [tuple(_on(curve, step / SAMPLES) for step in range(SAMPLES + 1)) for curve in curves]
    taken: list[Rect] = list(boxes.values())
    drawn = []
    for place, arrow in enumerate(arrows):
        others = [point for other, points in enumerate(samples) if other != place for point in points]
        label = _place(arrow, curves[place], taken, others, frame)
        if label is not None:
            taken.append(label.plate)
        drawn.append(Drawn(arrow, _path(curves[place]), _head(arrow, ports[place][1]), samples[place], label))
    return drawn


def _ports(boxes: Mapping[str, Rect], arrows: Sequence[Arrow]) -> list[tuple[Point, Point]]:
    """Where each arrow leaves and enters: those of one side in the order of what lies at their other end."""
    ends: dict[tuple[str, str], list[tuple[float, int, int]]] = defaultdict(list)
    for place, arrow in enumerate(arrows):
        for end, (here, side, there) in enumerate(
            ((arrow.source, arrow.leaves, arrow.target), (arrow.target, arrow.enters, arrow.source))
        ):
            far = boxes[there]
            ends[here, side].append((far.x if NORMALS[side][1] else far.y, place, end))
    found: dict[tuple[int, int], Point] = {}
    for (key, side), listed in ends.items():
        for number, (_, place, end) in enumerate(sorted(listed), start=1):
            found[place, end] = boxes[key].side(side, number / (len(listed) + 1))
    return [(found[place, 0], found[place, 1]) for place in range(len(arrows))]


def _curve(arrow: Arrow, start: Point, end: Point) -> _Curve:
    """A cubic that leaves and enters at right angles; two ends on like sides make an arc."""
    (ax, ay), (bx, by) = NORMALS[arrow.leaves], NORMALS[arrow.enters]
    tip = Point(end.x + bx * HEAD, end.y + by * HEAD)
    across, down = abs(tip.x - start.x), abs(tip.y - start.y)
    if arrow.leaves == arrow.enters:
        reach = 28 + 0.2 * max(across, down)
    else:
        reach = max(16.0, 0.5 * max(across if ax else down, across if bx else down))
    return (
        start,
        Point(start.x + ax * reach, start.y + ay * reach),
        Point(tip.x + bx * reach, tip.y + by * reach),
        tip,
    )


def _on(curve: _Curve, t: float) -> Point:
    """The point of the curve at ``t``, from 0 to 1."""
    u = 1 - t
    shares = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
    return Point(
        sum(share * point.x for share, point in zip(shares, curve, strict=True)),
        sum(share * point.y for share, point in zip(shares, curve, strict=True)),
    )


def _path(curve: _Curve) -> str:
    a, b, c, d = (f"{at(point.x)} {at(point.y)}" for point in curve)
    return f"M{a}C{b} {c} {d}"


def _head(arrow: Arrow, tip: Point) -> str:
    """The triangle at an arrow's end, wider than its stroke."""
    dx, dy = NORMALS[arrow.enters]
    half = max(4.0, arrow.width / 2 + 2.5)
    base = Point(tip.x + dx * HEAD, tip.y + dy * HEAD)
    corners = (tip, Point(base.x + dy * half, base.y + dx * half), Point(base.x - dy * half, base.y - dx * half))
    return "M" + "L".join(f"{at(x)} {at(y)}" for x, y in corners) + "z"


def _place(arrow: Arrow, curve: _Curve, taken: Sequence[Rect], others: Sequence[Point], frame: Rect) -> Label | None:
    """The free spot that hides least of other arrows, or nearest the middle; the first line alone if room is short."""
    for lines in (arrow.label, arrow.label[:1]):
        spots = [spot for spot in _plates(arrow, lines, curve) if _is_free(spot[1], taken, frame)]
        if spots:
            best = min(spots, key=lambda spot: spot[0] + _hidden(spot[1], others))
            return _label(best[1], lines, marked=arrow.marked)
    return None


def _plates(arrow: Arrow, lines: Sequence[str], curve: _Curve) -> Iterable[tuple[int, Rect]]:
    """Where a label may stand: on its arrow, else beside it, which counts as hiding something."""
    width = label_width(lines, marked=arrow.marked)
    height = LINE * len(lines) + 2
    for shift in (0.0, 0.7, -0.7):
        for spot in SPOTS:
            x, y = _on(curve, spot)
            yield BESIDE if shift else 0, Rect(round(x + shift * width, 1), round(y + shift * height, 1), width, height)


def label_width(lines: Sequence[str], *, marked: bool) -> float:
    """How wide a label's plate is, its mark included."""
    return max(len(line) * CHARACTER + (13 if marked and not number else 0) for number, line in enumerate(lines)) + 4


def _is_free(plate: Rect, taken: Iterable[Rect], frame: Rect) -> bool:
    is_inside = (
        abs(plate.x - frame.x) * 2 + plate.width <= frame.width
        and abs(plate.y - frame.y) * 2 + plate.height <= frame.height
    )
    return is_inside and not any(plate.meets(other, 2) for other in taken)


def _hidden(plate: Rect, others: Iterable[Point]) -> int:
    """How much of other arrows a plate would hide."""
    return sum(plate.meets(Rect(x, y, 4, 4)) for x, y in others)


def _label(plate: Rect, lines: Sequence[str], *, marked: bool) -> Label:
    top = plate.y - plate.height / 2
    return Label(plate, tuple((top + LINE * (number + 1) - 2, line) for number, line in enumerate(lines)), marked)
