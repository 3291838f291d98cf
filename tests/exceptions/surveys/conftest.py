"""A desk with a second feed of plain tables, and a way to run surveys and see what lives."""

from collections.abc import Callable
from datetime import datetime

import pytest

from exceptions.models import IntegrationException
from exceptions.services.run_survey import run_survey
from scheduling.models import Feed
from scheduling.vocabulary import FeedFormat, Transport
from tests.support.desk import Desk
from tests.support.rows import PROFILE


@pytest.fixture
def table(desk: Desk) -> Feed:
    """A feed of the desk's source whose files hold rows of ``tests.support.rows``."""
    return desk.feed_of(FeedFormat.CSV, Transport.FILE, PROFILE)


@pytest.fixture
def survey(desk: Desk) -> Callable[..., dict[str, int]]:
    """Run a survey and return how many live findings each of the checks of surveys has."""

    def run(name: str, *, now: datetime | None = None) -> dict[str, int]:
        assert run_survey(name, now=now or desk.now)
        live = IntegrationException.objects.filter(live_count__gt=0).order_by("check_id")
        counts: dict[str, int] = {}
        for check_id, count in live.values_list("check_id", "live_count"):
            counts[check_id] = counts.get(check_id, 0) + count
        return counts

    return run
