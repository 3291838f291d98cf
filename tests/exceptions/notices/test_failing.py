"""A channel that fails becomes an exception of its own, and clears by itself."""

from datetime import timedelta

import pytest

from exceptions.models import IntegrationException, NoticeSettings
from exceptions.notices.sending import forget_notices, send_notices
from exceptions.services.run_survey import run_survey
from exceptions.vocabulary import EmailMode
from tests.exceptions.conftest import NOON

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def failing():
    """(source, way, live findings, state) of each way that fails."""
    found = IntegrationException.objects.filter(check_id="notices_failing").order_by("source__key", "raw")
    return list(found.values_list("source__key", "raw", "live_count", "state"))


def test_failing_endpoint_and_mail_server_are_seen_by_source_and_clear(opened, ask, place, people, endpoint, web, mail):
    NoticeSettings.objects.create(person=people.milo, email=EmailMode.EACH)
    web.answers += [404, 404]
    mail.answer = lambda _: "554 No"
    ask(opened(), people.milo)
    ask(opened(), endpoint)
    ask(opened(source=place.harbor, feed=None, clinic=None), endpoint)
    run_survey("notices", now=NOON)
    before = failing()

    send_notices(NOON)
    run_survey("notices", now=NOON + MINUTE)
    seen = failing()
    run_survey("notices", now=NOON + HOUR + MINUTE)

    assert before == []
    assert seen == [
        ("harbor", "Pager", 1, "open"), ("lakeview", "Pager", 1, "open"), ("lakeview", "e-mail", 1, "open"),
    ]  # fmt: skip
    assert [row[2:] for row in failing()] == [(0, "cleared_unseen")] * 3


def test_failing_digest_is_about_what_its_members_are_about(opened, ask, people, mail):
    mail.answer = lambda _: "554 No"
    for _ in range(2):
        ask(opened(), people.milo)

    send_notices(NOON + HOUR)
    run_survey("notices", now=NOON + HOUR + MINUTE)

    assert failing() == [("lakeview", "e-mail", 1, "open")]


def test_desk_without_a_mail_server_does_not_fail(opened, ask, people, settings):
    settings.EMAIL_HOST = ""
    ask(opened(), people.milo)

    send_notices(NOON + 9 * HOUR)
    run_survey("notices", now=NOON + 9 * HOUR)

    assert failing() == []


def test_settled_notices_are_forgotten_after_ninety_days_digests_after_their_members(opened, ask, people, mail):
    for _ in range(2):
        ask(opened(), people.milo)
    send_notices(NOON + HOUR)

    assert [forget_notices(NOON + 90 * DAY + MINUTE), forget_notices(NOON + 90 * DAY + 2 * HOUR)] == [2, 3]
