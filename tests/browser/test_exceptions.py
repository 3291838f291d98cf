"""The exceptions pages in a real browser, both themes."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Clinic, ClinicCode, Team
from accounts.vocabulary import Role
from exceptions.models import History, IntegrationException
from exceptions.services.judge_batch import judge_batch
from exceptions.vocabulary import State, Verb
from scheduling.folding.change import AppointmentChange, ArrivalFact, BatchChanges
from scheduling.folding.state import AppointmentState, Trouble
from scheduling.models import Appointment, Feed, Message
from scheduling.sql.cursors import server_cursor

pytestmark = pytest.mark.browser

HL7 = (
    b"MSH|^~\\&|LKVRIS|LKV|RD|NFH|20261124091404||SIU^S15|88240|P|2.4\r"
    b"SCH||771204|||||CHG|MRKNEE|30|MIN|^^30^20261124111500|||||TAYLOR^JO|||||||||ZZ9\r"
    b"PID|1||L-7716-64||DOEVER^MARIN||19800101|F\r"
    b"AIL|1||MR2^^^LKV|||20261124111500|||30|MIN\r"
)
TROUBLES = [
    ("unmapped_status", "S15 ZZ9", 41),
    ("conflicting_status", "S15 Arrived", 7),
    ("ambiguous_status", "CAN 08", 5),
    ("unknown_clinic", "LKV-MOB3", 12),
    ("ahead_of_receipt", "", 3),
    ("impossible_transition", "completed to booked", 2),
]


@pytest.fixture
def team(db):
    Team.objects.create(key="mapping", name="Mapping")
    Team.objects.create(key="integration", name="Integration")
    return Team.objects.create(key="it", name="IT", is_catch_all=True)


@pytest.fixture
def feed(other_source, team):
    return Feed.objects.create(
        source=other_source, key="lkv", name="Lakeview SIU", format="hl7v2", transport="mllp", owner_team=None
    )


@pytest.fixture
def milo(person, other_source, team):
    user = person(Role.INTEGRATION, source=other_source, first_name="Milo", last_name="Anselm")
    Team.objects.get(key="mapping").members.add(user)
    return user


@pytest.fixture
def inbox(feed, other_clinic):
    """An inbox as after a bad morning: holds of several kinds, odd messages, one cleared by itself."""
    now = timezone.now()
    message = Message.objects.create(
        feed=feed, received_at=now, control_id="88240", control_hash=1, digest=b"0" * 16, body=HL7, transport="mllp"
    )
    ids = iter(range(1, 10_000))
    for number, (kind, raw, count) in enumerate(TROUBLES):
        changes = [hold(next(ids), other_clinic, feed, (kind, raw), now, place, message.pk) for place in range(count)]
        write(now - timedelta(hours=number), appointments=changes)
    kinds = [
        ("unreadable_message", "no_msh"),
        ("control_id_reused", ""),
        ("bad_charset", "MSH-18"),
        ("batch_count", ""),
    ]
    arrivals = [
        ArrivalFact(kind, feed.source_id, feed.pk, None, raw, message.pk, now - timedelta(hours=hour))
        for place, (kind, raw) in enumerate(kinds)
        for hour in range(0, 24, place + 2)
    ]
    write(now, arrivals=arrivals)
    gone = hold(next(ids), other_clinic, feed, ("equal_time_disagreement", ""), now, 3, message.pk)
    write(now, appointments=[gone])
    gone.before, gone.after = gone.after, AppointmentState(status="booked", clinic_id=other_clinic.pk)
    write(now, appointments=[gone])
    return IntegrationException.objects


def hold(pk: int, clinic: Clinic, feed: Feed, trouble: tuple[str, str], now, place: int, message: int):
    """Make a visit that something is wrong with, spread over the next day."""
    starts_at = now.replace(minute=30, second=0, microsecond=0) + timedelta(hours=1 + place * place % 9)
    at = now - timedelta(hours=place % 23)
    Appointment.objects.create(
        pk=pk, source=clinic.source, external_id=str(pk), status="booked", starts_at=starts_at, clinic=clinic,
        said_at=at, heard_at=at, order_key=b"", events=1,
    )  # fmt: skip
    state = AppointmentState(
        status="booked", starts_at=starts_at, clinic_id=clinic.pk, clinic_code="IMG", patient_id=1, said_at=at,
        troubles=(Trouble(*trouble, at),),
    )  # fmt: skip
    return AppointmentChange(pk, clinic.source_id, feed.pk, None, state, (message,))


def write(now, **changes) -> None:
    with transaction.atomic(), server_cursor() as cursor:
        judge_batch(cursor, BatchChanges(now, **changes))


def state_of(check: str) -> tuple[str, int | None]:
    return IntegrationException.objects.values_list("state", "owner").get(check_id=check)


@pytest.mark.parametrize(
    "path", ["/exceptions/", "/exceptions/?split=mine", "/exceptions/?split=cleared", "/exceptions/1/visits/", "/"]
)
def test_the_list_breaks_no_rule(desk, milo, inbox, path):
    desk.sign_in(milo)

    desk.open(path.replace("/1/", f"/{inbox.get(raw='S15 ZZ9').pk}/"))

    desk.check()


def test_an_empty_list_says_so(desk, milo):
    desk.sign_in(milo)

    page = desk.open("/exceptions/")

    assert page.locator(".notice h2").inner_text() == "Nothing is wrong that we know of."
    desk.check()


@pytest.mark.parametrize("verb", ["", "assign", "mute", "resolve", "comment"])
def test_every_pane_breaks_no_rule(desk, milo, inbox, verb):
    desk.sign_in(milo)

    page = desk.open(f"/exceptions/{inbox.get(raw='S15 ZZ9').pk}/?verb={verb}")

    assert page.locator("#pane h2").inner_text() == "Unmapped status"
    assert "DOEVER" not in page.content()
    desk.check()


@pytest.mark.parametrize("kind", ["unknown_clinic", "unreadable_message", "equal_time_disagreement"])
def test_panes_of_other_kinds_and_their_whole_pages_break_no_rule(desk, milo, inbox, kind):
    desk.sign_in(milo)

    desk.open(f"/exceptions/{inbox.get(check_id=kind).pk}/")
    desk.check()
    desk.open(f"/exceptions/{inbox.get(check_id=kind).pk}/?whole=1")
    desk.check()


def test_evidence_is_opened_by_the_keyboard_masked_with_its_culprit(desk, milo, inbox):
    desk.sign_in(milo)
    page = desk.open(f"/exceptions/{inbox.get(raw='S15 ZZ9').pk}/?whole=1")
    assert page.locator("#pane mark").count() == 0

    page.keyboard.press("[")
    page.locator("#evidence .message").wait_for()

    assert page.locator("#evidence mark").all_inner_texts() == ["S15", "ZZ9"]
    assert "DOEVER" not in page.content()
    desk.check()


def test_a_code_is_given_to_its_clinic_by_the_keyboard(desk, milo, inbox, other_clinic):
    desk.sign_in(milo)
    page = desk.open(f"/exceptions/{inbox.get(check_id='unknown_clinic').pk}/?whole=1")

    page.get_by_label("is the clinic").focus()
    page.keyboard.type("Imaging")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#pane .timeline small", has_text="The code is Imaging.").wait_for()

    assert ClinicCode.objects.get(code="LKV-MOB3").clinic == other_clinic
    desk.check()


def test_what_was_typed_stays_on_a_conflict_and_escape_leaves_the_form(desk, milo, inbox):
    desk.sign_in(milo)
    page = desk.open(f"/exceptions/{inbox.get(raw='S15 ZZ9').pk}/?whole=1")

    page.keyboard.press("e")
    page.get_by_label("Why").fill("I think it is fine.")
    page.keyboard.press("Enter")
    page.locator("#pane [role=alert]").wait_for()

    assert page.get_by_label("Why").input_value() == "I think it is fine."
    desk.check()
    page.keyboard.press("Escape")
    page.locator("#pane form [name=reason]").wait_for(state="detached")


def test_the_keyboard_alone_takes_comments_mutes_and_is_refused_to_close(desk, milo, inbox):
    desk.sign_in(milo)
    page = desk.open("/exceptions/")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/exceptions/*/")
    assert page.locator("#pane h2").inner_text() == "Unmapped status"
    with page.expect_response("**/take/"):
        page.keyboard.press("a")
    page.locator("#pane .pane__title .push", has_text="Yours").wait_for()
    assert state_of("unmapped_status") == (State.TAKEN, milo.pk)
    assert page.locator("tr[aria-current] td").last.inner_text().startswith("You")
    assert page.locator("#splits a", has_text="Mine").inner_text().split() == ["Mine", "1"]

    page.keyboard.press("c")
    page.get_by_label("Comment").fill("Same code as last March.")
    page.keyboard.press("Enter")
    page.locator("#pane .timeline small", has_text="Same code as last March.").wait_for()

    page.keyboard.press("e")
    page.get_by_label("Why").fill("Done")
    page.keyboard.press("Enter")
    page.locator("#pane [role=alert]").wait_for()
    assert "41 visits are still held." in page.locator("#pane [role=alert]").inner_text()
    desk.check()

    page.keyboard.press("Escape")
    page.locator("#pane form [name=reason]").wait_for(state="detached")
    page.keyboard.press("h")
    page.get_by_label("Mute for").select_option("24")
    page.get_by_label("Why").fill("Ticket with the vendor.")
    page.keyboard.press("Enter")
    page.locator("#pane .pane__meta", has_text="muted").wait_for()
    assert state_of("unmapped_status") == (State.MUTED, milo.pk)
    desk.check()


def test_take_next_gives_the_worst_one_that_nobody_has(desk, milo, inbox):
    desk.sign_in(milo)
    page = desk.open("/exceptions/")

    page.keyboard.press("n")

    page.wait_for_url("**/exceptions/*/")
    assert state_of("unmapped_status") == (State.TAKEN, milo.pk)


def test_a_stale_verb_says_what_to_do(desk, milo, inbox):
    desk.sign_in(milo)
    page = desk.open(f"/exceptions/{inbox.get(raw='S15 ZZ9').pk}/")
    inbox.filter(raw="S15 ZZ9").update(version=9)

    page.keyboard.press("a")

    page.locator("#pane [role=alert]").wait_for()
    assert "moved this exception meanwhile" in page.locator("#pane [role=alert]").inner_text()
    desk.check()


def test_everything_works_without_scripts(browser, live_server, milo, inbox, desk):
    desk.sign_in(milo)
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(desk.page.context.cookies())
    page = context.new_page()
    page.goto(f"{live_server.url}/exceptions/?split=blocking")
    page.get_by_role("link", name="Unmapped status").click()
    page.get_by_role("button", name="Take", exact=False).last.click()
    page.locator("summary", has_text="More").click()
    page.get_by_role("link", name="Comment").click()
    page.get_by_label("Comment").fill("Without scripts.")
    page.get_by_role("button", name="Add comment").click()

    assert page.url.endswith("?split=blocking")
    assert state_of("unmapped_status") == (State.TAKEN, milo.pk)
    assert History.objects.filter(verb=Verb.COMMENT).values_list("reason", flat=True).get() == "Without scripts."
    context.close()


def test_no_page_scrolls_sideways_on_a_narrow_screen(desk, milo, inbox):
    desk.sign_in(milo)
    desk.page.set_viewport_size({"width": 320, "height": 640})
    widths = {}
    for path in ("/exceptions/", f"/exceptions/{inbox.first().pk}/"):
        desk.open(path)
        widths[path] = desk.page.evaluate("document.documentElement.scrollWidth")

    assert widths == dict.fromkeys(widths, 320)


def test_the_list_opens_with_its_first_row(desk, milo, inbox):
    desk.sign_in(milo)

    page = desk.open("/exceptions/")
    page.wait_for_selector("#pane .pane__title")

    worst = inbox.get(raw="S15 ZZ9")
    assert page.locator("#pane h2").first.inner_text() == worst.kind.title
    assert page.locator("tr[aria-current=true]").get_attribute("id") == f"exception-{worst.pk}"
    assert page.url.endswith("/exceptions/")
    page.keyboard.press("a")
    page.wait_for_selector("#pane >> text=Yours")
    assert state_of("unmapped_status") == (State.TAKEN, milo.pk)
    desk.check()


def test_a_verbs_key_lands_in_its_form(desk, milo, inbox):
    desk.sign_in(milo)
    page = desk.open(f"/exceptions/{inbox.get(raw='S15 ZZ9').pk}/")

    page.keyboard.press("c")
    page.wait_for_selector("#pane form [name=reason]:focus")
    page.keyboard.type("Asked the imaging desk.")
    page.keyboard.press("Enter")
    page.wait_for_selector("#pane >> text=Asked the imaging desk.")

    assert History.objects.filter(verb=Verb.COMMENT).values_list("reason", flat=True).get() == "Asked the imaging desk."
