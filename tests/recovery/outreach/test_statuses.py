"""How messages fared comes back signed: the same end in any order; what was lost asks for another way."""

import time
from itertools import permutations

import orjson
import pytest

from config.web.signed_post import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign
from recovery.models import Attempt, Outbound
from recovery.outreach.reading_posts import StatusLine
from recovery.outreach.sending import send_outreach
from recovery.services.take_statuses import Taken, take_statuses
from recovery.vocabulary import NextStep
from tests.recovery.outreach.conftest import LATER, NOW, SECRET, stands
from tests.support.desk import HOUR


def post(client, path, said, *, secret=SECRET, age=0, body=None):
    body = orjson.dumps(said) if body is None else body
    stamp = str(int(time.time()) - age)
    headers = {TIMESTAMP_HEADER: stamp, SIGNATURE_HEADER: sign(secret, stamp, body)}
    return client.post(path, body, content_type="application/json", headers=headers)


def tell(client, *rows, **how):
    return post(client, "/outreach/status/signed_http/", {"statuses": list(rows)}, **how)


@pytest.fixture
def sent(worked, write, web):
    written = write()
    send_outreach(NOW)
    return written


def test_arrival_is_written_and_repeats_change_nothing(client, sent):
    answers = [tell(client, {"key": sent.key, "status": "delivered"}) for _ in range(3)]

    assert [(one.status_code, one.json()) for one in answers] == [(200, {"known": 1, "unknown": 0})] * 3
    assert stands() == [("delivered", 1, "")]


def test_what_was_lost_marks_the_attempt_and_another_way_is_next(client, worked, sent):
    resting = worked.item.not_before

    tell(client, {"key": sent.key, "id": "SM-1", "status": "undelivered"})

    attempt, item = Attempt.objects.get(), worked.item
    assert stands() == [("failed", 1, "The gateway could not deliver it.")]
    assert (attempt.note, attempt.next_step, attempt.is_counted) == (
        "The gateway could not deliver it.", NextStep.OTHER_CHANNEL, True,
    )  # fmt: skip
    assert (resting, item.not_before, item.next_step) == (NOW + 4 * HOUR, None, NextStep.OTHER_CHANNEL)


WORDS = ("queued", "failed", "delivered", "sent")


@pytest.mark.parametrize("words", list(permutations(WORDS)), ids="-".join)
def test_any_order_of_statuses_ends_the_same(sent, words):
    for word in words:
        take_statuses([StatusLine(sent.key, "", word, LATER)], now=LATER)

    assert (stands(), Outbound.objects.get().status_at) == ([("delivered", 1, "")], LATER)


def test_message_is_found_by_the_gateways_own_id(client, sent):
    Outbound.objects.update(gateway_id="SM-1")

    tell(client, {"id": "SM-1", "status": "delivered"})

    assert stands() == [("delivered", 1, "")]


def test_status_that_is_faster_than_the_answer_is_kept(worked, write, web):
    written = write()

    Outbound.objects.filter(pk=written.pk).update(state="sending", tries=1, claimed_until=LATER)
    take_statuses([StatusLine(written.key, "SM-1", "delivered", NOW)], now=NOW)
    send_outreach(LATER + HOUR)

    assert (stands(), web.posts) == ([("delivered", 1, "")], [])


def test_unknown_messages_are_counted_and_refused_ones_stay(sent):
    Outbound.objects.update(state="refused")

    taken = take_statuses(
        [StatusLine("nobody", "", "delivered", None), StatusLine(sent.key, "", "delivered", None)], now=NOW
    )

    assert (taken, stands()[0][0]) == (Taken(0, 2), "refused")


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"secret": "another"}, 401), ({"age": 301}, 401), ({"age": -330}, 401), ({"age": 290}, 200),
        ({"body": b"{"}, 400), ({"body": b"{}" * 40_000}, 413), ({"body": b""}, 411),
    ],
    ids=["wrong secret", "old copy", "from the future", "clock a little off", "no JSON", "too large", "empty"],
)  # fmt: skip
def test_posts_are_signed_fresh_and_bounded(client, sent, how, status):
    assert tell(client, {"key": sent.key, "status": "delivered"}, **how).status_code == status


@pytest.mark.parametrize("gateway", ["local", "nobody"])
def test_gateways_that_do_not_post_are_missing(client, sent, gateway):
    for path in (f"/outreach/status/{gateway}/", f"/outreach/replies/{gateway}/"):
        assert post(client, path, {"statuses": []}).status_code == 404


def test_without_a_secret_nobody_posts(client, sent, settings):
    settings.OUTREACH_SECRET = ""

    assert tell(client, {"key": sent.key, "status": "delivered"}, secret="").status_code == 404
