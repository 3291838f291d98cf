"""The mapping workbench in a real browser: a whole round with the keyboard alone, every page in both themes."""

import os
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.vocabulary import Role
from config.digesting import Digester
from exceptions.models import IntegrationException
from scheduling.mapping.vocabulary import ReplayState
from scheduling.models import MappingRevision, Replay, SignalTally
from tests.scheduling.views.test_mapping_edits import of_draft
from tests.scheduling.views.test_mappings import rule_data
from tests.support.desk import DAY, HOUR, make_desk
from tests.support.messages import siu

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct-horse-9-battery"


@pytest.fixture
def facts(transactional_db):
    """Booked visits, two of them cancelled with a code that nobody knows, one that contradicts its event."""
    place = make_desk()
    place.now = now = timezone.now().replace(microsecond=0)
    for name in ("V1", "V2", "V3", "V4"):
        place.take(siu("S12", visit=name, at=now - DAY, starts_at=now + 3 * HOUR))
    for name in ("V1", "V2"):
        place.take(siu("S15", visit=name, at=now - HOUR, starts_at=now + 3 * HOUR, status="ZZ9", reason="08"))
    place.take(siu("S15", visit="V3", at=now - HOUR, starts_at=now + 3 * HOUR, status="Arrived"))
    place.take(siu("S14", visit="V4", at=now - HOUR, starts_at=now + 3 * HOUR, status="Pending"))
    return place


@pytest.fixture
def people(person, facts):
    """Two mapping admins of the source, with passwords."""
    return [
        person(Role.MAPPING, source=facts.source, first_name=first, last_name=last, password=PASSWORD)
        for first, last in (("Mia", "Anselm"), ("Ned", "Okoro"))
    ]


@pytest.fixture
def pictures(tmp_path):
    """Where pictures go: PICTURES in the environment keeps them."""
    folder = Path(os.environ.get("PICTURES", tmp_path))
    folder.mkdir(exist_ok=True)
    return folder


def press(page, key, address):
    """Press a key that leads to another address."""
    with page.expect_navigation():
        page.keyboard.press(key)
    page.wait_for_url(address)


