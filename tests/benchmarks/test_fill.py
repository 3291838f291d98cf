"""What benchmarks digest: as many messages as were asked for, none of them from the future."""

from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.fill import CLINICS, beginning, sent
from scheduling.simulator.clinics import group_of

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("wanted", [300, 6_000, 15_000])
def test_about_the_wanted_messages_have_come_by_now(wanted):
    began = beginning(wanted, NOW)
    organisation = group_of(CLINICS, years=range(began.year, began.year + 4))

    found = list(sent(organisation, wanted, 7, began=began, now=NOW))

    assert sum(delivery.messages for delivery in found) > 0.9 * wanted
    assert max(delivery.arrives_at for delivery in found) <= NOW


def test_messages_end_at_most_a_few_days_ago():
    began = beginning(15_000, NOW)
    organisation = group_of(CLINICS, years=range(began.year, began.year + 4))

    *_, last = sent(organisation, 15_000, 7, began=began, now=NOW)

    assert NOW - last.arrives_at < timedelta(days=3)
