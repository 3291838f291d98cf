"""What is loaded about clinics and feeds: newest settings in force, slowest feed, own backlog."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import ClinicLaunchMode, ClinicLimit
from accounts.vocabulary import Role
from recovery.selectors.trusts import clinic_trusts
from scheduling.decisions import DEFAULT_LIMITS, Limits
from scheduling.models import Extract, Feed, FeedProof, Waiting
from scheduling.vocabulary import Decision, FeedFormat, LaunchMode, Transport

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def only(person, clinic):
    """The one clinic's trust at NOW."""
    user = person(Role.ACCESS, clinic=clinic)

    def load():
        (trust,) = clinic_trusts(user, NOW)
        return trust

    return load


def test_the_newest_version_in_force_counts(only, clinic):
    for valid_from, warn, held in [(NOW - 2 * DAY, 60, 120), (NOW - DAY, 300, 600), (NOW + DAY, 1, 2)]:
        ClinicLimit.objects.create(
            clinic=clinic,
            decision=Decision.CONFIRM,
            warn_after=warn,
            held_after=held,
            valid_from=valid_from,
            recorded_at=NOW,
        )
    for valid_from, mode in [(NOW - DAY, LaunchMode.SHADOW), (NOW, LaunchMode.LIVE), (NOW + DAY, LaunchMode.OBSERVING)]:
        ClinicLaunchMode.objects.create(
            clinic=clinic, decision=Decision.CONFIRM, mode=mode, valid_from=valid_from, recorded_at=NOW
        )

    trust = only()

    assert trust.limits_of(Decision.CONFIRM) == Limits(5 * MINUTE, 10 * MINUTE)
    assert trust.limits_of(Decision.REFILL_24H) == DEFAULT_LIMITS[Decision.REFILL_24H]
    assert (trust.mode_of(Decision.CONFIRM), trust.mode_of(Decision.REFILL_24H)) == (
        LaunchMode.LIVE, LaunchMode.OBSERVING,
    )  # fmt: skip


def test_what_waits_here_counts_against_the_proof(only, feed):
    Waiting.objects.create(message_id=1, feed=feed, lane=0, patient_hash=0, received_at=NOW - 30 * MINUTE)

    assert only().age(NOW) == 30 * MINUTE


def test_an_extract_is_as_old_as_its_taking(only, feed):
    for hours, finished_at in [(20, NOW), (8, NOW), (1, None)]:
        Extract.objects.create(
            feed=feed, key=str(hours), taken_at=NOW - hours * HOUR, rows=1, received_at=NOW, finished_at=finished_at
        )

    assert only().age(NOW) == 8 * HOUR


def test_the_slowest_active_feed_of_the_source_speaks_for_it(only, feed, source):
    for key, minutes, is_active in [("slow", 9, True), ("off", 99, False)]:
        other = Feed.objects.create(
            source=source, key=key, name=key, format=FeedFormat.FHIR, transport=Transport.HTTP, is_active=is_active
        )
        FeedProof.objects.create(feed=other, digested_to=NOW - minutes * MINUTE)
    Feed.objects.create(source=source, key="new", name="new", format=FeedFormat.FHIR, transport=Transport.HTTP)

    assert (only().feed.name, only().age(NOW)) == ("slow", 9 * MINUTE)


def test_a_source_whose_feeds_never_spoke_has_no_age(only):
    assert (only().feed, only().age(NOW)) == (None, None)


def test_other_clinics_stay_out(person, clinic, other_clinic):
    found = clinic_trusts(person(Role.ACCESS, clinic=other_clinic), NOW)

    assert [trust.name for trust in found] == ["Imaging"]


def test_somebody_without_a_grant_has_no_clinic(person, clinic):
    assert clinic_trusts(person(), NOW) == []
