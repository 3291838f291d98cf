from zoneinfo import ZoneInfo

import pytest

from scheduling.facts import ReaderContext
from scheduling.readers.registry import READERS
from scheduling.vocabulary import FeedFormat


def test_registry_has_a_reader_for_every_format():
    assert set(READERS) == set(FeedFormat)


@pytest.mark.parametrize(
    ("feed_format", "body", "trigger"),
    [
        (FeedFormat.HL7V2, b"MSH|^~\\&|A|B|C|D|20261122||ADT^A08|M1|P|2.5\rPID|1||77\r", "A08"),
        (FeedFormat.FHIR, b'{"resourceType":"Patient","id":"p1"}', "Patient"),
        (FeedFormat.CSV, b"appointment_id\nV1\n", "row"),
    ],
    ids=["hl7", "fhir", "csv"],
)
def test_registry_reads_by_format(feed_format, body, trigger):
    assert READERS[feed_format](body, ReaderContext(ZoneInfo("UTC"))).trigger == trigger
