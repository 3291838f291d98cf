"""Two sweeps at once decide every visit once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections, transaction

from recovery.models import QueueItem, RiskDecision
from recovery.services.decide_risks import Decided, decide_risks
from tests.recovery.risk.conftest import Risky
from tests.support.desk import NOW, make_desk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def risky():
    made = Risky(make_desk())
    made.launch()
    made.policy(holdout=20)
    return made


def elsewhere(work, times):
    """Run ``work`` in threads of their own connections, all beginning at once."""
    barrier = Barrier(times)

    def run(_):
        try:
            barrier.wait()
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def test_every_visit_is_decided_and_queued_once(risky):
    visits = [risky.at_risk(f"V{number}") for number in range(12)]

    found = elsewhere(lambda: decide_risks(NOW), 3)

    assert sum(map(sum, found)) == RiskDecision.objects.count() == len(visits)
    assert QueueItem.objects.filter(family="confirm").count() == sum(one.contact for one in found)


def test_clinic_that_another_sweep_decides_is_passed_by(risky):
    risky.at_risk()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM recovery_riskseed FOR UPDATE")

        assert elsewhere(lambda: decide_risks(NOW), 1) == [Decided()]

    assert sum(decide_risks(NOW)) == 1
