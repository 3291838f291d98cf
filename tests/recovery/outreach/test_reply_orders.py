"""Replies repeated and reordered: however they are taken up, the last word that came is what counts."""

from datetime import timedelta
from itertools import permutations

import pytest

from recovery.models import Reply
from recovery.outreach.reading_posts import ReplyPost
from recovery.outreach.sending import send_outreach
from recovery.services.apply_reply import apply_reply
from recovery.services.read_people import read_person, records_of
from recovery.services.take_reply import take_reply
from tests.recovery.outreach.conftest import LATER, MINUTE, MOBILE, NOW

SECOND = timedelta(seconds=1)


@pytest.fixture
def sent(worked, write, web):
    written = write()
    send_outreach(NOW)
    return written


def come(*texts):
    """Replies come in this order, each twice, a second apart; their ids."""
    ids = []
    for place, text in enumerate(texts):
        for _ in range(2):
            post = ReplyPost(f"r{place}", f"+1{MOBILE}", text, "")
            ids.append(take_reply(post, gateway="signed_http", now=LATER + place * SECOND).reply_id)
    return ids


def allows_texts(worked):
    """What the ledger says of texts once everything was taken up."""
    at = LATER + MINUTE
    person = read_person(worked.patient.pk, records_of(worked.patient.pk), actor=None, at=at)
    return [line.is_allowed for line in person.consents if line.channel == "text"]


@pytest.mark.parametrize(
    ("texts", "allowed"),
    [
        (("STOP", "START"), [True]),
        (("START", "STOP"), [False]),
        (("STOP", "START", "STOP"), [False]),
        (("STOP", "CANCEL", "START"), [True]),
    ],
    ids=["stop, start", "start, stop", "stop, start, stop", "a question in between"],
)
def test_revocation_and_return_end_with_the_last_word_in_whatever_order_they_are_read(worked, sent, texts, allowed):
    ids = come(*texts)
    assert Reply.objects.count() == len(texts)

    seen = set()
    for order in permutations(sorted(set(ids))):
        for reply_id in (*order, *order):
            apply_reply(reply_id, now=LATER + MINUTE)
        seen.add(tuple(allows_texts(worked)))
        Reply.objects.update(effect="", handled_at=None)

    assert seen == {tuple(allowed)}
