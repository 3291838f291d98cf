"""One walk over the whole desk on real simulated messages: from the login to the raw message, in both themes."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from config.digesting import Digester
from exceptions.models import IntegrationException
from recovery.models import QueueItem
from scheduling.models import Appointment, MappedEvent
from scheduling.simulator.cast import PASSWORD
from tests.support.inbox import days_ago, deliveries, load_group, store_deliveries

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADMINISTRATOR = "amir@northfield.example"


@pytest.fixture
def lively_desk(transactional_db):
    """Four clinics after some simulated days with realistic faults, everything digested."""
    since = days_ago(6)
    now = datetime.now(UTC)
    organisation = load_group(4, since=since)
    store_deliveries(sent for sent in deliveries(organisation, 1_500, since=since) if sent.arrives_at <= now)
    Digester().drain()
    assert QueueItem.objects.open().exists()
    assert IntegrationException.objects.exists()


def test_walk_from_the_login_to_the_raw_message(lively_desk, desk):
    page = desk.open("/login/")
    page.emulate_media(color_scheme=desk.theme)
    desk.check()

    page.get_by_label("E-mail").fill(ADMINISTRATOR)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    desk.check()

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Recovery queue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery queue")
    desk.check()

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("tr[aria-current=true]")).to_have_count(1)
    desk.check()
    item = QueueItem.objects.open().earliest("pk")
    desk.open(f"/recovery/{item.pk}/")
    desk.check()

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Exceptions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Exceptions")
    desk.check()
    exception = IntegrationException.objects.filter(live_count__gt=0).earliest("pk")
    desk.open(f"/exceptions/{exception.pk}/")
    desk.check()

    appointment = Appointment.objects.uncertain().earliest("pk")
    desk.open(f"/appointments/{appointment.pk}/")
    desk.check()
    event = MappedEvent.objects.filter(appointment=appointment).latest("order_key")
    page.locator(f'a[href="/messages/{event.message_id}/"]').first.click()
    expect(page).to_have_url(f"{desk.address}/messages/{event.message_id}/")
    desk.check()

    for path in (
        "/appointments/",
        "/feeds/",
        "/mappings/",
        "/audit/",
        "/people/",
        "/profile/",
        "/recovery/metrics/?figure=slots_lost",
    ):
        desk.open(path)
        desk.check()
