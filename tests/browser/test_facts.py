"""The facts pages in a real browser: both themes, keys, no broken rule."""

import pytest
from django.utils import timezone

from accounts.vocabulary import Role
from scheduling.models import MappedEvent, Message, Receipt, SignalTally
from scheduling.vocabulary import MappingOutcome, Outcome
from tests.support.desk import DAY, HOUR, make_desk
from tests.support.messages import merge, siu

pytestmark = pytest.mark.browser


@pytest.fixture
def facts(db):
    """Some visits at the real now: one certain, one held, one moved, one of a merged patient; a rejected message."""
    place = make_desk()
    start = timezone.now().replace(microsecond=0) + HOUR
    place.now = start - HOUR
    heard = place.now - HOUR
    place.take(
        siu("S12", visit="V1", at=heard, starts_at=start),
        siu("S12", visit="V2", at=heard, starts_at=start + DAY, status="ZZ9", patient="N-2"),
        siu("S12", visit="V3", at=heard, starts_at=start + DAY),
        siu("S13", visit="V3", at=heard + HOUR / 2, starts_at=start + 2 * DAY),
        siu("S12", visit="V4", at=heard, starts_at=start + 3 * DAY, patient="N-4"),
        merge(at=heard, survivor="N-1", retired="N-4"),
        b"no message at all",
    )
    return place


@pytest.fixture
def milo(person, facts):
    return person(Role.INTEGRATION, Role.MAPPING, source=facts.source, first_name="Milo", last_name="Anselm")


def paths_of(facts):
    held = MappedEvent.objects.exclude(mapping=MappingOutcome.MAPPED).get()
    rejected = Receipt.objects.get(outcome=Outcome.REJECTED)
    visits = [facts.visit(name) for name in ("V1", "V2", "V3", "V4")]
    return [
        "/appointments/",
        f"/appointments/?split=uncertain&item={visits[1].pk}",
        "/appointments/?split=missed",
        *(f"/appointments/{visit.pk}/" for visit in visits),
        f"/patients/{visits[3].patient_id}/",
        f"/messages/{held.message_id}/",
        f"/messages/{rejected.pk}/",
        "/feeds/",
        f"/feeds/{facts.feed.key}/",
        f"/feeds/{facts.feed.key}/messages/?outcome=held",
        "/mappings/",
        f"/mappings/?source={facts.source.key}&signal={SignalTally.objects.get(filler_status='ZZ9').pk}",
        f"/mappings/{facts.source.key}/r1/",
    ]


def test_no_facts_page_breaks_a_rule(desk, facts, milo):
    desk.sign_in(milo)

    for path in paths_of(facts):
        desk.open(path)
        desk.check()


def test_keys_lead_from_the_list_to_the_message(desk, facts, milo):
    desk.sign_in(milo)
    page = desk.open("/appointments/")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**item=*")
    assert page.locator("#pane h2").inner_text() == "Ada Quill"
    page.keyboard.press("o")
    page.wait_for_url(f"**/appointments/{facts.visit('V1').pk}/")
    page.locator(".events a[href^='/messages/']").first.click()

    assert page.locator("h1").inner_text().startswith("Message ")
    assert page.locator(".message .masked").count() > 0
    assert "Quill" not in page.locator(".message").inner_text()


def test_values_are_shown_for_a_reason_and_masked_again(desk, facts, milo):
    desk.sign_in(milo)
    event = MappedEvent.objects.get(appointment=facts.visit("V1"))
    page = desk.open(f"/messages/{event.message_id}/")

    page.get_by_label("Why you need to see them").fill("The source asks what we received")
    page.get_by_role("button", name="Show values").click()
    assert "Quill" in page.locator(".message").inner_text()
    desk.check()
    page.get_by_role("link", name="Mask again").click()

    assert "Quill" not in page.locator(".message").inner_text()


def test_a_search_leaves_nothing_in_the_address(desk, facts, milo):
    desk.sign_in(milo)
    page = desk.open("/appointments/")

    page.keyboard.press("/")
    page.keyboard.type("Quill")
    page.keyboard.press("Enter")
    page.wait_for_url("**/appointments/?found=*")

    assert "Quill" not in page.url
    assert page.locator("tr[data-row]").count() == 4
    desk.check()


@pytest.mark.parametrize("path", ["/appointments/", "/feeds/", "/mappings/", "message", "visit"])
def test_no_facts_page_scrolls_sideways_on_a_narrow_screen(desk, facts, milo, path):
    desk.sign_in(milo)
    desk.page.set_viewport_size({"width": 320, "height": 640})
    named = {
        "message": f"/messages/{Message.objects.earliest('pk').pk}/",
        "visit": f"/appointments/{facts.visit('V2').pk}/",
    }

    page = desk.open(named.get(path, path))

    assert page.evaluate("document.documentElement.scrollWidth") == 320
