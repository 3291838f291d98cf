"""The queue in a real browser: list, pane, keys, in both themes."""

import os
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import Clinic, ClinicLaunchMode, Source, Team
from accounts.vocabulary import Role
from recovery.decisions import QUEUE_DECISIONS
from recovery.models import Attempt, ContactPolicy, QueueItem
from recovery.vocabulary import Family, ItemState
from scheduling.folding.order import order_key
from scheduling.models import Appointment, Feed, FeedProof, Patient, PatientVersion
from scheduling.vocabulary import FeedFormat, LaunchMode, Status, Transport

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Somewhere it is the middle of the day.
ZONES = [
    "UTC",
    "America/Chicago",
    "America/Los_Angeles",
    "Pacific/Auckland",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Pacific/Honolulu",
]
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
    page.locator("#pane [data-stay]").wait_for()


@pytest.fixture
def second_window(browser, live_server, signed_in, settings):
    """Open the desk as another person in a browser of their own."""
    contexts = []

    def window(user, path):
        contexts.append(browser.new_context())
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": signed_in(user).cookies[name].value, "url": live_server.url}
        contexts[-1].add_cookies([cookie])
        page = contexts[-1].new_page()
        page.goto(f"{live_server.url}{path}")
        return page

    yield window
    for context in contexts:
        context.close()


@pytest.fixture
def chances():
    """Eleven bumped visits of one live clinic, each of a person who may be called at any hour of the test."""
    now = timezone.now().replace(microsecond=0)
    noon_zone = next(zone for zone in ZONES if 10 <= now.astimezone(ZoneInfo(zone)).hour <= 16)
    source = Source.objects.create(key="noon", name="Noon EHR", timezone=noon_zone, created_at=now)
    clinic = Clinic.objects.create(source=source, key="noon", name="Noon clinic", timezone=noon_zone)
    feed = Feed.objects.create(
        source=source, key="noon", name="Noon feed", format=FeedFormat.HL7V2, transport=Transport.MLLP
    )
    FeedProof.objects.create(feed=feed, digested_to=now + 5 * MINUTE)
    ContactPolicy.objects.create(
        clinic=clinic, valid_from=now - DAY, recorded_at=now - DAY, weekdays_from=time(0), weekdays_until=time(23, 59),
        sundays_from=time(0), sundays_until=time(23, 59), most_calls_a_day=2,
    )  # fmt: skip
    for decision in QUEUE_DECISIONS:
        ClinicLaunchMode.objects.create(
            clinic=clinic, decision=decision, mode=LaunchMode.LIVE, valid_from=now - DAY, recorded_at=now
        )
    return [bumped(clinic, number, now) for number in range(11)]


def bumped(clinic, number, now):
    """One bumped visit, as a batch leaves it: the person's statement and the item."""
    phone = f"31255501{number:02}"
    points = [["phone", "mobile", phone, None, None]]
    patient = Patient.objects.create(
        source=clinic.source, authority="A", mrn=f"B-{number}", family=f"Family{number}", given="Given", as_of=b"",
        phones_home=points,
    )  # fmt: skip
    PatientVersion.objects.create(
        patient=patient, recorded_at=now - DAY, valid_from=now - DAY, is_effective=True,
        order_key=order_key(now - DAY, None, "1", b"1"), statement={"phones_home": points},
    )  # fmt: skip
    starts_at = now - (number + 1) * HOUR
    visit = Appointment.objects.create(
        source=clinic.source, clinic=clinic, namespace="", external_id=f"B-{number}", occurrence="", patient=patient,
        status=Status.BUMPED, status_at=now, starts_at=starts_at, minutes=30, events=2, said_at=now, heard_at=now,
        order_key=b"", resource="OKAFOR", visit_type="ECHO",
    )  # fmt: skip
    return QueueItem.objects.create(
        family=Family.REBOOK_BUMPED, subject=f"B-{number}", source=clinic.source, clinic=clinic, appointment=visit,
        patient=patient, resource="OKAFOR", starts_at=starts_at, minutes=30, visit_type="ECHO", cause="bumped",
        lost_at=now - HOUR, heard_at=now - HOUR, ready_from=now - HOUR, useful_until=now + 20 * DAY, value=4, reach=3,
        risk=2, weight=24 - number, reasons=[], level=0, state=ItemState.OPEN, opened_at=now - HOUR, version=1,
    )  # fmt: skip


def test_ten_items_are_worked_with_the_keyboard_alone(desk, person, chances, pictures):
    worker = person(Role.ACCESS, first_name="Ruth")
    desk.sign_in(worker)
    page = desk.open("/recovery/")
    for number in range(10):
        with page.expect_navigation():
            page.keyboard.press("n")
        page.locator("#pane [data-stay]").wait_for()
        if number == 0:
            desk.check()
            desk.picture(pictures, "queue-mine")
            desk.picture(pictures, "queue-mine", width=1920, height=1080)
        page.keyboard.press("c")
        page.locator("form[data-outcome][data-ready]").wait_for()
        if number == 0:
            page.wait_for_timeout(300)
            desk.check()
            desk.picture(pictures, "queue-call")
        page.keyboard.type("No answer")
        assert page.locator("[name=next_step]").input_value() == "try_again"
        while page.evaluate("document.activeElement.name") != "note":
            page.keyboard.press("Tab")
        page.keyboard.type("Rang ten times")
        page.keyboard.press("Enter")
        page.get_by_text("Call by Ruth: no answer.").wait_for()
    desk.check()
    desk.picture(pictures, "queue-outcome")

    assert Attempt.objects.filter(actor=worker, outcome="no_answer", next_step="try_again").count() == 10
    assert QueueItem.objects.filter(claimed_by__isnull=False).count() == 0
    assert QueueItem.objects.filter(tries=1).count() == 10


def test_two_people_meet_on_one_item(desk, second_window, person, chances, pictures):
    ruth, omar = person(Role.ACCESS, first_name="Ruth"), person(Role.ACCESS, first_name="Omar")
    item = chances[0]
    desk.sign_in(ruth)
    page = desk.open(f"/recovery/?item={item.pk}")
    other = second_window(omar, f"/recovery/?item={item.pk}")

    other.keyboard.press("a")
    other.locator("#pane [data-stay]").wait_for()
    page.get_by_text("Omar took it.").wait_for(timeout=15_000)
    page.keyboard.press("a")
    page.locator("#pane [role=alert]").wait_for()

    assert "Omar works on it since" in page.locator("#pane [role=alert]").inner_text()
    assert "Omar, since" in page.locator(f"#row-{item.pk}").inner_text()
    desk.check()
    desk.picture(pictures, "queue-collision")
    item.refresh_from_db()
    assert item.claimed_by == omar


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
