"""The simulated clinic group: sources, clinics, calendars, providers, rooms and visit types. Data only, no clock.

Local times are wall-clock times of the clinic's zone. Nothing here is a real place or person.
"""

from dataclasses import dataclass
from datetime import date, time
from functools import cached_property
from zoneinfo import ZoneInfo

from scheduling.vocabulary import FeedFormat, Transport

CHICAGO, NEW_YORK, DENVER = "America/Chicago", "America/New_York", "America/Denver"
WEEK = (0, 1, 2, 3, 4)
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


@dataclass(frozen=True)
class VisitType:
    """A kind of visit; ``slots`` is how many template slots in a row it takes, ``weight`` its share of bookings."""

    code: str
    name: str
    slots: int
    weight: int


@dataclass(frozen=True)
class Provider:
    """Someone whose day is divided into slots of ``slot_minutes`` from ``starts`` to ``ends`` on ``weekdays``."""

    code: str
    family: str
    given: str
    room: str
    slot_minutes: int
    weekdays: tuple[int, ...]
    starts: time
    ends: time


@dataclass(frozen=True)
class ClinicPlan:
    """A clinic: its zone, hours, holidays, providers, visit types and how many bookings an open day brings."""

    source: str
    key: str
    code: str
    name: str
    timezone: str
    opens: time
    closes: time
    weekdays: tuple[int, ...]
    visit_types: tuple[VisitType, ...]
    providers: tuple[Provider, ...]
    bookings_a_day: float
    trait: str = ""
    holidays: tuple[tuple[date, str], ...] = ()

    @cached_property
    def zone(self) -> ZoneInfo:
        """The clinic's zone."""
        return ZoneInfo(self.timezone)

    @cached_property
    def closed_on(self) -> frozenset[date]:
        """Holidays, as local dates."""
        return frozenset(day for day, _ in self.holidays)

    @property
    def is_round_the_clock(self) -> bool:
        """Open day and night; such clinics take no holiday."""
        return self.opens == time(0, 0) and self.closes >= time(23, 59)


@dataclass(frozen=True)
class SourcePlan:
    """An EHR instance with its one feed. ``mrn_prefix`` and ``authority`` name its patients."""

    key: str
    name: str
    timezone: str
    feed_key: str
    feed_name: str
    format: FeedFormat
    transport: Transport
    authority: str
    mrn_prefix: str
    clinics: tuple[ClinicPlan, ...]


@dataclass(frozen=True)
class Organisation:
    """A group of sources under one roof."""

    name: str
    sources: tuple[SourcePlan, ...]

    @cached_property
    def clinics(self) -> dict[tuple[str, str], ClinicPlan]:
        """Every clinic by (source key, clinic code)."""
        return {(clinic.source, clinic.code): clinic for source in self.sources for clinic in source.clinics}

    @cached_property
    def by_key(self) -> dict[str, SourcePlan]:
        """Every source by its key."""
        return {source.key: source for source in self.sources}


def _types(*rows: tuple[str, str, int, int]) -> tuple[VisitType, ...]:
    return tuple(VisitType(*row) for row in rows)


PRIMARY = _types(
    ("NEWP", "New patient", 2, 12), ("FUP", "Follow-up", 1, 45), ("PHYS", "Annual physical", 2, 15),
    ("SICK", "Sick visit", 1, 22), ("IMM", "Immunisation", 1, 6),
)  # fmt: skip
CARDIOLOGY = _types(
    ("CNEW", "Cardiology consult", 2, 30), ("CFUP", "Cardiology follow-up", 1, 50), ("ECHO", "Echocardiogram", 2, 20)
)
IMAGES = _types(("MRI", "MRI", 2, 30), ("CT", "CT scan", 1, 30), ("US", "Ultrasound", 1, 40))
URGENT = _types(("URG", "Urgent care", 1, 80), ("XR", "X-ray", 1, 20))
THERAPY = _types(("PTE", "Therapy evaluation", 2, 25), ("PTF", "Therapy session", 1, 75))
CHILDREN = _types(("WCC", "Well child visit", 1, 45), ("PSICK", "Child sick visit", 1, 40), ("VAX", "Vaccines", 1, 15))
SKIN = _types(("DNEW", "Dermatology consult", 1, 40), ("DFUP", "Skin check", 1, 45), ("PROC", "Minor procedure", 2, 15))
