"""What a batch knows of its feeds is kept from batch to batch, and never outdated."""

import pytest
from django.db import transaction

from accounts.models import ClinicCode
from scheduling.digestion.context import load_feeds
from scheduling.mapping.rules import Rule
from scheduling.models import FeedSettings
from scheduling.sql.cursors import server_cursor
from scheduling.vocabulary import Status
from tests.support.desk import HOUR, NOW


def load(desk):
    with transaction.atomic(), server_cursor() as cursor:
        return load_feeds(cursor, [desk.feed.pk])[desk.feed.pk]


def add_clinic_code(desk):
    ClinicCode.objects.create(source=desk.source, clinic=next(iter(desk.clinics.values())), code="NEW")


def change_source_zone(desk):
    desk.source.timezone = "America/New_York"
    desk.source.save()


def change_profile(desk):
    FeedSettings.objects.create(feed=desk.feed, profile={"seconds_units": ["x"]}, valid_from=NOW, recorded_at=NOW)


def publish(desk):
    desk.publish(Rule(0, filler_status="Waitlist", status=Status.PENDING), effective_from=NOW - HOUR)


@pytest.mark.django_db
def test_context_of_a_feed_that_nobody_touched_is_the_same_object(desk, django_assert_num_queries):
    first = load(desk)
    with django_assert_num_queries(2):  # the savepoint of the load; its own query goes past Django
        assert load(desk) is first


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "what"),
    [
        (add_clinic_code, lambda context: set(context.clinic_ids)),
        (change_source_zone, lambda context: context.reader.zone.key),
        (change_profile, lambda context: dict(context.reader.profile)),
        (publish, lambda context: context.rules.at(NOW)[1]),
    ],
    ids=["a clinic code", "the zone of the source", "the profile", "a publication"],
)
def test_context_after_a_change_is_the_new_one(desk, change, what):
    before = load(desk)
    change(desk)
    assert what(load(desk)) != what(before)
    assert load(desk) is load(desk)


@pytest.mark.django_db
def test_context_after_a_change_was_taken_back_is_the_old_one(desk):
    before = load(desk)
    with transaction.atomic():
        publish(desk)
        assert load(desk) != before
        transaction.set_rollback(True)
    assert load(desk) is before
