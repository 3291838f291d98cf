"""Find timers that should have fired (I8): their lag is on screen and in metrics, and above a minute an exception."""

from datetime import datetime, timedelta

from exceptions.checks.own import TIMERS_STUCK, Own
from exceptions.models import IntegrationException
from exceptions.selectors.timer_lag import lag_by_source
from exceptions.services.move_exception import Order, move_exception
from exceptions.services.raise_own import raise_own
from exceptions.vocabulary import Verb

STUCK_AFTER = timedelta(seconds=60)
RUNNING_AGAIN = "The timers run again."


def audit_timers(now: datetime) -> int:
    """Raise an exception for each source whose timers are stuck, close it where they run again; return how many are."""
    stuck = {source for source, lag in lag_by_source(now).items() if lag > STUCK_AFTER}
    raised = {one.source_id: one for one in IntegrationException.objects.unresolved().filter(check_id=TIMERS_STUCK)}
    new = [Own(TIMERS_STUCK, source, "", now) for source in sorted(stuck - raised.keys())]
    if new:
        raise_own(new, now)
    for source in raised.keys() - stuck:
        move_exception(raised[source], Verb.RESOLVE, Order(reason=RUNNING_AGAIN), actor=None, now=now)
    return len(stuck)
