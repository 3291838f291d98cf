"""The drawing of a status path: fixed places, labels apart, impossible changes named. No database."""

from datetime import UTC, datetime
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from config.web.flow import Rect
from scheduling.folding.transitions import is_impossible
from scheduling.selectors.path_drawing import MOST_ARROWS, PLACES, Line, Plate, drawing_of, gap_words, sides
from scheduling.selectors.status_path_page import Counted, StatusPath, status_path
from scheduling.selectors.status_paths import Move
from scheduling.vocabulary import Status

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
PAIRS = [(before, after) for before in (None, *Status.values) for after in Status.values if before != after]


def move(before, after, count=7, median=3600.0):
    return Move(before, after, count, None if before is None else median, median, NOW, NOW, 1.0)


def in_order(moves):
    return sorted(moves, key=lambda each: (not each.is_impossible, -each.count))


MOVES = st.lists(
    st.tuples(st.sampled_from(PAIRS), st.integers(1, 2_000_000), st.floats(0, 9e7)),
    unique_by=lambda row: row[0],
    max_size=60,
).map(lambda rows: in_order([move(*pair, count, median) for pair, count, median in rows]))


def rect(plate):
    left, top, width, height = (float(value) for value in (plate.x, plate.y, plate.width, plate.height))
    return Rect(left + width / 2, top + height / 2, width, height)


def plate_of(line: Line) -> Plate:
    assert line.label is not None
    return line.label


@given(MOVES)
@settings(max_examples=60)
def test_labels_never_meet_each_other_or_a_status(moves):
    drawing = drawing_of(moves)

    plates = [rect(line.label) for line in drawing.lines if line.label]
    nodes = [Rect(place.x, place.y, place.width, 40) for place in PLACES.values()]
    assert [pair for pair in combinations(plates, 2) if pair[0].meets(pair[1])] == []
    assert [plate for plate in plates if any(plate.meets(node) for node in nodes)] == []


@given(MOVES)
@settings(max_examples=40)
def test_the_svg_is_well_formed_and_every_arrow_is_a_link(moves):
    page = page_of(moves)

    html = render_to_string("scheduling/_path_drawing.html", {"page": page})

    root = ET.fromstring(f"<div>{html}</div>")
    links = root.findall(".//a")
    assert [link.attrib["href"] for link in links] == [row.url for _, row in page.lines[::-1]]
    impossible = [link for link in links if "flow__link--impossible" in link.attrib["class"]]
    assert len(impossible) == sum(is_impossible(line.move.before, line.move.after) for line in page.drawing.lines)
    assert all(link.attrib["aria-label"].startswith("Impossible: ") for link in impossible)
    assert "style=" not in html


def page_of(moves) -> StatusPath:
    return status_path(Counted(moves, {}, 0, 0, NOW), [], days=30, base="?", chosen=None)


def test_every_status_has_its_place_whatever_was_seen():
    few, many = drawing_of([move(None, "booked")]), drawing_of([move(*pair) for pair in PAIRS])

    places = [[(node.name, node.x, node.y) for node in drawing.nodes] for drawing in (few, many)]
    assert places[0] == places[1]
    assert set(PLACES) == {"", *Status.values}


def test_an_impossible_change_is_named_and_marked():
    drawing = drawing_of(in_order([move("booked", "confirmed", 900), move("cancelled", "completed", 3)]))

    labels = {line.move.after: plate_of(line) for line in drawing.lines}
    assert [text for _, _, text in labels["completed"].lines] == ["3 impossible", "1 h"]
    assert labels["completed"].mark is not None
    assert [text for _, _, text in labels["confirmed"].lines] == ["900", "1 h"]
    assert labels["confirmed"].mark is None


def test_thickness_follows_the_count_and_has_a_floor():
    drawing = drawing_of([move(None, "booked", 10_000), move("booked", "confirmed", 5000), move("booked", "missed", 1)])

    assert [line.width for line in drawing.lines] == ["1.3", "5.6", "10"]


def test_a_status_counts_how_often_visits_came_to_it():
    drawing = drawing_of([move(None, "booked", 10), move("confirmed", "booked", 2), move("booked", "confirmed", 5)])

    counts = {node.name: node.count for node in drawing.nodes if node.count}
    assert counts == {"Nothing yet": 10, "Booked": 12, "Confirmed": 5}


def test_of_too_many_changes_the_rarest_stand_in_the_table_only():
    drawing = drawing_of(in_order([move(*pair) for pair in PAIRS]))

    assert (len(drawing.lines), drawing.left_out) == (MOST_ARROWS, len(PAIRS) - MOST_ARROWS)
    assert drawing.unlabelled == sum(line.label is None for line in drawing.lines)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "booked", ("right", "left")),
        ("booked", "checked_in", ("right", "left")),
        ("booked", "completed", ("top", "top")),
        ("completed", "booked", ("bottom", "bottom")),
        ("booked", "cancelled", ("bottom", "top")),
        ("cancelled", "booked", ("top", "bottom")),
        ("cancelled", "missed", ("bottom", "bottom")),
        ("requested", "confirmed", ("right", "left")),
        ("confirmed", "checked_in", ("right", "top")),
        ("confirmed", "booked", ("left", "top")),
        ("checked_in", "confirmed", ("top", "right")),
    ],
)
def test_arrows_leave_and_enter_by_the_side_that_faces_their_other_end(before, after, expected):
    assert sides(before, after) == expected


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "at once"), (1, "1 s"), (59.4, "59 s"), (60, "1 min"), (3569, "59 min"), (3600, "1 h"),
        (11_100, "3 h 5 min"), (86_399, "1 d"), (86_400, "1 d"), (187_200, "2 d 4 h"), (1_209_600, "14 d"),
        (86_400_000, "1,000 d"),
    ],
)  # fmt: skip
def test_times_between_are_said_in_two_units_at_most(seconds, words):
    assert gap_words(seconds) == words


def test_an_empty_window_draws_the_places_alone():
    drawing = drawing_of([])

    assert (drawing.lines, drawing.unlabelled, drawing.left_out) == ([], 0, 0)
    assert [node.count for node in drawing.nodes] == [0] * len(PLACES)
