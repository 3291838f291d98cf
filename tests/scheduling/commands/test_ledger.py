"""``manage.py ledger``: the fixed interface of issue 2."""

import json
from io import StringIO

from django.core.management import call_command

from scheduling.models import Feed
from scheduling.vocabulary import FeedFormat, Transport
from tests.support.desk import DAY, NOW
from tests.support.messages import siu

KEYS = ["feed", "received", "applied", "superseded", "duplicate", "held", "rejected", "failed", "waiting"]


def printed(*arguments) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_json_has_exactly_the_keys_of_the_interface(desk):
    desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY))

    answer = json.loads(printed("ledger", "--json"))

    assert list(answer) == KEYS
    assert answer == dict.fromkeys(KEYS, 0) | {"feed": "desk-hl7", "received": 1, "applied": 1}


def test_each_feed_is_an_object_of_its_own_and_one_may_be_asked_for(desk):
    other = desk.feed_of(FeedFormat.CSV, Transport.FILE, {})
    desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY))
    desk.receive(b"appointment_id\n17\n", feed=other)

    lines = [json.loads(line) for line in printed("ledger", "--json").splitlines()]

    assert {line["feed"]: line["waiting"] for line in lines} == {"desk-csv": 1, "desk-hl7": 0}
    assert [json.loads(line)["feed"] for line in printed("ledger", "desk-csv", "--json").splitlines()] == ["desk-csv"]


def test_text_names_every_column(desk):
    desk.receive(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY))

    assert printed("ledger") == (
        "desk-hl7: received 1, applied 0, superseded 0, duplicate 0, held 0, rejected 0, failed 0, waiting 1\n"
    )


def test_feeds_are_all_known_to_the_ledger_that_received_anything(desk):
    assert printed("ledger", "--json") == ""
    assert Feed.objects.count() == 1
