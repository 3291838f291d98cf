"""Settings of exceptions in a real browser: a rule with its dry run, routing again, maintenance, by keyboard alone."""

import os
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import ClinicHours, Duty, DutySwap, Team
from accounts.vocabulary import Role
from exceptions.escalation import Plan, freeze
from exceptions.models import (
    EscalationPolicy,
    EscalationStep,
    IntegrationException,
    MaintenanceWindow,
    Notice,
    RoutingRule,
    WebhookEndpoint,
)
from exceptions.vocabulary import Severity, State
from tests.support.desk import make_desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOUR = timedelta(hours=1)


@pytest.fixture
def place(transactional_db):
    """A source with two clinics, three teams of which one catches all, two policies, and open items with nobody."""
    found: Any = make_desk()
    found.now = timezone.now().replace(microsecond=0)
    found.teams = {
        name: Team.objects.create(key=name.lower(), name=name, is_catch_all=name == "Everything else")
        for name in ("Imaging interfaces", "Mapping", "Everything else")
    }
    found.policy = EscalationPolicy.objects.create(name="Office hours", version=4, default_for=Severity.BLOCKING)
    EscalationStep.objects.create(policy=found.policy, no=0, wait=timedelta(minutes=30), target="duty", hours="clinic")
    EscalationStep.objects.create(policy=found.policy, no=1, wait=HOUR, target="team")
    card = found.clinics["CARD"]
    for weekday in range(5):
        ClinicHours.objects.create(clinic=card, weekday=weekday, opens=time(8), closes=time(17))
    frozen = freeze(Plan(found.policy.pk, 3, "Office hours", 0, ()))
    IntegrationException.objects.bulk_create(item(found, number, frozen) for number in range(41))
    return found


def item(found, number, frozen):
    return IntegrationException(
        fingerprint=number.to_bytes(16), check_id="unmapped_status", source=found.source, feed=found.feed,
        clinic=found.clinics["CARD" if number % 2 else "DERM"], raw=f"S15 {'ZZ' if number < 12 else 'Q'}{number}",
        severity=Severity.BLOCKING, state=State.OPEN, opened_at=found.now - HOUR, occurred_first=found.now - HOUR,
        occurred_last=found.now, live_count=number, occurrences=number, owner_team=found.teams["Mapping"],
        policy=frozen if number < 14 else freeze(Plan(found.policy.pk, 4, "Office hours", 0, ())),
        route={"rule": None, "name": "", "by": "check", "team": found.teams["Mapping"].pk, "person": None},
    )  # fmt: skip


@pytest.fixture
def ada(person, place):
    """Administrator everywhere, and in every team, so that rules find somebody."""
    ada = person(Role.ADMIN, first_name="Ada", last_name="Marsh")
    for team in place.teams.values():
        team.members.add(ada)
    return ada


@pytest.fixture
def full(place, ada):
    """Every page with rows: rules of which one fails, a week with gaps, windows in each state, an endpoint."""
    card, mapping = place.clinics["CARD"], place.teams["Mapping"]
    broken = Team.objects.create(key="gone", name="Dissolved team")
    for position, (name, more) in enumerate(
        (
            (
                "Codes of the old engine",
                {"team": place.teams["Imaging interfaces"], "families": ["mapping"], "raw_pattern": "^S15 ZZ"},
            ),
            ("Cardiology at night", {"team": broken, "clinic": card, "source": place.source}),
            (
                "Blocking mapping problems",
                {"team": mapping, "families": ["mapping", "identity"], "severities": [1], "person": ada},
            ),
            (
                "Silent feeds",
                {
                    "team": mapping,
                    "checks": ["unmapped_status"],
                    "is_active": False,
                    "feed": place.feed,
                    "source": place.source,
                },
            ),
        ),
        start=1,
    ):  # fmt: skip
        RoutingRule.objects.create(position=position, name=name, **more)
    for weekday in range(5):
        Duty.objects.create(
            team=mapping, person=ada, weekday=weekday, starts=time(8), ends=time(18), timezone="America/Chicago"
        )
    DutySwap.objects.create(
        team=mapping, person=None, on=place.now.date() + timedelta(days=1), starts=time(10), ends=time(12),
        timezone="America/Chicago", reason="Staff meeting",
    )  # fmt: skip
    for name, begins, hours, more in (
        ("Interface engine upgrade", -1, 3, {"clinic": card}),
        ("Database patch", 30, 4, {}),
        ("Certificate change", -50, 2, {"rechecked_at": place.now - 47 * HOUR}),
    ):
        MaintenanceWindow.objects.create(
            name=name, source=place.source, starts_at=place.now + begins * HOUR,
            ends_at=place.now + (begins + hours) * HOUR, made_by=ada, made_at=place.now, **more,
        )  # fmt: skip
    pager = WebhookEndpoint.objects.create(
        name="On-call pager", url="https://pager.example/T0", style="slack", secret="s"
    )
    for number, state in enumerate(("sent", "failed", "sent")):
        Notice.objects.create(
            key=f"n{number}", kind="step", channel="webhook", endpoint=pager, sentence="Unmapped status, Cardiology",
            created_at=place.now - number * HOUR, send_after=place.now, deadline_at=place.now, state=state,
            settled_at=place.now - number * HOUR, problem="The answer was 500." if state == "failed" else "", tries=3,
        )  # fmt: skip
    return place


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


