"""What the recovery floor adds to the appointment page and to the feeds page."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import ClinicLimit
from accounts.vocabulary import Role
from recovery.models import QueueItem
from recovery.panels import allowed_cells, chances_panel
from recovery.selectors.rows import facts_of
from recovery.selectors.trusts import clinic_trusts
from recovery.verdict import verdict
from scheduling.models import Feed, FeedProof
from scheduling.panels import FeedCell
from scheduling.selectors.feed_pages import with_clocks
from scheduling.vocabulary import Decision, Initiator, LaunchMode, Status

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def request_of(rf, person):
    def make(*roles, **where):
        request = rf.get("/")
        request.user = person(*roles, **where)
        return request

    return make


@pytest.fixture
def told(world, feed, launch):
    """A visit ``hours`` from now with one status after its booking; the clinic is live."""
    launch(LaunchMode.LIVE, decisions=list(Decision))

    def tell(status=None, hours=30, patient=None, **fields):
        visit = world.appointment()
        who = world.patient(**(patient or {}))
        world.batch((visit, world.event(NOW - 9 * DAY, starts_at=NOW + hours * HOUR, patient_id=who.pk, **fields)))
        if status is not None:
            world.batch((visit, world.event(NOW - HOUR, status, initiator=Initiator.PATIENT, **fields)))
        visit.refresh_from_db()
        return visit

    return tell


def panel_of(request, visit):
    panel = chances_panel(request, visit)
    assert panel is not None
    return panel


def lines_of(request, visit):
    lines = panel_of(request, visit).data["lines"]
    return [(line.label, line.word, line.note or line.reasons[0].sentence) for line in lines]


def test_a_booked_visit_says_what_confirming_it_needs(request_of, clinic, told):
    assert lines_of(request_of(Role.ACCESS, clinic=clinic), told()) == [
        ("Confirm at-risk visit", "Ready", "Data is 1 min old; this action needs 48 h.")
    ]


def test_an_open_chance_is_judged_as_the_queue_judges_it(request_of, clinic, told):
    visit, request = told(Status.CANCELLED, visit_type=None), request_of(Role.ACCESS, clinic=clinic)

    [line] = panel_of(request, visit).data["lines"]

    item = QueueItem.objects.get()
    [trust] = clinic_trusts(request.user, NOW)
    assert line.item == item
    assert (line.word, line.reasons) == ("Held", verdict(facts_of(item, trust), NOW).stops)
    assert line.reasons[0].code == "missing_visit_type"


def test_a_closed_chance_says_why_it_closed(request_of, clinic, told):
    visit = told(Status.CANCELLED)
    told()  # somebody else took the slot

    assert lines_of(request_of(Role.ACCESS, clinic=clinic), visit) == [("Refill", "Closed", "The slot was filled.")]


@pytest.mark.parametrize(
    ("patient", "codes"),
    [
        ({"phones_home": None}, ["no_contact"]),
        ({"phones_home": None, "vip": "V"}, ["restricted"]),
        ({"died": True}, ["died"]),
    ],
    ids=["nobody to reach", "restricted tells no more", "died"],
)
def test_reaching_the_patient_stands_in_the_way(request_of, clinic, told, patient, codes):
    [line] = panel_of(request_of(Role.ACCESS, clinic=clinic), told(patient=patient)).data["lines"]

    assert [reason.code for reason in line.reasons] == codes


def test_a_completed_visit_has_nothing_to_decide(request_of, clinic, told):
    assert chances_panel(request_of(Role.ACCESS, clinic=clinic), told(Status.COMPLETED, hours=-2)) is None


def test_chances_of_another_clinic_stay_out_of_sight(request_of, other_clinic, told):
    visit = told(Status.CANCELLED)

    panel = panel_of(request_of(Role.ACCESS, clinic=other_clinic), visit)

    assert (panel.data["earlier"], [line.item for line in panel.data["lines"]]) == ([], [None])


@pytest.mark.parametrize(("roles", "may_open"), [((Role.ACCESS,), True), ((Role.INTEGRATION,), False)])
def test_only_those_who_work_the_queue_get_links_into_it(request_of, clinic, told, roles, may_open):
    assert panel_of(request_of(*roles, clinic=clinic), told(Status.CANCELLED)).data["may_open"] is may_open


def test_the_panel_takes_five_queries(request_of, clinic, told):
    visit, request = told(), request_of(Role.ACCESS, clinic=clinic)
    list(clinic_trusts(request.user, NOW))

    with CaptureQueriesContext(connection) as queries:
        chances_panel(request, visit)

    assert len(queries) == 5, [query["sql"] for query in queries]


def test_the_appointment_page_prints_it(signed_in, person, clinic, told):
    visit = told(Status.CANCELLED)

    text = signed_in(person(Role.ACCESS, clinic=clinic)).get(visit.get_absolute_url()).content.decode()

    assert "<h2>What may be decided now</h2>" in text
    assert f'<a href="{QueueItem.objects.get().get_absolute_url()}">' in text


@pytest.mark.parametrize(
    ("age", "cell"),
    [
        (MINUTE, FeedCell("fresh", "Everything", "Refill, rebook and confirm.")),
        (6 * MINUTE, FeedCell("warn", "Everything, ageing", "Ageing: refill within 24 h.")),
        (5 * HOUR, FeedCell("held", "Only in part", "Too old to refill within 24 h, 24 to 72 h.")),
        (3 * DAY, FeedCell("held", "Nothing", "too old for every decision")),
        (None, FeedCell("held", "Nothing", "no proof yet")),
    ],
    ids=["fresh", "ageing", "refills held", "too old", "never proven"],
)
def test_a_feed_says_what_its_age_allows(request_of, source, feed, clinic, age, cell):
    FeedProof.objects.update(digested_to=None if age is None else NOW - age)
    request = request_of(Role.INTEGRATION, source=source)

    assert allowed_cells(request, list(with_clocks(Feed.objects.all())), NOW) == {feed.pk: cell}


def test_the_strictest_clinic_of_the_source_decides(request_of, source, feed, clinic):
    ClinicLimit.objects.create(
        clinic=clinic, decision=Decision.CONFIRM, warn_after=10, held_after=30,
        valid_from=NOW - DAY, recorded_at=NOW,
    )  # fmt: skip
    request = request_of(Role.INTEGRATION, source=source)
    list(clinic_trusts(request.user, NOW))

    with CaptureQueriesContext(connection) as queries:
        cells = allowed_cells(request, list(with_clocks(Feed.objects.all())), NOW)

    assert cells == {feed.pk: FeedCell("held", "Only in part", "Too old to confirm.")}
    assert len(queries) == 2  # the feeds themselves, and the clinics with their proofs


def test_the_feeds_page_prints_the_column(signed_in, person, source, feed, clinic):
    text = signed_in(person(Role.INTEGRATION, source=source)).get("/feeds/").content.decode()

    assert "What its age allows" in text
    assert "Refill, rebook and confirm." in text
