"""A request becomes what its recipient wants, once, in two statements."""

from datetime import time, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from exceptions.models import Notice, NoticeSettings, WebhookEndpoint
from exceptions.notices.queueing import queue_notices
from exceptions.notices.requests import NoticeRequest
from exceptions.vocabulary import EmailMode, NoticeKind
from tests.exceptions.conftest import NOON

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LATE = NOON + 11 * HOUR  # 17:00 in Chicago


def request(person_id=None, endpoint_id=None, *, key="step:1", **more):
    facts = {"kind": NoticeKind.STEP, "exception_id": None, "sentence": "Feed is silent, Lakeview RIS."}
    return NoticeRequest(person_id=person_id, endpoint_id=endpoint_id, key=key, **facts | more)


def written():
    """(key, state, send_after, deadline_at, settled_at) of everything in the outbox."""
    return list(Notice.objects.order_by("key").values_list("key", "state", "send_after", "deadline_at", "settled_at"))


def test_person_without_settings_gets_a_notice_now_and_an_email_on_the_hour(people):
    milo = people.milo.pk
    half_past = NOON + HOUR / 2

    assert queue_notices([request(milo)], now=half_past) == 2

    assert written() == [
        (f"step:1:email:{milo}", "waiting", NOON + HOUR, NOON + 5 * HOUR, None),
        (f"step:1:in_app:{milo}", "sent", half_past, half_past, half_past),
    ]


@pytest.mark.parametrize(
    ("wishes", "is_urgent", "first"),
    [
        ({"email": EmailMode.EACH}, False, LATE),
        ({"email": EmailMode.HOURLY}, True, LATE),
        ({"email": EmailMode.OFF}, True, None),
        ({"email": EmailMode.EACH, "quiet_from": time(16), "quiet_until": time(8)}, False, NOON + 26 * HOUR),
        ({"email": EmailMode.EACH, "quiet_from": time(16), "quiet_until": time(8)}, True, LATE),
    ],
    ids=["each", "urgent", "never", "quiet by the clocks of their clinics", "urgent in quiet hours"],
)
def test_email_follows_the_wishes_of_the_person(people, wishes, is_urgent, first):
    NoticeSettings.objects.create(person=people.milo, **wishes)

    queue_notices([request(people.milo.pk, is_urgent=is_urgent)], now=LATE)

    emails = list(Notice.objects.filter(channel="email").values_list("send_after", flat=True))
    assert emails == ([] if first is None else [first])


def test_quiet_hours_are_by_the_zone_a_person_chose(people):
    people.milo.timezone = "Europe/Berlin"
    people.milo.save()
    NoticeSettings.objects.create(person=people.milo, email=EmailMode.EACH, quiet_from=time(16), quiet_until=time(8))

    queue_notices([request(people.milo.pk)], now=LATE)

    assert Notice.objects.get(channel="email").send_after == NOON + 19 * HOUR  # 07:00 UTC


def test_person_who_left_gets_no_email(people):
    people.milo.is_active = False
    people.milo.save()

    assert queue_notices([request(people.milo.pk)], now=NOON) == 1


def test_endpoint_gets_one_webhook_at_once(db):
    endpoint = WebhookEndpoint.objects.create(name="Pager", url="https://hooks.example.org", secret="s")

    queue_notices([request(endpoint_id=endpoint.pk)], now=NOON)

    assert written() == [(f"step:1:webhook:{endpoint.pk}", "waiting", NOON, NOON + 4 * HOUR, None)]


def test_same_request_again_changes_nothing(people):
    first = queue_notices([request(people.milo.pk), request(people.milo.pk)], now=NOON)
    before = written()

    again = queue_notices([request(people.milo.pk, sentence="Another sentence.")], now=NOON + HOUR)

    assert (first, again, written()) == (2, 0, before)


def test_notices_vanish_with_the_change_they_tell_of(people):
    with transaction.atomic():
        queue_notices([request(people.milo.pk)], now=NOON)
        transaction.set_rollback(True)

    assert written() == []


@pytest.mark.parametrize("number", [1, 300])
def test_number_of_requests_does_not_change_the_number_of_statements(people, number):
    with CaptureQueriesContext(
        connection,
    ) as ran:
        queue_notices([request(people.milo.pk, key=f"step:{n}") for n in range(number)], now=NOON)

    assert (len(ran), Notice.objects.count()) == (2, 2 * number)


def test_nothing_to_tell_asks_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert queue_notices([], now=NOON) == 0


@pytest.mark.parametrize(
    "wrong",
    [request(), request(1, 1), request(1, key="x" * 121)],
    ids=["no recipient", "two recipients", "a key that does not fit"],
)
def test_request_that_cannot_be_kept_is_refused(db, wrong):
    with pytest.raises(ValueError, match=r"recipient|characters"):
        queue_notices([wrong], now=NOON)
