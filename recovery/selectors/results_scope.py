"""Whose numbers, of which days: what every statement of the results page is bounded by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from recovery.metrics.definitions import NOTICE
from recovery.metrics.periods import Period
from recovery.vocabulary import Family


@dataclass(frozen=True)
class Place:
    """One clinic that is counted."""

    id: int
    name: str
    zone: ZoneInfo


@dataclass(frozen=True)
class Scope:
    """Clinics a person may see (test clinics left out), days in each clinic's own calendar, kinds of work, notice."""

    places: Mapping[int, Place]
    period: Period
    now: datetime
    families: tuple[Family, ...] = tuple(Family)
    notice: timedelta = NOTICE

    def params(self) -> dict[str, Any]:
        """What every statement needs."""
        return {
            "clinics": sorted(self.places),
            "begins": self.period.begins_at,
            "ends": self.period.ends_at,
            "first": self.period.first,
            "last": self.period.last,
            "now": self.now,
        }
