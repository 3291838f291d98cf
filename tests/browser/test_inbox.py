"""Clearing an inbox with the keyboard alone, two people on one exception, and work without scripts."""

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
    return str(page.evaluate("document.activeElement.closest('tr').querySelector('.raw').textContent.trim()"))


def next_row(page) -> str:
    """Go one row on, once the cursor is back in the list; return the raw value there."""
    page.locator(".rowlink:focus").wait_for()
    page.keyboard.press("j")
    return raw_of(page)


def send(page, first_field: str, text: str) -> None:
    """Fill the form that a verb's key opened, by keyboard: what stands before the reason stays as it is."""
    page.wait_for_selector(f"#pane form [name={first_field}]:focus")
    while not page.evaluate("document.activeElement.name === 'reason'"):
        page.keyboard.press("Tab")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def toast(page, text: str) -> None:
    page.locator("#undo .toast", has_text=text).wait_for()


def no_toast(page) -> None:
    page.locator("#undo .toast").wait_for(state="detached")


def settled(page) -> None:
    """What came is in its place: a key pressed while a pane is swapped belongs to the one before."""
    page.locator(".htmx-request, .htmx-swapping, .htmx-settling").first.wait_for(state="detached")


def take_back_and_take_again(page, inbox, milo) -> None:
    """The second row, which is not the open one: its pane opens first, and the verb meets no other row."""
    page.keyboard.press("j")
    page.keyboard.press("j")
    raw = raw_of(page)
    page.keyboard.press("a")
    toast(page, "Taken.")
    assert inbox.get(raw=raw).owner == milo
    page.keyboard.press("z")
    no_toast(page)
    assert inbox.get(raw=raw).owner is None
    page.locator(".rowlink:focus").wait_for()
    assert raw_of(page) == raw
    page.keyboard.press("a")
    toast(page, "Taken.")


def close_three_twice(page, desk) -> None:
    """Ticks and the range between; closed together, taken back, closed again; the ticks stay."""
    next_row(page)
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    assert page.locator("[data-ticked]").inner_text() == "3 ticked"
    page.keyboard.press("e")
    send(page, "reason", "All from one file.")
    toast(page, "Closed: 3.")
    page.keyboard.press("z")
    page.locator("#pane h2", has_text="Taken back: 3.").wait_for()
    settled(page)
    page.keyboard.press("e")
    send(page, "reason", "All from one file.")
    toast(page, "Closed: 3.")
    assert page.locator(".tick input:checked").count() == 3
    desk.check()
    page.keyboard.press("Escape")
    assert page.locator(".tick input:checked").count() == 0


def test_twenty_are_cleared_with_the_keyboard_alone(desk, milo, imani, inbox):
    desk.sign_in(milo)
    page = desk.open("/exceptions/")
    page.wait_for_selector("#pane .pane__title")

    take_back_and_take_again(page, inbox, milo)
    muted = next_row(page)
    page.keyboard.press("h")
    send(page, "hours", "The vendor is on it.")
    toast(page, "Muted.")
    closed = next_row(page)
    page.keyboard.press("e")
    send(page, "reason", "A test file.")
    toast(page, "Closed.")
    told = next_row(page)
    page.keyboard.press("l")
    send(page, "reason", "Please look.")
    no_toast(page)
    given = next_row(page)
    page.keyboard.press("o")
    page.wait_for_selector("#pane form [name=to]:focus")
    page.keyboard.type("Imani")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    toast(page, "Handed over.")
    close_three_twice(page, desk)

    assert inbox.get(raw=muted).state == State.MUTED
    assert page.locator(f"#exception-{inbox.get(raw=closed).pk} .flag").inner_text() == "Closed"
    assert History.objects.filter(exception__raw=told, verb=Verb.ESCALATE, actor=milo).count() == 1
    assert inbox.get(raw=given).owner == imani

    # All that match: the number is the true one, for the page has kept up.
    page.keyboard.press("Shift+A")
    assert page.locator("[data-all]").get_attribute("data-all") == "16"
    page.keyboard.press("e")
    send(page, "reason", "The file was sent again, complete.")
    page.locator("#pane h2", has_text="Closed: 16.").wait_for()
    desk.check()
    page.goto(f"{desk.address}/exceptions/")

    assert inbox.unresolved().count() == 0
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
