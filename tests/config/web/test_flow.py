"""Boxes joined by arrows: labels lie apart whatever is drawn."""

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.web.flow import Arrow, Rect, draw, label_width

FRAME = Rect(300, 200, 600, 400)
BOXES = {name: Rect(x, y, 80, 40) for name, x, y in (("a", 60, 60), ("b", 300, 60), ("c", 540, 60), ("d", 300, 340))}
SIDES = st.sampled_from(["left", "right", "top", "bottom"])
ARROWS = st.lists(
    st.builds(
        Arrow,
        source=st.sampled_from(sorted(BOXES)),
        target=st.sampled_from(sorted(BOXES)),
        leaves=SIDES,
        enters=SIDES,
        width=st.floats(1, 10),
        label=st.sampled_from([("1",), ("1,234", "2 d 4 h"), ("12 impossible", "at once")]),
        marked=st.booleans(),
    ),
    max_size=40,
)
PATH = re.compile(r"M-?[\d.]+ -?[\d.]+C(-?[\d.]+ -?[\d.]+ ?){3}")


def arrow(source="a", target="b", **more):
    return Arrow(source, target, **{"leaves": "right", "enters": "left", "width": 2, "label": ("7", "2 d"), **more})


@given(ARROWS)
def test_labels_touch_no_box_no_label_and_no_edge(arrows):
    plates = [drawn.label.plate for drawn in draw(BOXES, arrows, FRAME) if drawn.label]

    assert [pair for pair in combinations(plates, 2) if pair[0].meets(pair[1])] == []
    assert [plate for plate in plates if any(plate.meets(box) for box in BOXES.values())] == []
    assert [plate for plate in plates if abs(plate.x - 300) + plate.width / 2 > 300] == []
    assert [plate for plate in plates if abs(plate.y - 200) + plate.height / 2 > 200] == []


@given(ARROWS)
def test_every_arrow_is_drawn_as_a_curve_with_a_head(arrows):
    drawn = draw(BOXES, arrows, FRAME)

    assert [each.arrow for each in drawn] == arrows
    assert all(PATH.fullmatch(each.path) and each.head.endswith("z") for each in drawn)


def test_a_lone_label_stands_in_the_middle_of_its_arrow():
    (drawn,) = draw(BOXES, [arrow()], FRAME)

    # From the right side of a (100) to the base of the head before b (252).
    assert (drawn.path[:7], drawn.head) == ("M100 60", "M260 60L252 56L252 64z")
    assert drawn.label is not None
    assert (drawn.label.plate.x, drawn.label.plate.y) == (176, 60)


def test_arrows_of_one_side_lie_beside_each_other_in_the_order_of_their_other_ends():
    low, high = arrow("d", "b", leaves="right"), arrow("a", "b")

    drawn = draw(BOXES, [low, high], FRAME)

    entries = [float(re.findall(r"^M[\d.]+ ([\d.]+)", each.head)[0]) for each in drawn]
    assert entries[0] > entries[1]


def test_where_room_is_short_the_first_keeps_its_label():
    drawn = draw(BOXES, [arrow(label=("1,234 impossible", "2 d"))] * 60, FRAME)

    assert drawn[0].label is not None
    assert None in [each.label for each in drawn]


@pytest.mark.parametrize(("marked", "width"), [(False, 29.2), (True, 42.2)], ids=["plain", "with a mark"])
def test_a_label_is_as_wide_as_its_widest_line(marked, width):
    assert label_width(["1234", "1 d"], marked=marked) == pytest.approx(width)
