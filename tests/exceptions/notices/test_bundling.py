"""What waits goes out as one, and what is too much waits."""

from collections import Counter
from datetime import datetime, time, timedelta

import pytest

from exceptions.models import IntegrationException, Notice, NoticeSettings
from exceptions.notices.sending import send_notices
from exceptions.vocabulary import EmailMode, NoticeKind, State
from tests.exceptions.conftest import NOON

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def states():
    """How many notices that leave the desk stand where."""
    return Counter(Notice.objects.exclude(channel="in_app").values_list("state", flat=True))


def wishes(person, **given):
    return NoticeSettings.objects.create(person=person, **given)


def test_digest_on_the_hour_has_one_line_an_exception_with_counts(opened, ask, people, mail):
    ours, theirs = opened(), opened("contradicting_times", clinic=None, live_count=0)
    ask(ours, people.milo)
    ask(theirs, people.milo)
    ask(ours, people.milo, kind=NoticeKind.REOPENED)

    before = send_notices(NOON + HOUR - MINUTE)
    on_the_hour = send_notices(NOON + HOUR)

    assert (before, on_the_hour, states()) == (0, 1, {"bundled": 3, "sent": 1})
    (letter,) = mail.letters
    lines = letter.get_content().splitlines()
    assert letter["Subject"] == "3 notices about 2 problems"
    assert letter["X-Recovery-Desk-Key"] == f"digest:20261124T13:email:{people.milo.pk}"
    assert lines[:5] == [
        "Unmapped status, Imaging · Lakeview RIS: happened again. 4 visits held. (2 notices)",
        f"http://localhost:8000/exceptions/{ours.pk}/",
        "",
        lines[3],
        f"http://localhost:8000/exceptions/{theirs.pk}/",
    ]
    assert lines[3].endswith(", Lakeview RIS: needs somebody.")


def test_one_notice_that_waited_goes_by_itself(opened, ask, people, mail):
    ask(opened(), people.milo, key="alone")

    send_notices(NOON + HOUR)

    assert mail.keys == [f"alone:email:{people.milo.pk}"]


def test_each_person_and_each_hour_has_a_digest_of_its_own(opened, ask, people, mail):
    for now in (NOON, NOON + MINUTE, NOON + HOUR, NOON + HOUR + MINUTE):
        for person in (people.milo, people.imani):
            ask(opened(), person, now=now)

    for minutes in range(0, 200, 20):
        send_notices(NOON + minutes * MINUTE)

    hours = [f"digest:20261124T{hour}:email:{person.pk}" for hour in (13, 14) for person in (people.milo, people.imani)]
    assert sorted(mail.keys) == sorted(hours)


def test_urgent_is_not_bundled(opened, ask, people, mail):
    for _ in range(2):
        ask(opened(), people.milo)
        ask(opened(), people.milo, is_urgent=True)

    now = send_notices(NOON)
    on_the_hour = send_notices(NOON + HOUR)

    assert (now, on_the_hour) == (2, 1)


def test_night_is_told_in_the_morning_as_one(opened, ask, people, mail):
    wishes(people.milo, email=EmailMode.EACH, quiet_from=time(20), quiet_until=time(7))
    evening = NOON + 15 * HOUR  # 21:00 in Chicago
    for hours in (0, 2, 4):
        ask(opened(), people.milo, now=evening + hours * HOUR)

    sent = [(at.hour, send_notices(at)) for at in (evening + hours * HOUR for hours in range(14))]

    assert [hour for hour, number in sent if number] == [13]  # 07:00 in Chicago
    assert states() == {"bundled": 3, "sent": 1}


def test_above_the_limit_waits_for_the_next_hour(opened, ask, people, mail):
    wishes(people.milo, email=EmailMode.EACH, most_per_hour=2)
    for _ in range(5):
        ask(opened(), people.milo, now=NOON + 10 * MINUTE)

    sent = [send_notices(NOON + minutes * MINUTE) for minutes in (10, 11, 59, 60)]

    assert (sent, states()) == ([2, 0, 0, 1], {"sent": 3, "bundled": 3})
    assert mail.letters[-1]["Subject"] == "3 notices about 3 problems"


def test_urgent_has_a_limit_of_its_own_and_small_talk_does_not_use_it_up(opened, ask, people, mail):
    wishes(people.milo, email=EmailMode.EACH, most_per_hour=2)
    for _ in range(2):
        ask(opened(), people.milo)
    send_notices(NOON)
    for number in range(3):
        ask(opened(), people.milo, key=f"urgent{number}", is_urgent=True, now=NOON + MINUTE)

    sent = send_notices(NOON + MINUTE)

    assert (sent, states()) == (2, {"sent": 4, "waiting": 1})
    assert [key.split(":")[0] for key in mail.keys[2:]] == ["urgent0", "urgent1"]


def test_endpoint_has_a_limit_too(opened, ask, web, endpoint):
    endpoint.most_per_hour = 2
    endpoint.save()
    for _ in range(5):
        ask(opened(), endpoint)

    sent = [send_notices(NOON + minutes * MINUTE) for minutes in (0, 60)]

    assert (sent, len(web.posts), web.posts[-1].said["subject"]) == ([2, 1], 3, "3 notices about 3 problems")


def test_straggler_of_an_hour_that_had_its_digest_waits_for_the_next(opened, ask, people, mail):
    wishes(people.milo, email=EmailMode.HOURLY)
    for _ in range(2):
        ask(opened(), people.milo)
    send_notices(NOON + HOUR)
    for _ in range(2):
        ask(opened(), people.milo, now=NOON + MINUTE)

    sent = [send_notices(NOON + HOUR + MINUTE), send_notices(NOON + 2 * HOUR)]

    assert (sent, [key[7:18] for key in mail.keys]) == ([0, 1], ["20261124T13", "20261124T14"])


def test_digest_holds_nothing_that_was_closed_meanwhile(opened, ask, people, mail):
    closed, first, second = opened(), opened(), opened()
    for exception in (closed, first, second):
        ask(exception, people.milo)
    IntegrationException.objects.filter(pk=closed.pk).update(state=State.RESOLVED, resolved_at=NOON)

    send_notices(NOON + HOUR)

    assert states() == {"dropped": 1, "bundled": 2, "sent": 1}


def test_long_digest_is_cut_and_says_how_much_is_left(opened, ask, people, mail):
    for _ in range(53):
        ask(opened(), people.milo)

    send_notices(NOON + HOUR)

    lines = mail.letters[0].get_content().splitlines()
    assert (lines.count("And 3 more:"), sum(": needs somebody." in line for line in lines)) == (1, 50)


@pytest.mark.parametrize(
    ("evening", "morning"),
    [
        (datetime.fromisoformat("2026-03-07T23:30:00-06:00"), datetime.fromisoformat("2026-03-08T07:00:00-05:00")),
        (datetime.fromisoformat("2026-10-31T23:30:00-05:00"), datetime.fromisoformat("2026-11-01T07:00:00-06:00")),
    ],
    ids=["the clock goes forward", "the clock goes back"],
)
def test_quiet_night_of_a_moved_clock_ends_on_the_wall(opened, ask, people, mail, evening, morning):
    wishes(people.milo, email=EmailMode.EACH, quiet_from=time(22), quiet_until=time(7))
    ask(opened(), people.milo, now=evening)

    assert [send_notices(morning - MINUTE), send_notices(morning)] == [0, 1]
