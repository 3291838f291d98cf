"""A flood of equal findings is one exception with an exact count, capped samples and one notice, at no price in rate.

Each message is a visit of its own, through intake and digestion, with the ticks of a desk after each round.
"""

import time
from collections import Counter

import pytest
import structlog
import time_machine

from accounts.models import Team
from accounts.vocabulary import Role
from config.digesting import Digester
from config.ticks import TICKS
from exceptions.models import IntegrationException, Membership, Notice
from exceptions.notices.sending import send_notices
from exceptions.vocabulary import Channel, NoticeKind, SubjectKind
from tests.support.desk import DAY, HOUR, NOW
from tests.support.escalation import MINUTE, policy, step
from tests.support.messages import siu
from tests.support.receivers import mail_server, send_mail_to
from tests.support.sizes import SIZES, share

ROUND = 1_000  # messages that arrive together
HOURS = 6
AFTER_ROUND = {tick.name: tick.function for tick in TICKS if tick.name in {"run_steps", "audit_timers", "send_notices"}}
# What both cost is never the same twice on a shared machine; a statement a finding would be far below.
LEAST_SHARE = 0.6

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
    """Take a round of messages in, digest them and run the ticks; return their ids and the seconds it took."""
    started = time.perf_counter()
    ids = desk.receive(b"\r".join(bodies), now=NOW)
    Digester().drain()
    for tick in AFTER_ROUND.values():
        tick(NOW)
    return ids, time.perf_counter() - started


def side_by_side(desk, plain, flood):
    """Let both flow in turns, so that a busy machine slows both; return the ids of the flood by round, and seconds."""
    rounds, seconds = [], {"plain": 0.0, "flood": 0.0}
    for start in range(0, len(flood), ROUND):
        _, spent = flow(desk, plain[start : start + ROUND])
        seconds["plain"] += spent
        ids, spent = flow(desk, flood[start : start + ROUND])
        seconds["flood"] += spent
        rounds.append(ids)
    return rounds, seconds


@pytest.mark.parametrize("is_full", SIZES)
def test_flood_is_one_exception_with_exact_counts_and_one_notice(is_full, desk, milo, mail):
    number = share(100_000) if is_full else 3_000
    # The desk's clock stands still: a slow machine must not reach the second step of the plan.
    with time_machine.travel(NOW, tick=False):
        flow(desk, sent("W", ROUND, "Booked"))
        rounds, seconds = side_by_side(desk, sent("P", number, "Booked"), sent("F", number, "ZZ9"))
    log.info("flood", messages=number, **{f"{name}_a_second": round(number / spent) for name, spent in seconds.items()})

    found = IntegrationException.objects.get()
    assert (found.check_id, found.live_count, found.occurrences) == ("unmapped_status", number, number)
    assert Membership.objects.filter(exception=found, subject_kind=SubjectKind.APPOINTMENT).count() == number
    assert dict(found.hours.values_list("hour", "count")) == Counter(
        (NOW - n % HOURS * HOUR).replace(minute=0) for n in range(number)
    )
    assert (len(set(found.first_samples)), len(set(found.last_samples))) == (20, 20)
    assert set(found.first_samples) <= set(rounds[0])
    assert set(found.last_samples) <= set(rounds[-1])
    assert list(Notice.objects.order_by("channel").values_list("exception", "kind", "channel", "person")) == [
        (found.pk, NoticeKind.STEP, channel, milo.pk) for channel in (Channel.EMAIL, Channel.IN_APP)
    ]
    # The letter of the hour.
    send_notices(NOW + HOUR)
    assert len(mail.letters) == 1
    assert seconds["flood"] * LEAST_SHARE <= seconds["plain"]
