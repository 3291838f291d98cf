"""Results in a real browser: a number opened by keyboard, its definition, its weeks as a table, days typed in."""

import pytest
import time_machine
from playwright.sync_api import expect

from accounts.vocabulary import Role
from recovery.services.expire_items import expire_items
from tests.recovery.refills import SLOT_AT, make_refill
from tests.support.desk import DAY, make_desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
URL = "/recovery/metrics/"


@pytest.fixture
def empty_slot(transactional_db):
    """A slot that stayed empty, seen by a supervisor a day later."""
    refill = make_refill(make_desk())
    expire_items(SLOT_AT)
    with time_machine.travel(SLOT_AT + DAY, tick=False):
        yield refill


def test_results_are_read_by_keyboard(empty_slot, desk, person):
    supervisor = person(Role.SUPERVISOR, source=empty_slot.desk.source)
    desk.sign_in(supervisor)
    page = desk.open(URL)
    expect(page.locator("tr[aria-current=true]")).to_contain_text("Filled and completed")
    desk.check()

    for _ in range(8):
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name="Stayed empty")).to_be_visible()
    expect(page.get_by_role("link", name=f"Refill {empty_slot.item.pk}")).to_be_visible()
    page.get_by_text("As a table").click()
    expect(page.get_by_role("cell", name="1", exact=True).first).to_be_visible()
    desk.check()

    page.get_by_label("From").fill("2026-11-28")
    page.get_by_label("From").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The first day is after the last.")
    desk.check()
