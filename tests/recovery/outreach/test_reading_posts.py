"""What gateways post is read within bounds; garbage is refused in a sentence, never with an error. No database."""

import contextlib
import json
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery.outreach.numbers import international
from recovery.outreach.reading_posts import (
    MOST_OF_TEXT,
    MOST_STATUSES,
    ReplyPost,
    StatusLine,
    UnreadablePostError,
    read_reply,
    read_statuses,
)

ONE = {"key": "k1", "status": "delivered"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def test_statuses_are_read_with_their_times():
    body = {"statuses": [ONE | {"at": "2026-11-24T09:41:00-06:00"}, {"id": "g7", "status": "FAILED"}]}

    assert read_statuses(orjson.dumps(body)) == [
        StatusLine("k1", "", "delivered", datetime(2026, 11, 24, 15, 41, tzinfo=UTC)),
        StatusLine("", "g7", "failed", None),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"7", b"{}", b'{"statuses": []}', b'{"statuses": [7]}', b'{"statuses": [{}]}',
        b'{"statuses": [{"key": "k"}]}', b'{"statuses": [{"key": "k", "status": "maybe"}]}',
        b'{"statuses": [{"key": 7, "status": "sent"}]}',
        b'{"statuses": [{"key": "k", "status": "sent", "at": "soon"}]}',
        orjson.dumps({"statuses": [ONE] * (MOST_STATUSES + 1)}), orjson.dumps({"statuses": [ONE | {"key": "k" * 65}]}),
    ],
)  # fmt: skip
def test_statuses_that_cannot_be_read_are_refused(body):
    with pytest.raises(UnreadablePostError):
        read_statuses(body)


def test_longest_list_of_statuses_is_read():
    assert len(read_statuses(orjson.dumps({"statuses": [ONE] * MOST_STATUSES}))) == MOST_STATUSES


def test_reply_is_read_and_a_long_text_is_cut():
    body = orjson.dumps({"id": "r1", "from": "+13125550142", "text": "x" * 5_000 + "\0", "in_reply_to": "k1"})

    assert read_reply(body) == ReplyPost("r1", "+13125550142", "x" * MOST_OF_TEXT, "k1")


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"id": "r", "from": "1"}', b'{"id": "", "from": "1", "text": ""}', b'{"id": "r", "from": 1, "text": ""}'],
)
def test_replies_that_cannot_be_read_are_refused(body):
    with pytest.raises(UnreadablePostError):
        read_reply(body)


@given(st.binary(max_size=200) | JSON.map(lambda said: json.dumps(said).encode()))
def test_garbage_is_refused_or_read_and_never_raises_otherwise(body):
    for read in (read_statuses, read_reply):
        with contextlib.suppress(UnreadablePostError):
            assert read(body)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("3125550142", "+13125550142"), ("(312) 555-0142", "+13125550142"), ("1-312-555-0142", "+13125550142"),
        ("+44 20 7946 0958", "+442079460958"), ("312-555-0142;ext=12", "+13125550142"), ("555-0142", ""), ("", ""),
        ("+123", ""), ("+1234567890123456", ""),
    ],
)  # fmt: skip
def test_numbers_leave_as_international_ones(value, number):
    assert international(value) == number
