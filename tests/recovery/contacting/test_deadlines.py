"""Ten business days to honour an opt-out, counted by the source's own days. No database."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from recovery.contacting.deadlines import honour_by

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("received_at", "day"),
    [
        (datetime(2026, 11, 23, 18, tzinfo=UTC), date(2026, 12, 7)),
        (datetime(2026, 11, 27, 18, tzinfo=UTC), date(2026, 12, 11)),
        (datetime(2026, 11, 28, 18, tzinfo=UTC), date(2026, 12, 11)),
        (datetime(2026, 11, 29, 18, tzinfo=UTC), date(2026, 12, 11)),
        (datetime(2026, 11, 24, 5, 59, tzinfo=UTC), date(2026, 12, 7)),
        (datetime(2026, 11, 24, 6, 0, tzinfo=UTC), date(2026, 12, 8)),
        (datetime(2026, 10, 30, 18, tzinfo=UTC), date(2026, 11, 13)),
    ],
    ids=["Monday", "Friday", "Saturday", "Sunday", "Monday before midnight", "Tuesday", "over a clock change"],
)
def test_revocation_is_honoured_within_ten_business_days(received_at, day):
    assert honour_by(received_at, CHICAGO) == day
