"""What the page of maintenance windows prints: what runs now and what it silences, what is planned, what is over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.core.cache import caches
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.scope import grants_of
from config.web.asking import bounded_counts
from config.web.paging import Count
from exceptions.models import IntegrationException, MaintenanceWindow

MOST_AHEAD, MOST_OVER = 200, 50
KEPT_SECONDS = 10
RUNNING_NOW = "running-maintenance-windows"


class Stage(StrEnum):
    """Where a window stands."""

    RUNNING = "running"
    PLANNED = "planned"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class WindowRow:
    """One window; ``silenced`` is what of the person's scope it keeps from telling anybody, None if it is not on."""

    window: MaintenanceWindow
    stage: Stage
    ends_at: datetime
    silenced: Count | None

    @property
    def is_called_off(self) -> bool:
        """Whether it was ended before it began."""
        return self.window.ended_at is not None and self.window.ended_at < self.window.starts_at

    @property
    def zone(self) -> ZoneInfo:
        """The zone its times are read in."""
        return (self.window.clinic or self.window.source).zone

    @property
    def place(self) -> str:
        """What it is about, from small to large."""
        names = [self.window.clinic, self.window.feed, self.window.source]
        return " · ".join(str(name) for name in names if name is not None)

    @property
    def place_query(self) -> str:
        """The same for the address of the list of exceptions."""
        place = f"source={self.window.source_id}"
        return f"{place}&clinic={self.window.clinic_id}" if self.window.clinic_id else place


def seen_windows(scope: Q) -> QuerySet[MaintenanceWindow]:
    """Windows of a person's places with the rows a line prints."""
    return MaintenanceWindow.objects.filter(scope).select_related("source", "clinic", "feed", "made_by")


def window_rows(scope: Q, user: Any, now: datetime) -> list[WindowRow]:
    """Running ones first, then those ahead by their beginning, then the last that are over; three queries."""
    windows = seen_windows(scope).annotate(ends=Coalesce("ended_at", "ends_at"))
    ahead = list(windows.filter(ends__gt=now).order_by("starts_at", "id")[:MOST_AHEAD])
    over = windows.filter(ends__lte=now).order_by("-ends", "-id")[:MOST_OVER]
    running = [window for window in ahead if window.starts_at <= now]
    silenced = _silenced(running, user)
    rows = [WindowRow(window, Stage.RUNNING, _end(window), silenced[str(window.pk)]) for window in running]
    rows += [WindowRow(window, Stage.PLANNED, _end(window), None) for window in ahead if window.starts_at > now]
    return rows + [WindowRow(window, Stage.OVER, _end(window), None) for window in over]


def covered_q(window: MaintenanceWindow) -> Q:
    """The exceptions that a window is about, as ``step_world.Window.covers`` has it."""
    covered = Q(source=window.source_id)
    if window.feed_id is not None:
        covered &= Q(feed=window.feed_id)
    return covered & Q(clinic=window.clinic_id) if window.clinic_id is not None else covered


def _silenced(windows: Iterable[MaintenanceWindow], user: Any) -> dict[str, Count]:
    visible = IntegrationException.objects.visible_to(user).unresolved()
    return bounded_counts({str(window.pk): visible.filter(covered_q(window)) for window in windows})


def _end(window: MaintenanceWindow) -> datetime:
    return window.ended_at or window.ends_at


def running_now(user: Any, now: datetime) -> list[MaintenanceWindow]:
    """The windows that are on in a person's places, from a cache of some seconds that all people share."""
    kept: list[MaintenanceWindow] | None = caches["local"].get(RUNNING_NOW)
    if kept is None:
        soon = seen_windows(Q(ended_at=None, ends_at__gt=now)).order_by("ends_at", "id")
        kept = list(soon[:MOST_AHEAD])
        caches["local"].set(RUNNING_NOW, kept, KEPT_SECONDS)
    grants = grants_of(user)
    return [
        window
        for window in kept
        if window.starts_at <= now < window.ends_at
        and any(
            grant.is_everywhere
            or grant.source_id == window.source_id
            or (grant.clinic_source_id == window.source_id and window.clinic_id in {None, grant.clinic_id})
            for grant in grants
        )
    ]
