"""The lists of a first request, when nothing is kept: at most ten queries, however many rows, a row open or not."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import ClinicLaunchMode, Team
from accounts.vocabulary import Role
from exceptions.models import HourlyCount, IntegrationException, Membership
from exceptions.vocabulary import Severity, State, SubjectKind
from recovery.models import QueueItem
from recovery.vocabulary import Family, ItemState, Level
from scheduling.models import Appointment, Feed, FeedProof, Patient
from scheduling.vocabulary import Decision, FeedFormat, LaunchMode, Status, Transport
from tests.support.cold import cold_get

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# That the session is in use is written down by one of them, once in 30 seconds.
MOST = 10
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def feed(source):
    team = Team.objects.create(key="interfaces", name="Interfaces")
    feed = Feed.objects.create(
        source=source, key="north", name="North", format=FeedFormat.HL7V2, transport=Transport.MLLP, owner_team=team
    )
    FeedProof.objects.create(feed=feed, digested_to=NOW, heartbeat_at=NOW, newest_content_at=NOW)
    return feed


@pytest.fixture
def grow(source, clinic, feed):
    """Add so many visits, exceptions with a held visit each, and chances of both families; return their last ids."""
    modes = [
        ClinicLaunchMode(clinic=clinic, decision=one, valid_from=NOW - DAY, recorded_at=NOW, mode=LaunchMode.LIVE)
        for one in Decision
    ]
    ClinicLaunchMode.objects.bulk_create(modes)

    def add(rows):
        first = Appointment.objects.count()
        patients = Patient.objects.bulk_create(
            Patient(source=source, authority="HOSP", mrn=f"M{n}", family="Marsh", given="Ada", as_of=b"")
            for n in range(first, first + rows)
        )
        visits = Appointment.objects.bulk_create(visit(source, clinic, one, n) for n, one in enumerate(patients, first))
        found = IntegrationException.objects.bulk_create(
            problem(source, clinic, feed, n) for n in range(first, first + rows)
        )
        Membership.objects.bulk_create(
            Membership(exception=one, subject_kind=SubjectKind.APPOINTMENT, subject_id=held.pk, since=NOW)
            for one, held in zip(found, visits, strict=True)
        )
        HourlyCount.objects.bulk_create(HourlyCount(exception=one, hour=NOW - HOUR, count=3) for one in found)
        items = QueueItem.objects.bulk_create(chance(one, n) for n, one in enumerate(visits, first))
        return visits[-1].pk, found[-1].pk, items[-1].pk, items[-2].pk

    return add


def visit(source, clinic, patient, n):
    return Appointment(
        source=source, namespace="S", external_id=f"V{n}", occurrence="", status=Status.BOOKED, patient=patient,
        clinic=clinic, starts_at=NOW + HOUR + n * timedelta(minutes=1), minutes=20, visit_type="FUP", said_at=NOW,
        heard_at=NOW, order_key=b"", events=1,
    )  # fmt: skip


def problem(source, clinic, feed, n):
    return IntegrationException(
        fingerprint=n.to_bytes(16), check_id="unmapped", source=source, clinic=clinic, feed=feed, raw=f"Z{n}",
        severity=Severity.BLOCKING, state=State.OPEN, opened_at=NOW, occurred_first=NOW, occurred_last=NOW,
        live_count=1, occurrences=3, owner_team=feed.owner_team,
    )  # fmt: skip


def chance(visit, n):
    is_refill = n % 2 == 0
    return QueueItem(
        family=Family.REFILL if is_refill else Family.REBOOK_MISSED, subject=f"slot {n}", source_id=visit.source_id,
        clinic_id=visit.clinic_id, appointment=visit, patient_id=None if is_refill else visit.patient_id,
        starts_at=visit.starts_at, minutes=20, visit_type="FUP", cause="cancelled", lost_at=NOW - HOUR, heard_at=NOW,
        ready_from=NOW - HOUR, useful_until=visit.starts_at, value=1, reach=1, risk=1, weight=1, level=Level.READY,
        state=ItemState.OPEN, opened_at=NOW, version=1,
    )  # fmt: skip


@pytest.fixture
def cold(person, signed_in, clinic):
    """Queries of a first request: a session that nobody has used, and nothing kept."""
    user = person(Role.SUPERVISOR, Role.INTEGRATION, clinic=clinic)

    return lambda url: cold_get(signed_in(user), url)


LISTS = ["/appointments/", "/exceptions/", "/recovery/"]
OPENED = ["/appointments/?item={0}", "/exceptions/{1}/", "/recovery/?item={2}", "/recovery/?item={3}"]


@pytest.mark.parametrize("url", LISTS)
def test_a_list_takes_at_most_ten_queries_whatever_its_length(grow, cold, url):
    grow(10)
    few, _ = cold(url)
    grow(200)
    many, answer = cold(url)

    assert len(few) == len(many) <= MOST, many
    assert answer.content.count(b"<tr data-row") == 50


@pytest.mark.parametrize("url", OPENED, ids=["visit", "exception", "rebook", "refill"])
def test_an_open_row_takes_at_most_ten_queries_whatever_the_list(grow, cold, url):
    few, _ = cold(url.format(*grow(10)))
    many, answer = cold(url.format(*grow(200)))

    assert len(few) == len(many) <= MOST, "\n".join(many)
    assert b'class="pane__head"' in answer.content


def test_the_rail_counts_everything_by_one_query(grow, cold):
    grow(10)

    asked, answer = cold("/profile/")

    assert sum("json_agg" in sql and "recovery_queueitem" in sql for sql in asked) == 1
    places = {place.label: place.count for group in answer.context["navigation"] for place in group.places}
    assert (places["Exceptions"].text, places["Recovery queue"].text) == ("10", "10")
