"""Clearing an inbox with the keyboard alone, two people on one exception, and what a tick, an undo and a view look like."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Team
from accounts.vocabulary import Role
from exceptions.escalation import Plan, Step, freeze
from exceptions.models import Act, History, IntegrationException
from exceptions.services.judge_batch import judge_batch
from exceptions.services.move_exception import Order, move_exception
from exceptions.vocabulary import State, Target, Verb
from scheduling.folding.change import ArrivalFact, BatchChanges
from scheduling.models import Feed
from scheduling.sql.cursors import server_cursor

pytestmark = pytest.mark.browser

TWENTY = 20


@pytest.fixture
def teams(db):
    Team.objects.create(key="mapping", name="Mapping")
    Team.objects.create(key="it", name="IT", is_catch_all=True)
    return Team.objects.create(key="integration", name="Integration")


@pytest.fixture
def feed(other_source, teams):
    return Feed.objects.create(source=other_source, key="lkv", name="Lakeview SIU", format="hl7v2", transport="mllp")


@pytest.fixture
def milo(person, other_source, teams):
    user = person(Role.INTEGRATION, source=other_source, first_name="Milo", last_name="Anselm")
    teams.members.add(user)
    return user


@pytest.fixture
def imani(person, other_source):
    return person(Role.MAPPING, source=other_source, first_name="Imani", last_name="Kessler")


@pytest.fixture
def inbox(feed, milo, imani):
    """Twenty exceptions that hold nothing, each with a plan that tells Imani next."""
    now = timezone.now()
    facts = [
        ArrivalFact("batch_count", feed.source_id, feed.pk, None, f"{number:02} of 20", 1, now)
        for number in range(1, TWENTY + 1)
    ]
    with transaction.atomic(), server_cursor() as cursor:
        judge_batch(cursor, BatchChanges(now, arrivals=facts))
    plan = Plan(1, 1, "Nights", 3, (Step(timedelta(hours=2), Target.PERSON, person=imani.pk),))
    IntegrationException.objects.update(
        policy=freeze(plan), next_step_at=now + timedelta(hours=2), owner_team=Team.objects.get(key="integration")
    )
    return IntegrationException.objects


def raw_of(page) -> str:
    """The raw value of the row under the cursor."""
    return page.evaluate("document.activeElement.closest('tr').querySelector('.raw').textContent.trim()")


def test_twenty_are_cleared_with_the_keyboard_alone(desk, milo, imani, inbox):
    desk.sign_in(milo)
    page = desk.open("/exceptions/")
    page.wait_for_selector("#pane .pane__title")

    # Take the second row, which is not the open one: its pane opens first, and the verb meets no other row.
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = raw_of(page)
    with page.expect_response("**/take/**"):
        page.keyboard.press("a")
    page.locator("#undo .toast", has_text="Taken.").wait_for()
    assert inbox.get(raw=second).owner == milo

    # It can be taken back, and taken again; the cursor has not moved.
    page.keyboard.press("z")
    page.locator("#undo .toast").wait_for(state="detached")
    assert inbox.get(raw=second).owner is None
    page.wait_for_function("document.activeElement.matches('.rowlink')")
    assert raw_of(page) == second

    # Mute the next, closes the one after, escalate and hand over two more.
    page.keyboard.press("j")
    third = raw_of(page)
    page.keyboard.press("h")
    page.wait_for_selector("#pane form [name=hours]:focus")
    page.keyboard.press("Tab")
    page.keyboard.type("The vendor is on it.")
    page.keyboard.press("Enter")
    page.locator("#undo .toast", has_text="Muted.").wait_for()
    assert inbox.get(raw=third).state == State.MUTED

    page.wait_for_function("document.activeElement.matches('.rowlink')")
    page.keyboard.press("j")
    fourth = raw_of(page)
    page.keyboard.press("e")
    page.wait_for_selector("#pane form [name=reason]:focus")
    page.keyboard.type("A test file.")
    page.keyboard.press("Enter")
    page.locator("#undo .toast", has_text="Closed.").wait_for()
    closed = inbox.get(raw=fourth)
    assert closed.state == State.RESOLVED
    assert page.locator(f"#exception-{closed.pk} .flag").inner_text() == "Closed"

    page.wait_for_function("document.activeElement.matches('.rowlink')")
    page.keyboard.press("j")
    fifth = raw_of(page)
    page.keyboard.press("l")
    page.wait_for_selector("#pane form [name=reason]:focus")
    page.keyboard.type("Please look.")
    page.keyboard.press("Enter")
    page.locator("#undo .toast").wait_for(state="detached")
    assert History.objects.filter(exception__raw=fifth, verb=Verb.ESCALATE).count() == 1

    page.wait_for_function("document.activeElement.matches('.rowlink')")
    page.keyboard.press("j")
    sixth = raw_of(page)
    page.keyboard.press("o")
    page.wait_for_selector("#pane form [name=to]:focus")
    page.keyboard.type("Imani")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#undo .toast", has_text="Handed over.").wait_for()
    assert inbox.get(raw=sixth).owner == imani

    # Tick three rows and the range between, close them together, take it back, close them again.
    page.wait_for_function("document.activeElement.matches('.rowlink')")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    assert page.locator("[data-ticked]").inner_text() == "3 ticked"
    for again in (False, True):
        page.keyboard.press("e")
        page.wait_for_selector("#pane form [name=reason]:focus")
        page.keyboard.type("All from one file.")
        page.keyboard.press("Enter")
        page.locator("#undo .toast", has_text="Closed: 3.").wait_for()
        assert page.locator(".tick input:checked").count() == 3
        desk.check()
        if not again:
            page.keyboard.press("z")
            page.locator("#pane h2", has_text="Taken back: 3.").wait_for()
    page.keyboard.press("Escape")
    assert page.locator(".tick input:checked").count() == 0

    # All that match: the number is the true one, for the page has kept up.
    page.keyboard.press("Shift+A")
    assert page.locator("[data-all]").get_attribute("data-all") == "16"
    page.keyboard.press("e")
    page.wait_for_selector("#pane form [name=reason]:focus")
    page.keyboard.type("The file was sent again, complete.")
    page.keyboard.press("Enter")
    page.locator("#pane h2", has_text="Closed: 16.").wait_for()
    desk.check()

    assert inbox.unresolved().count() == 0
    page.goto(f"{desk.address}/exceptions/")
    assert page.locator(".notice h2").first.inner_text() == "Nothing is wrong that we know of."
    assert History.objects.filter(verb=Verb.UNDO).count() == 4


def test_two_people_on_one_exception(desk, milo, imani, inbox):
    desk.sign_in(milo)
    page = desk.open("/exceptions/")
    page.wait_for_selector("#pane .pane__title")
    first = inbox.get(pk=int(re.sub(r"\D", "", page.locator("tr[data-row]").first.get_attribute("id"))))
    move_exception(first, Verb.TAKE, Order(), actor=imani, now=timezone.now())

    page.keyboard.press("a")
    page.locator("#pane [role=alert]").wait_for()

    assert "moved this exception meanwhile" in page.locator("#pane [role=alert]").inner_text()
    assert inbox.get(pk=first.pk).owner == imani
    assert page.locator(f"#owner-{first.pk}").inner_text() == "Imani Kessler"
    desk.check()


def test_a_row_that_somebody_took_shows_it_at_the_next_look_and_stays_where_it_is(desk, milo, imani, inbox):
    desk.sign_in(milo)
    page = desk.open("/exceptions/?split=nobody")
    page.wait_for_selector("#pane .pane__title")
    order = page.locator("tr[data-row]").evaluate_all("rows => rows.map(row => row.id)")
    third = inbox.get(pk=int(order[2].removeprefix("exception-")))
    move_exception(third, Verb.TAKE, Order(), actor=imani, now=timezone.now())

    with page.expect_response("**/live/exceptions/**"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.locator(f"#owner-{third.pk}", has_text="Imani Kessler").wait_for()

    assert page.locator("tr[data-row]").evaluate_all("rows => rows.map(row => row.id)") == order
    assert page.locator("#splits a", has_text="Nobody's").inner_text().split() == ["Nobody's", "19"]
    desk.check()


def test_another_number_than_was_shown_is_refused_in_place(desk, milo, imani, inbox):
    desk.sign_in(milo)
    page = desk.open("/exceptions/")
    page.wait_for_selector("#pane .pane__title")
    move_exception(inbox.first(), Verb.RESOLVE, Order(reason="Fixed"), actor=imani, now=timezone.now())

    page.keyboard.press("Shift+A")
    page.keyboard.press("a")
    page.locator("#pane [role=alert]").wait_for()

    assert "20 matched when you looked, 19 match now." in page.locator("#pane [role=alert]").inner_text()
    assert page.locator("[data-all]").get_attribute("data-all") == "19"
    assert Act.objects.count() == 0
    desk.check()


def test_keys_that_are_switched_off_do_nothing(desk, milo, inbox):
    milo.has_keys = False
    milo.save(update_fields=["has_keys"])
    desk.sign_in(milo)
    page = desk.open("/exceptions/")
    page.wait_for_selector("#pane .pane__title")

    for key in ("a", "x", "Shift+X", "Shift+A"):
        page.keyboard.press(key)

    assert page.locator(".tick input:checked").count() == 0
    assert Act.objects.count() == 0


def test_bulk_undo_and_views_work_without_scripts(browser, live_server, desk, milo, inbox):
    desk.sign_in(milo)
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(desk.page.context.cookies())
    page = context.new_page()
    page.goto(f"{live_server.url}/exceptions/?split=nobody")
    for box in page.locator(".tick input").all()[:2]:
        box.check()
    page.locator(".bulk-bar button", has_text="Mute").click()
    page.get_by_label("Why").fill("Without scripts.")
    page.get_by_role("button", name="Mute (2)").click()
    muted = inbox.filter(state=State.MUTED).count()
    page.get_by_role("button", name="Undo").click()
    back = inbox.filter(state=State.MUTED).count()
    page.goto(f"{live_server.url}/exceptions/?split=nobody&kind=batch_count")
    page.locator("summary", has_text="View").click()
    page.get_by_role("link", name="Save this view").click()
    page.get_by_label("Name").fill("Files")
    page.get_by_role("button", name="Save view").click()

    assert (muted, back) == (2, 0)
    assert "split=nobody&kind=batch_count" in page.url
    context.close()


@pytest.mark.parametrize("path", ["/exceptions/views/?split=mine", "/exceptions/?sort=next"])
def test_pages_around_the_inbox_break_no_rule(desk, milo, inbox, path):
    desk.sign_in(milo)

    desk.open(path)

    desk.check()
