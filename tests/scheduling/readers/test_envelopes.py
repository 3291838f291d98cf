import pytest

from scheduling.facts import UnreadableMessageError
from scheduling.readers.envelopes import Arrival, Envelope, split
from scheduling.vocabulary import FeedFormat

MSH = b"MSH|^~\\&|A|B|C|D|20261122||SIU^S12|1|P|2.5\r"


@pytest.mark.parametrize(
    ("feed_format", "body", "messages"),
    [
        (FeedFormat.HL7V2, MSH, [MSH]),
        (FeedFormat.HL7V2, MSH + b"\r" + MSH, [MSH, MSH]),
        (FeedFormat.FHIR, b'{"a":1}\n{"a":2}', [b'{"a":1}', b'{"a":2}']),
        (
            FeedFormat.CSV,
            b"appointment_id,changed_at\nV1,1\n",
            [b"#desk kind=delta control=V1%2F1\nappointment_id,changed_at\nV1,1\n"],
        ),
    ],
    ids=["hl7", "two hl7", "fhir", "csv"],
)
def test_split_by_format(feed_format, body, messages):
    envelope = split(body, feed_format, {}, arrival=Arrival())

    assert (envelope.messages, envelope.problems) == (messages, [])


def test_split_passes_on_what_a_batch_declares():
    body = b"BHS|^~\\&\r" + MSH + b"BTS|1\r"

    assert split(body, FeedFormat.HL7V2, {}) == Envelope([MSH], declared=1)


@pytest.mark.parametrize(
    ("profile", "reason"),
    [({"max_bytes": 15}, "too_large"), ({"max_messages": 1}, "too_many_messages")],
)
def test_split_refuses_what_is_over_the_feeds_limits(profile, reason):
    with pytest.raises(UnreadableMessageError) as error:
        split(b'{"a":1}\n{"a":2}\n', FeedFormat.FHIR, profile)

    assert error.value.reason == reason


def test_split_takes_what_is_just_within_the_limits():
    envelope = split(b'{"a":1}\n{"a":2}\n', FeedFormat.FHIR, {"max_bytes": 16, "max_messages": 2})

    assert len(envelope.messages) == 2