def tab_to(page, name):
    """Press Tab until the field of this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    pytest.fail(f"Tab never came to {name}")


def test_rule_is_tried_saved_and_what_it_concerns_routed_again_by_keyboard(desk, place, ada):
    desk.sign_in(ada)
    page = desk.open("/exceptions/routing/")
    press(page, "c", "**/routing/new/")
    tab_to(page, "name")
    page.keyboard.type("Codes of the old engine")
    tab_to(page, "team")
    page.keyboard.type("Imaging")
    tab_to(page, "raw_pattern")
    page.keyboard.type("^S15 ZZ")
    press(page, "Control+Enter", "**/routing/add/")

    assert page.locator(".headline p").first.inner_text() == "12 of 41 open items would change owner."
    assert RoutingRule.objects.count() == 0
    desk.check()
    press(page, "s", "**/routing/again/")
    assert RoutingRule.objects.get().raw_pattern == "^S15 ZZ"
    assert page.locator(".headline p").first.inner_text() == "12 of 41 open items belong elsewhere."
    desk.check()
    press(page, "a", "**/exceptions/routing/")

    imaging = place.teams["Imaging interfaces"]
    assert IntegrationException.objects.filter(owner_team=imaging).count() == 12
    assert "12 routed again." in page.locator("[data-toast]").inner_text()
    desk.check()


def test_maintenance_is_started_and_ended_by_keyboard(desk, place, ada):
    desk.sign_in(ada)
    page = desk.open("/exceptions/maintenance/")
    tab_to(page, "name")
    page.keyboard.type("Interface engine upgrade")
    tab_to(page, "place")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")

    window = MaintenanceWindow.objects.get()
    assert (window.name, window.source, window.ends_at - window.starts_at) == (
        "Interface engine upgrade", place.source, 2 * HOUR,
    )  # fmt: skip
    assert "Running" in page.locator("tr[data-row]").inner_text()
    desk.check()
    assert "nobody is told until it ends" in desk.open("/exceptions/").locator(".banner").inner_text()
    page = desk.open("/exceptions/maintenance/")
    page.get_by_role("button", name="End now").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")

    window.refresh_from_db()
    assert window.ended_at is not None


PAGES = {
    "routing": "/exceptions/routing/",
    "rule": "/exceptions/routing/{rule}/",
    "rule-new": "/exceptions/routing/new/",
    "again": "/exceptions/routing/again/",
    "policies": "/exceptions/policies/",
    "policy": "/exceptions/policies/{policy}/?opens=2026-10-30T17:30&clinic={clinic}&team={team}",
    "policy-new": "/exceptions/policies/new/",
    "duties": "/exceptions/duties/{team}/",
    "maintenance": "/exceptions/maintenance/",
    "endpoint": "/exceptions/endpoints/{endpoint}/",
    "home": "/",
    "feeds": "/feeds/",
}


def test_no_settings_page_breaks_a_rule(desk, full, ada, pictures):
    desk.sign_in(ada)
    ids = {
        "rule": RoutingRule.objects.earliest("position").pk, "policy": full.policy.pk,
        "team": full.teams["Mapping"].pk, "clinic": full.clinics["CARD"].pk,
        "endpoint": WebhookEndpoint.objects.get().pk,
    }  # fmt: skip
    for name, path in PAGES.items():
        desk.open(path.format(**ids))
        desk.check()
        desk.picture(pictures, f"settings-{name}")
        desk.picture(pictures, f"settings-{name}", width=1920, height=1080)


def test_no_empty_or_refused_settings_page_breaks_a_rule(desk, transactional_db, person, pictures):
    desk.sign_in(person(Role.ADMIN))
    for name in ("routing", "policies", "duties", "maintenance", "endpoints"):
        desk.open(f"/exceptions/{name}/")
        desk.check()
        desk.picture(pictures, f"settings-empty-{name}")
    page = desk.open("/exceptions/endpoints/?new=1")
    with page.expect_navigation():
        page.get_by_role("button", name="Add").click()
    desk.check()
    desk.picture(pictures, "settings-error-endpoint")


@pytest.mark.parametrize("name", ["routing", "policies", "duties", "maintenance", "endpoint", "rule", "policy"])
def test_no_settings_page_scrolls_sideways_on_a_narrow_screen(desk, full, ada, name):
    desk.sign_in(ada)
    desk.page.set_viewport_size({"width": 320, "height": 640})
    ids = {
        "rule": RoutingRule.objects.earliest("position").pk, "policy": full.policy.pk,
        "team": full.teams["Mapping"].pk, "clinic": full.clinics["CARD"].pk,
        "endpoint": WebhookEndpoint.objects.get().pk,
    }  # fmt: skip

    page = desk.open(PAGES[name].format(**ids))

    assert page.evaluate("document.documentElement.scrollWidth") == 320
