"""What was given, taken apart as intake would; no database."""

from zoneinfo import ZoneInfo

import pytest

from scheduling.digestion.context import FeedContext
from scheduling.facts import ReaderContext
from scheduling.lab.bodies import bytes_of, guess_format, open_body, text_of
from scheduling.mapping.loading import SourceRules
from scheduling.vocabulary import FeedFormat
from tests.support.desk import DAY, NOW
from tests.support.messages import siu

SIU = siu("S12", visit="V1", at=NOW, starts_at=NOW + DAY)
BUNDLE = (
    b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Slot","id":"1"}},'
    b'{"resource":{"resourceType":"Slot","id":"2"}}]}'
)


def opened(body, format_=FeedFormat.HL7V2, number=1, profile=None):
    context = FeedContext(1, 1, format_, ReaderContext(ZoneInfo("UTC"), {}, profile or {}), {}, SourceRules(1))
    return open_body(body, context, number=number, now=NOW)


@pytest.mark.parametrize(
    ("data", "format_"),
    [
        (SIU, FeedFormat.HL7V2),
        (b"\x0b" + SIU, FeedFormat.HL7V2),
        (b"FHS|^~\\&\rBHS|^~\\&\r" + SIU, FeedFormat.HL7V2),
        (BUNDLE, FeedFormat.FHIR),
        (b"\xef\xbb\xbf [1]", FeedFormat.FHIR),
        (b"appointment_id;status\n1;S\n", FeedFormat.CSV),
        (b"one word", None),
        (b"a,b\0c", None),
        (b"", None),
    ],
    ids=["hl7", "framed", "batch", "bundle", "bom", "rows", "a word", "a zero", "nothing"],
)
def test_the_format_is_guessed_from_the_bytes(data, format_):
    assert guess_format(data) == format_


@pytest.mark.parametrize(
    ("format_", "data"),
    [(FeedFormat.HL7V2, b"a\rb\rc\r"), (FeedFormat.FHIR, b"a\nb\nc\n"), (FeedFormat.CSV, b"a\nb\nc\n")],
    ids=str,
)
def test_pasted_line_ends_become_those_of_the_format(format_, data):
    assert bytes_of("a\r\nb\rc\n", format_) == data


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"MSH|\xc3\xa9", "MSH|é"), (b"\xff\xfe", ""), (b"a\0b", ""), (b"x" * 300_000, "")],
    ids=["utf-8", "binary", "a zero", "too long"],
)
def test_an_upload_comes_back_as_text_only_where_it_is_text(data, text):
    assert text_of(data) == text


def test_a_pasted_message_is_the_message_that_intake_would_store():
    body = opened(bytes_of(SIU.decode().replace("\r", "\r\n"), FeedFormat.HL7V2))

    assert (body.message, body.number, body.total, body.fault) == (SIU, 1, 1, "")
    assert (body.control_id, len(body.digest), 0 <= body.lane < 64) == (SIU.split(b"|")[9].decode(), 16, True)


@pytest.mark.parametrize(("asked", "number"), [(1, 1), (2, 2), (3, 2), (0, 1)], ids=str)
def test_a_number_beyond_the_messages_is_the_nearest(asked, number):
    body = opened(BUNDLE, FeedFormat.FHIR, number=asked)

    assert (body.number, body.total) == (number, 2)
    assert f'"id":"{number}"'.encode() in body.message.replace(b" ", b"")


def test_a_body_over_the_feeds_own_limit_is_a_sentence():
    body = opened(SIU, profile={"max_bytes": 10})

    assert body.fault == f"The body has {len(SIU):,} bytes; this feed takes 10."


def test_a_wrong_count_of_a_batch_is_a_problem():
    body = opened(b"BHS|^~\\&\r" + SIU + b"BTS|7\r")

    assert [(problem.kind, problem.field) for problem in body.problems] == [("batch_count", "BTS-1")]
