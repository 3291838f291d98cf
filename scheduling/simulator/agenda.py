"""Providers' days: template slots in the clinic's wall-clock time, what stands in them, and finding a free run."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduling.simulator.organisation import ClinicPlan, Provider

LUNCH = "lunch"
BLOCKED = "blocked"


class Place(NamedTuple):
    """A run of ``length`` slots from ``first`` on one provider's day."""

    provider: Provider
    day: date
    first: int
    length: int
    starts_at: datetime


@dataclass(slots=True)
class ProviderDay:
    """One provider's slots of one day: when each starts (UTC) and what is in it ("" free, a visit key, or why not)."""

    starts: list[datetime]
    taken: list[str] = field(default_factory=list)


def local(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A wall-clock moment as UTC; the first of two where the clock is set back."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def slot_starts(day: date, provider: Provider, zone: ZoneInfo) -> list[datetime]:
    """The template's slot starts; wall-clock times that a DST change skips are left out."""
    wall = datetime.combine(day, provider.starts)
    end = datetime.combine(day, provider.ends)
    step = timedelta(minutes=provider.slot_minutes)
    starts = []
    while wall + step <= end + timedelta(minutes=1):
        moment = wall.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == wall:
            starts.append(moment)
        wall += step
    return starts


class Agenda:
    """All provider days of one clinic, made when first looked at."""

    def __init__(self, clinic: ClinicPlan) -> None:
        self.clinic = clinic
        self._days: dict[tuple[str, date], ProviderDay] = {}

    def day(self, provider: Provider, day: date) -> ProviderDay:
        """The provider's day; no slots when the provider or the clinic does not work."""
        made = self._days.get((provider.code, day))
        if made is None:
            works = day.weekday() in provider.weekdays and day not in self.clinic.closed_on
            starts = slot_starts(day, provider, self.clinic.zone) if works else []
            made = ProviderDay(starts, [self._template(start) for start in starts])
            self._days[provider.code, day] = made
        return made

    def _template(self, start: datetime) -> str:
        is_lunch = not self.clinic.is_round_the_clock and start.astimezone(self.clinic.zone).hour == 12
        return LUNCH if is_lunch else ""

    def find(self, random: Random, *, day: date, days: int, count: int, after: datetime) -> Place | None:
        """A free run of ``count`` slots on ``day`` or up to ``days`` days later that starts after ``after``."""
        providers = self.clinic.providers
        first = int(random.random() * len(providers))
        for offset in range(days):
            on = day + timedelta(days=offset)
            for turn in range(len(providers)):
                provider = providers[(first + turn) % len(providers)]
                found = self._run(random, self.day(provider, on), count, after)
                if found is not None:
                    return Place(provider, on, found, count, self.day(provider, on).starts[found])
        return None

    def _run(self, random: Random, book: ProviderDay, count: int, after: datetime) -> int | None:
        size = len(book.starts) - count + 1
        if size < 1 or book.starts[-1] <= after:
            return None
        taken = book.taken
        start = int(random.random() * size)
        for turn in range(size):
            index = (start + turn) % size
            if book.starts[index] > after and not any(taken[index : index + count]):
                return index
        return None

    def take(self, place: Place, key: str) -> None:
        """Put a visit, or the reason of a block, into a run."""
        self.day(place.provider, place.day).taken[place.first : place.first + place.length] = [key] * place.length

    def free(self, place: Place, key: str) -> None:
        """Give the run back where it still holds ``key``."""
        taken = self.day(place.provider, place.day).taken
        for index in range(place.first, place.first + place.length):
            if taken[index] == key:
                taken[index] = ""

    def forget_before(self, day: date) -> None:
        """Drop days that are over, so that a long simulation stays small."""
        for key in [key for key in self._days if key[1] < day]:
            del self._days[key]