def sign_in_by_keyboard(page, address, user):
    """Fill the form of the sign-in page with the keyboard alone."""
    page.context.clear_cookies()
    page.goto(f"{address}/login/?next=/mappings/desk/r2/")
    page.get_by_label("E-mail").focus()
    page.keyboard.type(user.username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def tab_to(page, label):
    """Press Tab until an element with this text or value has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("(document.activeElement.innerText || document.activeElement.name || '').trim()").startswith(
            label
        ):
            return
    pytest.fail(f"Tab never came to {label}")


def test_the_whole_round_with_the_keyboard_alone(desk, facts, people):
    mia, ned = people
    exception = IntegrationException.objects.get(check_id="unmapped_status", raw__contains="ZZ9")
    desk.page.goto(f"{desk.address}/login/")
    sign_in_by_keyboard(desk.page, desk.address, mia)
    page = desk.open("/mappings/")
    assert page.locator("tr[data-row]").first.inner_text().split()[:1] == ["Unmapped"]

    # See it, open it, give it a meaning, keep it.
    page.keyboard.press("j")
    press(page, "Enter", "**signal=*")
    assert page.locator("#pane h2").inner_text() == "S15 ZZ9"
    desk.check()
    press(page, "c", "**edit=patient*")
    page.locator(".reach b", has_text="1 of the").wait_for()
    assert "would mean: Cancelled by patient" in page.locator(".reach").inner_text()
    desk.check()
    press(page, "Control+Enter", "**signal=*")
    draft = MappingRevision.objects.get(state="draft")
    assert draft.rules.get(filler_status="ZZ9").status == "cancelled"
    assert "draft: Cancelled by patient" in page.locator("tr[aria-current]").inner_text()
    assert SignalTally.objects.get(filler_status="ZZ9").events == 2
    desk.check()

    # Preview, and ask for approval.
    press(page, "p", "**/r2/preview/")
    desk.check()
    page = desk.open("/mappings/?source=desk")
    press(page, "a", "**/mappings/desk/r2/")
    assert "You worked on this revision; somebody else must approve it." in page.content()
    desk.check()

    approve_and_publish(desk, facts, ned)

    # The replay ends, the combination is gone, the exception is closed.
    Digester().drain()
    assert Replay.objects.latest("pk").state == ReplayState.DONE
    page = desk.open("/mappings/?source=desk")
    assert "ZZ9" not in page.locator("#rows").inner_text()
    exception.refresh_from_db()
    assert (exception.live_count, facts.visit("V1").status) == (0, "cancelled")
    page = desk.open("/mappings/?source=desk&view=mapped&q=zz9")
    assert page.locator("tr[data-row]").count() == 1


def approve_and_publish(desk, facts, ned):
    """The second person signs in, approves, and publishes from two days ago, with keys alone."""
    page = desk.page
    sign_in_by_keyboard(page, desk.address, ned)
    page.wait_for_url("**/mappings/desk/r2/")
    press(page, "a", "**/mappings/desk/r2/")
    assert MappingRevision.objects.get(number=2).state == "approved"
    page.keyboard.press("u")
    tab_to(page, "effective")
    if not page.locator("[name=effective][value=moment]").is_checked():  # it is where the draft was previewed
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    moment = (facts.now - 2 * DAY).astimezone(facts.source.zone)
    page.keyboard.type(f"{moment:%m%d%Y}")
    page.keyboard.press("Tab")
    page.keyboard.type(f"{moment:%I%M%p}")
    tab_to(page, "reason")
    page.keyboard.type("The vendor confirmed it.")
    desk.check()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert MappingRevision.objects.get(number=2).publications.count() == 1
    desk.check()


def test_no_mapping_page_breaks_a_rule(desk, facts, people, pictures):
    mia, _ = people
    desk.sign_in(mia)
    ids = {tally.trigger: tally.pk for tally in SignalTally.objects.all()}
    rule = facts.published[0].rules.earliest("pk").pk
    paths = {
        "all": "/mappings/",
        "pane": f"/mappings/?source=desk&signal={ids['S15']}",
        "edit": f"/mappings/?source=desk&signal={ids['S15']}&edit=bumped",
        "conflicts": "/mappings/?source=desk&view=conflicts",
        "ambiguous": "/mappings/?source=desk&view=ambiguous",
        "mapped": "/mappings/?source=desk&view=mapped",
        "never": "/mappings/?source=desk&view=never",
        "reasons": "/mappings/desk/reasons/",
        "reason": f"/mappings/desk/reasons/?signal={SignalTally.objects.get(filler_status='ZZ9').pk}",
        "leads": "/mappings/desk/precedence/",
        "packs": "/mappings/desk/packs/",
        "pack": "/mappings/desk/packs/?pack=hl7-0278",
        "rule": f"/mappings/desk/rules/?rule={rule}",
        "revision": "/mappings/desk/r1/",
        "compare": "/mappings/desk/compare/",
    }
    for name, path in paths.items():
        desk.open(path)
        if name == "edit":
            desk.page.locator(".reach b").first.wait_for()
        desk.check()
        desk.picture(pictures, f"mapping-{name}")
        desk.picture(pictures, f"mapping-{name}", width=1920, height=1080)


def test_what_a_person_typed_survives_somebody_faster(desk, facts, people, signed_in, pictures):
    mia, ned = people
    desk.sign_in(mia)
    zz9 = SignalTally.objects.get(filler_status="ZZ9").pk
    page = desk.open(f"/mappings/?source=desk&signal={zz9}&edit=bumped")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda address: "edit" not in address)
    page = desk.open(f"/mappings/?source=desk&signal={zz9}&edit=1")
    theirs = rule_data(trigger="S15", filler_status="ZZ9", event_reason="08", status="missed")
    draft = MappingRevision.objects.get(number=2)
    assert signed_in(ned).post("/mappings/desk/rules/keep/", theirs | of_draft(draft)).status_code == 302

    page.get_by_label("Remark").fill("As told by phone")
    page.get_by_label("Means").select_option("completed")
    page.keyboard.press("Control+Enter")
    page.locator(".notice h2").wait_for()
    desk.picture(pictures, "mapping-conflict")

    assert page.locator(".notice h2").inner_text() == "You both changed this row."
    assert "As told by phone" in page.locator(".compare").inner_text()
    desk.check()
    page.keyboard.press("m")
    page.wait_for_url("**/mappings/?*")
    rule = MappingRevision.objects.get(number=2).rules.get(filler_status="ZZ9")
    assert (rule.status, rule.remark) == ("completed", "As told by phone")


def test_the_round_works_without_scripts(browser, live_server, facts, people, desk):
    desk.sign_in(people[0])
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(desk.page.context.cookies())
    page = context.new_page()
    page.goto(f"{live_server.url}/mappings/?source=desk")
    page.locator("a.rowlink").first.click()
    page.get_by_role("link", name="Missed").click()
    page.get_by_role("button", name="Check").click()
    assert "1 of the" in page.locator(".reach").inner_text()
    page.get_by_role("button", name="Keep in draft").click()
    page.get_by_role("button", name="Ask for approval").click()

    assert MappingRevision.objects.get(number=2).state == "submitted"
    context.close()


@pytest.mark.parametrize("path", ["/mappings/", "pane", "/mappings/desk/packs/?pack=hl7-0278", "/mappings/desk/r1/"])
def test_no_mapping_page_scrolls_sideways_on_a_narrow_screen(desk, facts, people, path):
    desk.sign_in(people[0])
    desk.page.set_viewport_size({"width": 320, "height": 640})
    pane = f"/mappings/?source=desk&signal={SignalTally.objects.get(filler_status='ZZ9').pk}&edit=bumped"

    page = desk.open(pane if path == "pane" else path)

    assert page.evaluate("document.documentElement.scrollWidth") == 320
