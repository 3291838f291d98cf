"""The page of a preview in a real browser: started by the keyboard, read in both themes, no broken rule."""

from functools import partial

import pytest
from django.utils import timezone

from accounts.vocabulary import Role
from launch.services.previews import request_preview
from scheduling.mapping.rules import Rule
from scheduling.services.mapping import add_rule, start_draft
from scheduling.vocabulary import Initiator, Status
from tests.support.desk import DAY, HOUR, make_desk
from tests.support.messages import siu

pytestmark = pytest.mark.browser


@pytest.fixture
def draft(transactional_db):
    """A draft that releases two held visits of two clinics, at the real now."""
    place = make_desk()
    place.now = now = timezone.now().replace(microsecond=0)
    for visit, clinic, hours in (("V1", "CARD", 3), ("V2", "DERM", 4)):
        said = partial(siu, visit=visit, starts_at=now + hours * HOUR, clinic=clinic, patient=visit)
        place.take(said("S12", at=now - DAY))
        place.take(said("S15", at=now - HOUR, status="ZZ9"))
    ada, _ = place.people
    made = start_draft(place.source, title="What ZZ9 means", actor=ada, now=now, based_on=place.published[-1])
    add_rule(
        made, Rule(0, filler_status="ZZ9", status=Status.CANCELLED, initiator=Initiator.PATIENT), actor=ada, now=now
    )
    made.refresh_from_db()
    return made


@pytest.fixture
def mapper(person, draft):
    return person(Role.MAPPING, source=draft.source, first_name="Milo", last_name="Anselm")


def test_preview_is_started_with_the_keyboard_and_says_what_would_change(desk, draft, mapper, tmp_path):
    desk.sign_in(mapper)
    page = desk.open(f"/mappings/desk/r{draft.number}/preview/")
    desk.check()

    page.get_by_label("Meanings hold from").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.get_by_text("Releases 2 held events").wait_for()
    assert page.get_by_role("region", name="Visits whose status changes").get_by_role("link").count() == 2
    desk.check()
    desk.picture(tmp_path, "preview")
    desk.picture(tmp_path, "preview", width=1280, height=1700)


def test_preview_that_waits_shows_progress(desk, draft, mapper, tmp_path):
    request_preview(draft, effective_from=timezone.now() - DAY, since=None, actor=mapper, now=timezone.now())
    desk.sign_in(mapper)

    page = desk.open(f"/mappings/desk/r{draft.number}/preview/")

    assert page.get_by_text("Waiting for a worker.").is_visible()
    assert page.get_by_role("button", name="Stop this preview").is_visible()
    desk.check()
    desk.picture(tmp_path, "waiting")
