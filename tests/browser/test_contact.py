"""Contact in a real browser: the card comes into the pane, its page and the rules break nothing in either theme."""

import os
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import ClinicLaunchMode
from accounts.vocabulary import Role
from recovery.models import QueueItem
from recovery.vocabulary import Family, OutreachChannel
from scheduling.vocabulary import Decision, LaunchMode
from tests.support.desk import DAY, HOUR, make_desk
from tests.support.messages import siu
from tests.support.wordings import approve_text

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lead(person):
    """A supervisor of the whole desk."""
    return person(Role.SUPERVISOR, first_name="Lea", last_name="Marsh")


@pytest.fixture
def item():
    """A bumped visit to rebook, on the real clock."""
    now = timezone.now()
    world = make_desk()
    ClinicLaunchMode.objects.bulk_create(
        ClinicLaunchMode(
            clinic=clinic, decision=decision, mode=LaunchMode.LIVE, valid_from=now - DAY, recorded_at=now - DAY
        )
        for clinic in world.clinics.values()
        for decision in Decision
    )
    world.take(siu("S12", visit="V1", at=now - DAY, starts_at=now + 3 * DAY), now=now)
    world.take(siu("S15", visit="V1", at=now - HOUR, starts_at=now + 3 * DAY, status="Bumped"), now=now)
    approve_text("en")
    approve_text("en", channel=OutreachChannel.CALL, body="This is {practice}. Please call {phone}.")
    return QueueItem.objects.get(family=Family.REBOOK_BUMPED)


def test_card_comes_into_the_pane_and_no_page_of_contact_breaks_a_rule(desk, lead, item):
    desk.sign_in(lead)
    page = desk.open(f"/recovery/?item={item.pk}")

    page.wait_for_selector("#contact")
    assert "No mobile on file." in page.locator("#contact").inner_text()
    desk.check()

    for address in (
        f"/recovery/{item.pk}/contact/",
        "/recovery/templates/",
        "/recovery/settings/contact/",
        f"/recovery/settings/contact/{item.clinic_id}/",
        "/recovery/settings/languages/",
        "/recovery/reveals/",
    ):
        desk.open(address)
        desk.check()
        if folder := os.environ.get("PICTURES"):
            name = address.strip("/").replace("/", "-")
            desk.picture(Path(folder), name)
            desk.picture(Path(folder), name, width=1920, height=1080)


def test_wrong_number_is_noted_on_the_page(desk, lead, item):
    desk.sign_in(lead)
    page = desk.open(f"/recovery/{item.pk}/contact/")

    page.locator("button[value=wrong]").click()

    page.wait_for_load_state()
    assert "Every number is wrong." in page.locator("#contact").inner_text()
    assert "Wrong since" in page.locator("main").inner_text()
