"""Visits at risk in a real browser: a clinic is switched on by keyboard, no page breaks a rule in either theme."""

import pytest
from django.utils import timezone

from accounts.models import ClinicLaunchMode
from accounts.vocabulary import Role
from recovery.models import RiskPolicy, RiskScore
from recovery.services.decide_risks import decide_risks
from scheduling.vocabulary import Decision, LaunchMode
from tests.support.desk import DAY, HOUR, make_desk
from tests.support.messages import siu

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def visit():
    """A scored visit at a clinic that is live for confirming, on the real clock."""
    now = timezone.now()
    world = make_desk()
    ClinicLaunchMode.objects.create(
        clinic=world.clinics["CARD"], decision=Decision.CONFIRM, mode=LaunchMode.LIVE, valid_from=now - DAY,
        recorded_at=now - DAY,
    )  # fmt: skip
    world.take(siu("S12", visit="V1", at=now - DAY, starts_at=now + 2 * DAY), now=now)
    visit = world.visit("V1")
    RiskScore.objects.create(
        appointment=visit, model="acme-3", score=0.34, scored_at=now - HOUR, recorded_at=now - HOUR,
        reason="Missed 2 of 5",
    )  # fmt: skip
    return visit


def test_clinic_is_switched_on_by_keyboard_and_no_page_breaks_a_rule(desk, person, visit):
    desk.sign_in(person(Role.LAUNCH, Role.SUPERVISOR, first_name="Lea", last_name="Marsh"))
    page = desk.open(f"/recovery/risk/clinics/?clinic={visit.clinic_id}")
    desk.check()

    page.get_by_label("Call people at risk").focus()
    page.keyboard.type("On")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("acme-3")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=Kept. It counts from now on")
    desk.check()
    assert list(RiskPolicy.objects.values_list("is_on", "model", "clinic")) == [(True, "acme-3", visit.clinic_id)]

    decide_risks(timezone.now())
    for address in (
        "/recovery/risk/",
        "/recovery/risk/?trial=1",
        "/recovery/risk/scores/",
        f"/appointments/{visit.pk}/",
    ):
        desk.open(address)
        desk.check()
    told = page.locator("main").inner_text()
    assert "acme-3 expects 34 of 100 such visits to be missed." in told
    assert "Missed 2 of 5." in told
