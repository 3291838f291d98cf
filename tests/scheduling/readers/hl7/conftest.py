from zoneinfo import ZoneInfo

import pytest

from scheduling.facts import ReaderContext
from scheduling.readers.hl7.reader import read

DENVER = ZoneInfo("America/Denver")
NEW_YORK = ZoneInfo("America/New_York")

SEGMENTS = {
    "MSH": r"MSH|^~\&|BOOKER|EASTSIDE|RDESK|HUB|20270302081500||SIU^S12^SIU_S12|C-100|P|2.5.1",
    "SCH": "SCH|P77^BOOKER|F77^BOOKER|||||||30|min|^^30^20270310093000||||||||||||||Booked",
    "PID": "PID|1||40021^^^EAST^MR||Fernsby^Lorna||19710518|F",
    "AIS": "AIS|1||FUP30^Follow-up",
    "AIL": "AIL|1||ENT^R4",
    "AIP": "AIP|1||881^Abara^Chidi",
}


@pytest.fixture
def context():
    """A source in Denver whose clinic ENT is in New York."""
    return ReaderContext(zone=DENVER, clinic_zones={"ENT": NEW_YORK})


@pytest.fixture
def siu(context):
    """Read a plain SIU message with some segments put in another's place; None leaves one out."""

    def build_and_read(*, profile=None, end="\r", **changes):
        lines = [line for line in ({**SEGMENTS, **changes}).values() if line is not None]
        settings = ReaderContext(context.zone, context.clinic_zones, profile or {})
        return read(end.join(lines).encode(), settings)

    return build_and_read
