import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.readers.peek import Peek, peek
from scheduling.vocabulary import FeedFormat


@pytest.mark.parametrize(
    ("feed_format", "body", "expected"),
    [
        (
            FeedFormat.HL7V2,
            b"MSH|^~\\&|A|B|C|D|20261122||SIU^S12|M1|P|2.5\rPID|1||77^^^E~9||Roe^Jo\r",
            Peek("M1", "77"),
        ),
        (FeedFormat.FHIR, b'{"resourceType":"Patient","id":"p7","meta":{"versionId":"2"}}', Peek("Patient/p7/2", "p7")),
        (
            FeedFormat.FHIR,
            b'{"resourceType":"Appointment","id":"a1","participant":[{},{"actor":{"reference":"https://x/Patient/p7"}}]}',
            Peek("", "p7"),
        ),
        (
            FeedFormat.FHIR,
            b'{"resourceType":"AppointmentResponse","id":"r1","meta":{"versionId":1},"actor":{"reference":"Patient/p7"}}',
            Peek("AppointmentResponse/r1/1", "p7"),
        ),
        (
            FeedFormat.FHIR,
            b'{"resourceType":"Encounter","id":"e1","subject":{"reference":"Group/p7"}}',
            Peek(),
        ),
        (FeedFormat.FHIR, b'{"resourceType":"Slot","id":"s1"}', Peek()),
        (
            FeedFormat.FHIR,
            b'{"resourceType":"Patient","id":"p7","link":[{"other":{"reference":"Patient/p8"},"type":"replaced-by"}]}',
            Peek("", "p8", "p7"),
        ),
        (
            FeedFormat.FHIR,
            b'{"resourceType":"Patient","id":"p7","link":[{"other":{"reference":"Patient/p8"},"type":"replaces"}]}',
            Peek("", "p7", "p8"),
        ),
        (
            FeedFormat.FHIR,
            b'{"resourceType":"Patient","id":"p7","link":[{"other":{"reference":"Patient/p8"},"type":"seealso"}]}',
            Peek("", "p7"),
        ),
        (FeedFormat.FHIR, b'{"resourceType":"Patient","id":7,"link":[3,{"other":[],"type":{}}]}', Peek("", "7")),
        (FeedFormat.FHIR, b"[1]", Peek()),
        (FeedFormat.FHIR, b"MSH|", Peek()),
        (FeedFormat.CSV, b"#desk kind=delta control=V1%2F1 patient=7\nh\nr\n", Peek("V1/1", "7")),
        (FeedFormat.CSV, b"h\nr\n", Peek()),
        (FeedFormat.CSV, b"#desk control=a%00b patient=" + b"9" * 300 + b"\n", Peek("ab", "9" * 255)),
    ],
    ids=[
        *("hl7", "patient", "appointment", "response", "group", "slot"),
        *("retired", "survivor", "double", "odd links", "array", "no json"),
        *("row", "row without note", "bounded"),
    ],
)
def test_peek(feed_format, body, expected):
    assert peek(body, feed_format) == expected


@given(st.binary(), st.sampled_from(FeedFormat), st.sampled_from([b"", b"MSH|^~\\&|", b'{"resourceType":', b"#desk "]))
def test_peek_never_raises(body, feed_format, start):
    found = peek(start + body, feed_format)

    assert "\x00" not in "".join(found)
