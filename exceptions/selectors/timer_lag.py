"""How late the timers are: the oldest moment that is due and has not been worked off."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Min
from django.db.models.functions import Coalesce

from exceptions.lifecycle import STEPPING
from exceptions.models import IntegrationException, MaintenanceWindow
from exceptions.vocabulary import State

NO_LAG = timedelta(0)


class Lag(NamedTuple):
    """The oldest overdue moment of one kind of timer of one source; ``what`` is its sweep's word."""

    source: int
    what: str
    due_at: datetime


def timer_lag(now: datetime) -> timedelta:
    """How late the latest timer is, for screens and metrics; zero where nothing is overdue."""
    return max((now - lag.due_at for lag in timer_lags(now)), default=NO_LAG)


def timer_lags(now: datetime) -> list[Lag]:
    """What is overdue, by source and kind, the oldest first; five queries on partial indexes.

    A step that waits for its hours or for the end of maintenance is not overdue: its clock says when it may run.
    """
    rows = IntegrationException.objects.all()
    kinds = {
        "steps": ("next_step_at", rows.filter(state__in=STEPPING, waived_until=None)),
        "takes": ("taken_until", rows.filter(state=State.TAKEN)),
        "mutes": ("muted_until", rows.filter(state=State.MUTED)),
        "waivers": ("waived_until", rows.unresolved()),
    }
    lags = [
        Lag(source, what, oldest)
        for what, (clock, due) in kinds.items()
        for source, oldest in due.filter(**{f"{clock}__lte": now})
        .order_by()
        .values_list("source_id")
        .annotate(oldest=Min(clock))
    ]
    windows = MaintenanceWindow.objects.filter(rechecked_at=None).annotate(over_at=Coalesce("ended_at", "ends_at"))
    over = windows.filter(over_at__lte=now).order_by().values_list("source_id").annotate(oldest=Min("over_at"))
    lags += [Lag(source, "maintenance", oldest) for source, oldest in over]
    return sorted(lags, key=lambda lag: (lag.due_at, lag.source, lag.what))


def lag_by_source(now: datetime) -> Mapping[int, timedelta]:
    """How late the latest timer of each source is that has one overdue."""
    return {lag.source: now - lag.due_at for lag in reversed(timer_lags(now))}
