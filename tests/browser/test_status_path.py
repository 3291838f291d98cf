"""The status path in a real browser: both themes, no broken rule, labels that fit and lie apart as drawn."""

from itertools import combinations

import pytest
from django.utils import timezone

from accounts.vocabulary import Role
from tests.support.desk import DAY, HOUR, make_desk
from tests.support.histories import tell

pytestmark = pytest.mark.browser

URL = "/mappings/desk/path/"
BOXES = """() => [...document.querySelectorAll(".flow__link")].map((link) => {
  const plate = link.querySelector(".flow__plate");
  const box = (node) => { const b = node.getBBox(); return [b.x, b.y, b.x + b.width, b.y + b.height]; };
  return plate && { plate: box(plate), texts: [...link.querySelectorAll("text")].map(box) };
}).filter(Boolean)"""


@pytest.fixture
def place(db):
    """A path with side ways, an impossible change and a clinic that never completes a visit."""
    told = make_desk()
    told.now = timezone.now().replace(microsecond=0)
    for number in range(12):
        tell(
            told, f"A{number}", [(9 * DAY, "booked"), (4 * DAY, "confirmed"), (DAY, "checked_in"), (HOUR, "completed")]
        )
    tell(told, "B1", [(9 * DAY, "booked"), (2 * DAY, "cancelled"), (DAY, "completed")])
    tell(
        told, "B2", [(9 * DAY, "requested"), (8 * DAY, "pending"), (7 * DAY, "booked"), (DAY, "missed")], clinic="DERM"
    )
    tell(told, "B3", [(9 * DAY, "booked"), (3 * DAY, "bumped"), (2 * DAY, "booked")], clinic="DERM")
    return told


@pytest.fixture
def lena(person, place):
    return person(Role.LAUNCH, source=place.source, first_name="Lena", last_name="Norwood")


def test_no_state_of_the_page_breaks_a_rule(desk, place, lena):
    desk.sign_in(lena)

    for query in ("", "?days=7", "?from=cancelled&to=completed"):
        desk.open(f"{URL}{query}")
        desk.check()


def test_an_empty_path_breaks_no_rule(desk, db, person):
    empty = make_desk()
    desk.sign_in(person(Role.LAUNCH, source=empty.source))

    desk.open(URL)

    desk.check()


def test_labels_fit_their_plates_and_lie_apart_as_drawn(desk, place, lena):
    desk.sign_in(lena)

    boxes = desk.open(URL).evaluate(BOXES)

    outside = [box for box in boxes for x1, _, x2, _ in box["texts"] if x1 < box["plate"][0] or x2 > box["plate"][2]]
    assert (len(boxes) > 8, outside) == (True, [])
    assert [pair for pair in combinations([box["plate"] for box in boxes], 2) if overlap(*pair)] == []


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_an_arrow_opens_visits_that_went_that_way(desk, place, lena):
    desk.sign_in(lena)
    page = desk.open(URL)

    page.get_by_role("link", name="Impossible: Cancelled to Completed").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**from=cancelled&to=completed*")

    assert page.get_by_role("heading", name="Cancelled to Completed").is_visible()
    assert page.locator("#visits ol > li").count() == 1
    desk.check()
