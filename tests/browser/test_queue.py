"""The queue in a real browser: list, pane, keys, in both themes."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import Clinic, ClinicLaunchMode, Source, Team
from accounts.vocabulary import Role
from recovery.decisions import QUEUE_DECISIONS
from recovery.models import QueueItem
from recovery.vocabulary import Family, ItemState
from scheduling.models import Appointment, Feed, FeedProof, Patient
from scheduling.vocabulary import FeedFormat, LaunchMode, Status, Transport

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MOBILE = [["phone", "mobile", "(312) 555-0142", None, None]]
PEOPLE = [
    ("Wren", "Halloway", {}), ("Bram", "Thistle", {}), ("Juniper", "Ashgrove", {"vip": "Y"}),
    ("Ottoline", "Pryce", {"language": "es"}), ("Caspian", "Rook", {"phones_home": None}),
    ("Ignatius", "Bell", {}), ("Marguerite", "Vane", {"portal": "active"}), ("Rosalind", "Vey", {}),
]  # fmt: skip


@pytest.fixture
def busy():
    """Three clinics of three sources; one is stale. Rows as a batch leaves them, without the messages."""
    now = timezone.now().replace(microsecond=0)
    made = []
    for place, (name, zone, age) in enumerate(
        [("Cardiology", "America/Chicago", 1), ("Imaging", "America/Denver", 22), ("Pediatrics", "America/New_York", 8)]
    ):
        source = Source.objects.create(key=f"s{place}", name=f"{name} EHR", timezone=zone, created_at=now)
        clinic = Clinic.objects.create(source=source, key=name.lower(), name=name, timezone=zone)
        team, _ = Team.objects.get_or_create(key=f"t{place}", name=f"{name} interfaces")
        feed = Feed.objects.create(
            source=source, key=f"f{place}", name=f"{name} feed", format=FeedFormat.HL7V2, transport=Transport.MLLP,
            owner_team=team,
        )  # fmt: skip
        FeedProof.objects.create(feed=feed, digested_to=now - age * MINUTE)
        for decision in QUEUE_DECISIONS:
            ClinicLaunchMode.objects.create(
                clinic=clinic, decision=decision, mode=LaunchMode.LIVE, valid_from=now - DAY, recorded_at=now
            )
        made += [row(clinic, place, number, now) for number in range(len(PEOPLE))]
    return made


def row(clinic, place, number, now):
    """One item; the families take turns."""
    given, family_name, fields = PEOPLE[number]
    patient = Patient.objects.create(
        source=clinic.source, authority="A", mrn=f"N-{place}{number:06}", family=family_name, given=given, as_of=b"",
        **{"phones_home": MOBILE, "language": "en", **fields},
    )  # fmt: skip
    family = list(Family)[number % 3]
    is_refill = family == Family.REFILL
    starts_at = now + (40 + 55 * number) * MINUTE if is_refill else now - (number + 20) * HOUR
    status = {Family.REFILL: Status.CANCELLED, Family.REBOOK_MISSED: Status.MISSED}.get(family, Status.BUMPED)
    visit = Appointment.objects.create(
        source=clinic.source, clinic=clinic, namespace="", external_id=f"{place}-{number}", occurrence="",
        patient=patient, status=status, status_at=now - 8 * MINUTE, starts_at=starts_at, minutes=30, events=2,
        said_at=now, heard_at=now, order_key=b"", resource="OKAFOR", provider_name="Okafor", visit_type="ECHO",
        visit_type_name="Echo",
    )  # fmt: skip
    later(clinic, f"{place}-{number}-later", starts_at + (5 + number) * DAY, now)
    lost_at = now - (8 + 7 * number) * MINUTE
    level = 2 if number == 4 else 1 if patient.vip else 0
    reasons = [[["restricted", "missed_by_timer"][level - 1], level, ""]] if level else []
    return QueueItem.objects.create(
        family=family, subject=f"{place}-{number}", source=clinic.source, clinic=clinic, appointment=visit,
        patient=None if is_refill else patient, resource="OKAFOR", starts_at=starts_at, minutes=30, visit_type="ECHO",
        cause=status if is_refill else status.value, initiator="patient", set_by="timer" if number == 4 else None,
        lost_at=lost_at, heard_at=lost_at + MINUTE, ready_from=lost_at,
        useful_until=starts_at - 35 * MINUTE if is_refill else starts_at + 30 * DAY, value=2, reach=3, risk=2,
        weight=12, reasons=reasons, level=level, state=ItemState.OPEN,
        opened_at=now - 7 * MINUTE, version=1,
    )  # fmt: skip


def later(clinic, name, starts_at, now):
    """Somebody with a visit of the same kind later on."""
    patient = Patient.objects.create(
        source=clinic.source, authority="A", mrn=f"L-{name}", family=f"Later {name}", given="Sol", as_of=b"",
        phones_home=MOBILE,
    )  # fmt: skip
    Appointment.objects.create(
        source=clinic.source, clinic=clinic, namespace="", external_id=name, occurrence="", patient=patient,
        status=Status.BOOKED, starts_at=starts_at, minutes=30, events=1, booked_at=now - 20 * DAY, said_at=now,
        heard_at=now, order_key=b"", resource="ABARA", visit_type="ECHO",
    )  # fmt: skip


@pytest.fixture
def pictures(tmp_path):
    """Where pictures go: PICTURES in the environment keeps them."""
    folder = Path(os.environ.get("PICTURES", tmp_path))
    folder.mkdir(exist_ok=True)
    return folder


def test_the_queue_is_worked_with_the_keyboard(desk, person, busy, pictures):
    desk.sign_in(person(Role.ACCESS))
    page = desk.open("/recovery/")
    desk.check()
    desk.picture(pictures, "queue")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.locator("#pane .verdict").wait_for()

    second = page.locator("tr[data-row]").nth(1)
    assert second.get_attribute("aria-current") == "true"
    assert page.locator("tr[aria-current]").count() == 1
    assert "item=" in page.url
    desk.check()
    desk.picture(pictures, "queue-pane")
    desk.picture(pictures, "queue-pane", width=1920, height=1080)
    with page.expect_navigation():
        page.keyboard.press("n")
    assert page.locator("tr[aria-current]").count() == 1


def test_every_kind_of_item_opens_on_a_page_of_its_own(desk, person, busy, pictures):
    desk.sign_in(person(Role.ACCESS))
    for item in busy[:5]:
        desk.open(f"/recovery/{item.pk}/")
        desk.check()
        desk.picture(pictures, f"item-{item.family}-{item.level}")


def test_a_split_without_rows_says_so(desk, person, busy, pictures):
    desk.sign_in(person(Role.ACCESS))
    page = desk.open("/recovery/?split=bumped&verdict=warn&data=old")

    assert page.get_by_text("Nothing matches this view.").is_visible()
    desk.check()
    desk.picture(pictures, "queue-empty")


def test_today_leads_to_the_queue(desk, person, busy, pictures):
    desk.sign_in(person(Role.ACCESS))
    page = desk.open("/")
    desk.check()
    desk.picture(pictures, "home", width=1440, height=900)

    page.keyboard.press("n")
    page.wait_for_url("**/recovery/")


def test_the_queue_works_without_scripts(browser, live_server, person, busy, signed_in, settings):
    client = signed_in(person(Role.ACCESS))
    context = browser.new_context(java_script_enabled=False)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/recovery/")

    page.locator("a.rowlink").first.click()

    assert page.locator("#pane .verdict").is_visible()
    context.close()
