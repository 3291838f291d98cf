"""When an envelope as a whole cannot be read."""

import pytest

from scheduling.readers.envelopes import split
from scheduling.transports.legibility import envelope_fault
from scheduling.vocabulary import FeedFormat

MSH = "MSH|^~\\&|A|B\r"


@pytest.mark.parametrize(
    ("format", "body", "fault"),
    [
        (FeedFormat.HL7V2, MSH.encode(), ""),
        (FeedFormat.HL7V2, b"\xef\xbb\xbf" + MSH.encode(), ""),
        (FeedFormat.HL7V2, MSH.encode("utf-16"), ""),
        (FeedFormat.HL7V2, b"PID|1\r" + MSH.encode(), ""),
        (FeedFormat.HL7V2, b"PID|1||MSH|\r", "There is no MSH segment."),
        (FeedFormat.HL7V2, b"\0", "There is no MSH segment."),
        (FeedFormat.FHIR, b'\xef\xbb\xbf{"resourceType":"Patient"}', ""),
        (FeedFormat.FHIR, b'{"resourceType":', "It is no JSON: line 1, column 17."),
        (FeedFormat.FHIR, b'{"a":1}\nnonsense\n', ""),
        (FeedFormat.CSV, b"appointment_id\nV1\n", ""),
    ],
)
def test_fault_is_found_only_where_nothing_can_be_read(format, body, fault):  # noqa: A002
    assert envelope_fault(split(body, format, {}), format) == fault
