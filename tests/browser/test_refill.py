"""A freed slot in a real browser: chosen and offered by keys alone, the words read before they go."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from accounts.vocabulary import Role
from recovery.models import Attempt, ContactPolicy, Offer, Outbound, QueueItem
from recovery.vocabulary import Family, ItemState, Topic
from scheduling.folding.order import order_key
from scheduling.models import Appointment, Patient, PatientVersion
from scheduling.vocabulary import Status
from tests.browser.test_queue import chances as chances  # noqa: PLC0414 - a fixture
from tests.browser.test_queue import pictures as pictures  # noqa: PLC0414 - a fixture
from tests.recovery.refills import free_type
from tests.support.wordings import approve_text

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def slot(chances, settings):
    """A slot of the live clinic in 30 hours, with three people who could take it; texts leave by the local gateway."""
    settings.OUTREACH_TEXT = settings.OUTREACH_EMAIL = "local"
    clinic, now = chances[0].clinic, timezone.now().replace(microsecond=0)
    free_type(clinic)
    ContactPolicy.objects.create(
        clinic=clinic, valid_from=now - HOUR, recorded_at=now - HOUR, weekdays_from=time(0),
        weekdays_until=time(23, 59), sundays_from=time(0), sundays_until=time(23, 59),
        practice="Noon clinic", callback="312-555-0100",
    )  # fmt: skip
    approve_text("en", topic=Topic.REFILL)
    starts_at = now + 30 * HOUR
    left = visit(clinic, 90, starts_at, Status.CANCELLED, now)
    for number, days in enumerate((4, 12, 30)):
        visit(clinic, 91 + number, starts_at + days * DAY, Status.BOOKED, now)
    return QueueItem.objects.create(
        family=Family.REFILL, subject="slot", source=clinic.source, clinic=clinic, appointment=left, resource="OKAFOR",
        starts_at=starts_at, minutes=30, visit_type="ECHO", cause="cancelled", initiator="patient", lost_at=now - HOUR,
        heard_at=now - HOUR, ready_from=now - HOUR, useful_until=starts_at - HOUR, value=4, reach=3, risk=2, weight=99,
        reasons=[], level=0, state=ItemState.OPEN, opened_at=now - HOUR, version=1,
    )  # fmt: skip


def visit(clinic, number, starts_at, status, now):
    """A visit of somebody with a mobile and an address."""
    points = [["phone", "mobile", f"31255502{number:02}", None, None], ["email", "home", "ada@example.org", None, None]]
    patient = Patient.objects.create(
        source=clinic.source, authority="A", mrn=f"R-{number}", family=f"Reyes{number}", given="Ada", as_of=b"",
        phones_home=points,
    )  # fmt: skip
    PatientVersion.objects.create(
        patient=patient, recorded_at=now - DAY, valid_from=now - DAY, is_effective=True,
        order_key=order_key(now - DAY, None, "1", b"1"), statement={"phones_home": points},
    )  # fmt: skip
    return Appointment.objects.create(
        source=clinic.source, clinic=clinic, namespace="", external_id=f"R-{number}", occurrence="", patient=patient,
        status=status, status_at=now, starts_at=starts_at, minutes=30, events=2, said_at=now, heard_at=now,
        booked_at=now - number * DAY, order_key=b"", resource="OKAFOR", visit_type="ECHO", visit_type_name="Echo",
        provider_name="Okafor",
    )  # fmt: skip


def test_a_slot_is_offered_by_keys_and_its_words_are_read_first(desk, person, slot, pictures):
    desk.sign_in(person(Role.ACCESS, first_name="Ruth"))
    page = desk.open("/recovery/?split=refill")
    with page.expect_navigation():
        page.keyboard.press("n")
    page.locator("#candidates .fit").first.wait_for()
    desk.check()
    desk.picture(pictures, "refill")
    desk.picture(pictures, "refill", width=1920, height=1080)

    page.keyboard.press("2")
    chosen = page.locator("#candidates input:checked").get_attribute("value")
    page.keyboard.press("t")
    page.locator(".pane__foot--message .script").wait_for()
    desk.check()
    desk.picture(pictures, "refill-words")
    words = page.locator(".pane__foot--message .script").inner_text()
    page.keyboard.press("Enter")
    page.locator("#pane .offers").wait_for()
    page.locator("#candidates .fit").first.wait_for()
    desk.check()
    desk.picture(pictures, "refill-offered")

    offer, sent = Offer.objects.get(), Outbound.objects.get()
    assert chosen == f"-{offer.appointment_id}"
    assert sent.body in words


def test_escape_goes_back_to_the_people_and_a_call_begins_there(desk, person, slot):
    desk.sign_in(person(Role.ACCESS, first_name="Ruth"))
    page = desk.open("/recovery/?split=refill")
    with page.expect_navigation():
        page.keyboard.press("n")
    page.locator("#candidates .fit").first.wait_for()

    page.keyboard.press("s")
    page.get_by_text("You tell them yourself, by phone or in person.").wait_for()
    page.keyboard.press("Escape")
    page.locator(".pane__foot--choose [data-key=c]").wait_for()
    page.keyboard.press("c")
    page.locator("form[data-outcome][data-ready]").wait_for()

    assert Attempt.objects.count() == 1
    assert Offer.objects.count() == 0


def test_nothing_of_a_page_stays_in_the_browsers_history(desk, person, slot):
    desk.sign_in(person(Role.ACCESS))
    page = desk.open("/recovery/")
    for number in range(2):
        page.locator("a.rowlink").nth(number).click()
        page.locator("#pane .verdict").wait_for()
    page.go_back()
    page.locator("tr[data-row]").first.wait_for()

    kept = page.evaluate(
        "[...Object.keys(sessionStorage), ...Object.keys(localStorage)].filter((key) => /history-cache/.test(key))"
    )

    assert kept == []


def test_no_page_of_refills_breaks_a_rule(desk, person, slot):
    desk.sign_in(person(Role.SUPERVISOR))
    for address in (
        f"/recovery/{slot.pk}/candidates/",
        "/recovery/settings/visits/",
        "/recovery/settings/offers/",
        "/recovery/settings/tries/",
        "/recovery/waitlist/",
    ):
        desk.open(address)
        desk.check()
