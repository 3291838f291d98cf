"""A chance is closed by hand and opened again in a real browser, with the keyboard alone."""

import os
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import ClinicLaunchMode
from accounts.vocabulary import Role
from recovery.models import QueueItem
from recovery.vocabulary import Family
from scheduling.vocabulary import Decision, LaunchMode
from tests.support.desk import DAY, HOUR, LONG_AGO, make_desk
from tests.support.messages import siu

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bumped(transactional_db):
    """A bumped visit at a clinic that is live."""
    place = make_desk()
    place.now = now = timezone.now().replace(microsecond=0)
    ClinicLaunchMode.objects.bulk_create(
        ClinicLaunchMode(
            clinic=place.clinics["CARD"], decision=decision, mode=LaunchMode.LIVE, valid_from=LONG_AGO,
            recorded_at=LONG_AGO,
        )
        for decision in Decision
    )  # fmt: skip
    place.take(siu("S12", visit="V1", at=now - DAY, starts_at=now + 3 * DAY))
    place.take(siu("S15", visit="V1", at=now - HOUR, starts_at=now + 3 * DAY, status="Bumped"))
    return place


@pytest.fixture
def pictures(tmp_path):
    """Where pictures go: PICTURES in the environment keeps them."""
    folder = Path(os.environ.get("PICTURES", tmp_path))
    folder.mkdir(exist_ok=True)
    return folder


def test_a_chance_is_closed_and_opened_again_with_the_keyboard(desk, person, bumped, pictures):
    item = QueueItem.objects.get(family=Family.REBOOK_BUMPED)
    desk.sign_in(person(Role.ACCESS, source=bumped.source))
    page = desk.open(f"/recovery/?item={item.pk}")

    page.keyboard.press("d")
    page.locator("#pane select[name=why]").wait_for()
    assert page.evaluate("document.activeElement.name") == "why"
    desk.check()
    page.keyboard.type("Something")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Write a few words").wait_for()
    words = page.locator("#pane input[name=words]")
    words.fill("Moves to another town")
    words.press("Enter")
    page.locator("#pane").get_by_text("Moves to another town").wait_for()
    desk.check()
    desk.picture(pictures, "closed")

    page.keyboard.press("d")
    page.locator("#pane").get_by_text("opened it again").wait_for()
    item.refresh_from_db()
    assert (item.is_open, item.version) == (True, 3)
