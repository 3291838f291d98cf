"""The pages of notices: one's own, what one wants, and the outbox for administrators."""

from datetime import time, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry, Grant
from accounts.vocabulary import Role
from exceptions.models import Notice, NoticeSettings
from exceptions.notices.sending import send_notices
from exceptions.vocabulary import EmailMode
from tests.exceptions.conftest import NOON

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def milo(people, signed_in):
    """Milo at his desk."""
    return signed_in(people.milo)


@pytest.fixture
def admin(people, place, signed_in):
    """Noor administers Lakeview."""
    Grant.objects.create(user=people.noor, role=Role.ADMIN, source=place.lakeview)
    return signed_in(people.noor)


def sentences(response):
    return [row.sentence for row in response.context["rows"]]


def test_own_notices_are_listed_newest_first(opened, ask, people, milo):
    ask(opened(), people.milo)
    ask(opened(clinic=None), people.milo, now=NOON + HOUR)
    ask(opened(), people.imani)

    response = milo.get(reverse("notices:list"))

    assert sentences(response) == [
        "Unmapped status, Lakeview RIS: needs somebody. 4 visits held.",
        "Unmapped status, Imaging · Lakeview RIS: needs somebody. 4 visits held.",
    ]
    assert str(response.context["unread"]) == "2"


def test_what_is_out_of_scope_now_is_not_told(opened, ask, people, milo):
    ask(opened(), people.milo)
    people.milo.grants.all().delete()

    response = milo.get(reverse("notices:list"))

    assert [(row.sentence, row.url) for row in response.context["rows"]] == [("You no longer see this.", "")]
    assert "Unmapped" not in response.content.decode()


def test_opening_reads_it_and_goes_to_the_exception(opened, ask, people, milo):
    exception = opened()
    ask(exception, people.milo)
    notice = Notice.objects.get(channel="in_app")

    response = milo.post(reverse("notices:read"), {"open": notice.pk})

    notice.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, exception.get_absolute_url())
    assert notice.read_at == NOON


def test_all_are_read_at_once_and_others_stay(opened, ask, people, milo):
    for person in (people.milo, people.milo, people.imani):
        ask(opened(), person)

    milo.post(reverse("notices:read"))

    read = Notice.objects.filter(channel="in_app", read_at=NOON)
    assert list(read.values_list("person", flat=True)) == [people.milo.pk] * 2


def test_one_is_marked_as_read_and_keeps_its_first_reading(opened, ask, people, milo):
    ask(opened(), people.milo)
    notice = Notice.objects.get(channel="in_app")
    milo.post(reverse("notices:read"), {"read": notice.pk})

    with time_machine.travel(NOON + HOUR / 6, tick=False):
        response = milo.post(reverse("notices:read"), {"read": notice.pk})

    notice.refresh_from_db()
    assert (response["Location"], notice.read_at) == (reverse("notices:list"), NOON)


@pytest.mark.parametrize("channel", ["in_app", "email"])
def test_notice_of_another_person_is_missing_and_the_try_is_on_record(opened, ask, people, milo, channel):
    ask(opened(), people.imani)
    notice = Notice.objects.get(channel=channel)

    response = milo.post(reverse("notices:read"), {"open": notice.pk})

    assert (response.status_code, Notice.objects.filter(read_at__isnull=False).count()) == (404, 0)
    assert AuditEntry.objects.filter(action="denied", subject_kind="exceptions.notice").count() == 1


@pytest.mark.parametrize("number", [1, 30])
def test_number_of_notices_does_not_change_the_number_of_queries(opened, ask, people, milo, number):
    for _ in range(number):
        ask(opened(), people.milo)
    milo.get(reverse("notices:list"))

    with CaptureQueriesContext(connection) as ran:
        milo.get(reverse("notices:list"))

    assert len(ran) <= 5


def test_rail_counts_unread_notices(opened, ask, people, milo):
    ask(opened(), people.milo)

    text = milo.get(reverse("notices:list")).content.decode()

    assert "1 new" in text


