"""The message lab in a real browser: both themes, the keyboard alone, no broken rule."""

import pytest
from django.utils import timezone

from accounts.vocabulary import Role
from scheduling.models import Message
from tests.support.desk import DAY, HOUR, make_desk
from tests.support.messages import siu

pytestmark = pytest.mark.browser


@pytest.fixture
def facts(db):
    """One visit that stands and one that is held, at the real now."""
    place = make_desk()
    start = timezone.now().replace(microsecond=0) + DAY
    place.now = start - DAY
    place.take(
        siu("S12", visit="V1", at=place.now - HOUR, starts_at=start),
        siu("S12", visit="V2", at=place.now - HOUR, starts_at=start + DAY, status="ZZ9", patient="N-2"),
    )
    return place


@pytest.fixture
def mara(person, facts):
    return person(Role.MAPPING, source=facts.source, first_name="Mara", last_name="Okoye")


def cancellation(facts, status="Cancelled"):
    return siu("S15", visit="V1", at=facts.now, starts_at=facts.now + DAY, status=status).decode().replace("\r", "\n")


def test_the_lab_breaks_no_rule_before_and_after_a_run(desk, facts, mara):
    desk.sign_in(mara)
    page = desk.open("/mappings/lab/")
    desk.check()

    for status in ("Cancelled", "ZZ9", ""):
        page.locator("[data-lab-text]").fill(cancellation(facts, status) if status else "no message")
        page.get_by_role("button", name="Run message").click()
        page.wait_for_selector("[data-lab-stage]")
        page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true })")
        desk.check()


def test_a_message_is_pasted_run_and_walked_through_by_keys_alone(desk, facts, mara):
    desk.sign_in(mara)
    page = desk.open("/mappings/lab/")

    page.keyboard.press("p")
    page.keyboard.insert_text(cancellation(facts))
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-lab-stage]")
    heads = []
    for _ in range(7):
        page.keyboard.press("]")
        heads.append(page.evaluate("document.activeElement.textContent"))
    page.keyboard.press("[")

    assert heads == ["Envelope", "Fields", "Facts", "Meaning", "Appointment", "Checks", "Decisions"]
    assert page.evaluate("document.activeElement.textContent") == "Checks"
    assert "booked → cancelled" in page.locator("#stage-5").inner_text()
    assert "Quill" not in page.url
    assert "Quill" not in page.locator(".message").inner_text()


def test_a_change_stands_beside_what_it_changes(desk, facts, mara):
    desk.sign_in(mara)
    page = desk.open("/mappings/lab/")

    for status in ("Cancelled", "ZZ9"):
        page.locator("[data-lab-text]").fill(cancellation(facts, status))
        page.get_by_role("button", name="Run message").click()
        page.wait_for_function(
            "(code) => document.querySelector('.lab__signals')?.textContent.includes(code)", arg=status
        )

    assert "Meaning" in page.locator(".lab__beside b").inner_text()
    assert page.locator("#stage-4 .lab__was").inner_text().startswith("Before Cancelled")
    assert "Cancelled" in page.get_by_label("Before your change").input_value()


def test_an_example_is_loaded_and_run_by_keys(desk, facts, mara):
    desk.sign_in(mara)
    page = desk.open("/mappings/lab/")

    page.keyboard.press("e")
    page.wait_for_function("document.querySelector('[data-lab-text]').value.startsWith('MSH|')")
    page.keyboard.press("n")
    page.wait_for_selector("[data-lab-stage]")

    assert page.locator("[data-lab-stage]").count() == 7
    assert page.locator("#stage-2").inner_text().startswith("Fields")


def test_a_stored_message_opens_in_the_lab_from_its_page(desk, facts, mara):
    desk.sign_in(mara)
    page = desk.open(f"/messages/{Message.objects.earliest('pk').pk}/")

    page.keyboard.press("l")
    page.wait_for_url("**/mappings/lab/?message=*")

    assert "a new appointment, booked" in page.locator("#stage-5").inner_text()
    desk.check()


def test_the_lab_does_not_scroll_sideways_on_a_narrow_screen(desk, facts, mara):
    desk.sign_in(mara)
    desk.page.set_viewport_size({"width": 320, "height": 640})

    page = desk.open(f"/mappings/lab/?message={Message.objects.earliest('pk').pk}")

    assert page.evaluate("document.documentElement.scrollWidth") == 320
