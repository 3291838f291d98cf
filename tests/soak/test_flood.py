"""A flood of equal findings is one exception with an exact count, capped samples and one notice, at no price in rate.

Each message is a visit of its own, through intake and digestion, with the ticks of a desk between the batches.
"""

import time
from collections import Counter

import pytest
import structlog
import time_machine

from accounts.models import Team
from accounts.vocabulary import Role
from config.digesting import Digester
from config.pipeline import BATCH
from config.ticks import TICKS
from exceptions.models import IntegrationException, Membership, Notice
from exceptions.notices.sending import send_notices
from exceptions.vocabulary import Channel, NoticeKind, SubjectKind
from tests.support.desk import DAY, HOUR, NOW
from tests.support.escalation import MINUTE, policy, step
from tests.support.messages import siu
from tests.support.receivers import mail_server, send_mail_to
from tests.support.sizes import SIZES, share

ENVELOPE = 500  # messages that a sender hands over at once
HOURS = 6
BETWEEN = {tick.name: tick.function for tick in TICKS if tick.name in {"run_steps", "audit_timers", "send_notices"}}
# A shared machine is never as quiet twice; what a finding cost when each was a statement of its own is far below.
LEAST_SHARE = 0.5

log = structlog.get_logger(__name__)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mail(settings):
    with mail_server() as server:
        send_mail_to(server, settings)
        yield server


@pytest.fixture
def milo(desk, person):
    """Who is told first: the only member of the team that gets everything."""
    milo = person(Role.INTEGRATION, source=desk.source)
    Team.objects.create(key="all", name="Everything", is_catch_all=True).members.add(milo)
    policy(step(0 * MINUTE), step(15 * MINUTE))
    return milo


def sent(prefix, number, status):
    """Bookings of so many visits, of as many patients, over the last hours."""
    return [
        siu(
            "S12", visit=f"{prefix}{n}", control=f"{prefix}{n}", at=NOW - (n % HOURS) * HOUR, status=status,
            patient=f"N-{prefix}{n}", starts_at=NOW + DAY + n % 5_000 * MINUTE, provider=f"DR{n}", phone=f"312{n:07}",
        )
        for n in range(number)
    ]  # fmt: skip


def flow(desk, bodies):
    """Take messages in and digest them, ticks in between; return their ids and the messages a second."""
    ids, digester, started = [], Digester(), time.perf_counter()
    for start in range(0, len(bodies), ENVELOPE):
        ids += desk.receive(b"\r".join(bodies[start : start + ENVELOPE]), now=NOW)
        if start % (10 * ENVELOPE) == 0:
            digester.drain()
            for tick in BETWEEN.values():
                tick(NOW)
    digester.drain()
    for tick in BETWEEN.values():
        tick(NOW)
    return ids, len(ids) / (time.perf_counter() - started)


@pytest.mark.parametrize("is_full", SIZES)
def test_flood_is_one_exception_with_exact_counts_and_one_notice(is_full, desk, milo, mail):
    number = share(100_000) if is_full else 3_000
    # The desk's clock stands still: a slow machine must not reach the second step of the plan.
    with time_machine.travel(NOW, tick=False):
        flow(desk, sent("W", ENVELOPE, "Booked"))
        _, plain_rate = flow(desk, sent("P", number, "Booked"))
        ids, flood_rate = flow(desk, sent("F", number, "ZZ9"))
    log.info("flood", messages=number, plain_a_second=round(plain_rate), flood_a_second=round(flood_rate))

    found = IntegrationException.objects.get()
    assert (found.check_id, found.live_count, found.occurrences) == ("unmapped_status", number, number)
    assert Membership.objects.filter(exception=found, subject_kind=SubjectKind.APPOINTMENT).count() == number
    assert dict(found.hours.values_list("hour", "count")) == Counter(
        (NOW - n % HOURS * HOUR).replace(minute=0) for n in range(number)
    )
    assert (len(set(found.first_samples)), len(set(found.last_samples))) == (20, 20)
    assert set(found.first_samples) <= set(ids[:ENVELOPE])
    assert set(found.last_samples) <= set(ids[-BATCH:])
    assert list(Notice.objects.order_by("channel").values_list("exception", "kind", "channel", "person")) == [
        (found.pk, NoticeKind.STEP, channel, milo.pk) for channel in (Channel.EMAIL, Channel.IN_APP)
    ]
    # The letter of the hour.
    send_notices(NOW + HOUR)
    assert len(mail.letters) == 1
    assert flood_rate >= LEAST_SHARE * plain_rate