def test_wishes_are_kept(people, milo):
    wishes = {"email": "each", "quiet_from": "22:00", "quiet_until": "07:00", "most_per_hour": "5"}

    response = milo.post(reverse("notices:settings"), wishes)

    kept = NoticeSettings.objects.get(person=people.milo)
    assert response.status_code == 302
    assert (kept.email, kept.quiet_from, kept.quiet_until, kept.most_per_hour) == ("each", time(22), time(7), 5)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"quiet_from": "22:00"}, "Quiet hours need both ends."),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "Quiet hours cannot end when they begin."),
        ({"most_per_hour": "0"}, "Choose a number from 1 to 60."),
        ({"most_per_hour": "61"}, "Choose a number from 1 to 60."),
        ({"email": "daily"}, "Select a valid choice."),
    ],
    ids=["one end", "no time between", "none at all", "too many", "unknown word"],
)
def test_wish_that_cannot_be_is_refused(people, milo, wrong, sentence):
    given = {"email": "hourly", "quiet_from": "", "quiet_until": "", "most_per_hour": "12"} | wrong

    response = milo.post(reverse("notices:settings"), given)

    assert (response.status_code, NoticeSettings.objects.count()) == (422, 0)
    assert sentence in response.content.decode()


def test_page_of_wishes_says_when_there_is_no_mail_server(people, milo, settings):
    settings.EMAIL_HOST = ""
    without = milo.get(reverse("notices:settings")).content.decode()
    settings.EMAIL_HOST = "mail.example.org"

    assert "This desk has no mail server yet" in without
    assert "This desk has no mail server yet" not in milo.get(reverse("notices:settings")).content.decode()


@pytest.mark.parametrize("name", ["outbox", "again"])
def test_outbox_is_for_administrators(people, milo, name):
    response = milo.get(reverse("notices:outbox")) if name == "outbox" else milo.post(reverse("notices:again"))

    assert response.status_code == 403


def test_outbox_shows_what_is_in_the_scope_of_its_administrator(opened, ask, people, place, admin):
    ask(opened(), people.milo)
    ask(opened(source=place.harbor, feed=place.harbor_feed, clinic=place.orthopedics), people.ruth)

    response = admin.get(reverse("notices:outbox"))

    assert [(row.recipient, row.word) for row in response.context["rows"]] == [("Milo Anselm", "Waiting")]
    assert [str(split.count) for split in response.context["splits"]] == ["1", "0", "0", "0"]


def test_given_up_notice_is_sent_again_under_its_key(opened, ask, people, admin, endpoint, web):
    web.answers.append(404)
    ask(opened(), endpoint, key="step:1")
    send_notices(NOON)

    response = admin.post(reverse("notices:again"), {"notice": Notice.objects.get(channel="webhook").pk})
    send_notices(NOON)

    assert response.status_code == 302
    assert web.keys == [f"step:1:webhook:{endpoint.pk}"] * 2
    assert Notice.objects.get(channel="webhook").state == "sent"


def test_all_given_up_notices_in_scope_are_sent_again_and_no_others(opened, ask, people, place, admin, endpoint, web):
    web.answers += [404, 404]
    ask(opened(), endpoint)
    ask(opened(source=place.harbor, feed=place.harbor_feed, clinic=None), endpoint)
    send_notices(NOON)

    admin.post(reverse("notices:again"))

    rows = Notice.objects.order_by("exception__source__key").values_list("exception__source__key", "state", "tries")
    assert list(rows) == [("harbor", "failed", 1), ("lakeview", "waiting", 0)]


def test_notice_out_of_scope_or_not_given_up_is_not_sent_again(opened, ask, people, place, admin, endpoint):
    ask(opened(), endpoint)

    response = admin.post(reverse("notices:again"), {"notice": Notice.objects.get().pk})

    assert (response.status_code, Notice.objects.get().state) == (404, "waiting")


def test_outbox_says_how_late_it_is(opened, ask, people, admin):
    NoticeSettings.objects.create(person=people.milo, email=EmailMode.EACH)
    ask(opened(), people.milo)

    with time_machine.travel(NOON + HOUR / 2, tick=False):
        late = admin.get(reverse("notices:outbox")).content.decode()

    assert "The oldest that is due waits for 30 min." in late
