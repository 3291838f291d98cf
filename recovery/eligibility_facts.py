"""What the rules of eligibility look at: a slot, a candidate, a person, a moment. Pure.

Moments are UTC; wishes are local to the clinic of the slot.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from recovery.vocabulary import Decider, Movable


class Reason(NamedTuple):
    """One reason: a code for logs and counts, a sentence for people."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class TypeRule:
    """What a clinic decided about a visit type; the defaults are what holds where it decided nothing."""

    movable: Movable = Movable.REVIEW
    preparation: timedelta = timedelta()
    notice: timedelta = timedelta()
    fits: frozenset[str] = frozenset()
    decider: Decider = Decider.SCHEDULER

    @property
    def needs_review(self) -> bool:
        """Whether somebody has to agree before an offer goes out."""
        return self.movable == Movable.REVIEW or self.decider == Decider.CLINICIAN


@dataclass(frozen=True, slots=True)
class Slot:
    """A freed slot; ``left_by`` are the records of the person who gave it back."""

    starts_at: datetime
    minutes: int
    visit_type: str | None
    resource: str | None
    clinic_id: int | None
    zone: ZoneInfo
    left_by: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody on the waitlist asked for; empty fits every slot."""

    since: datetime
    provider_code: str = ""
    not_before_on: date | None = None
    not_after_on: date | None = None
    weekdays: frozenset[int] = frozenset()
    from_time: time | None = None
    until_time: time | None = None
    notice: timedelta | None = None


@dataclass(frozen=True, slots=True)
class OwnVisit:
    """The later visit that would be given up. ``is_first``: no other visit ahead begins before it."""

    starts_at: datetime | None
    resource: str | None = None
    stands: bool = True
    is_uncertain: bool = False
    is_first: bool = True
    in_series: bool = False


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Whom it is about: the record that survived merges. ``recent_offers`` are those of the last seven days."""

    patient_id: int
    is_closed: bool = False
    wants_none: bool = False
    is_restricted: bool = False
    has_phone: bool = True
    has_mobile: bool = False
    has_live_offer: bool = False
    recent_offers: int = 0
    has_sooner: bool = False
    clashes: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One slot and one candidate at one moment."""

    slot: Slot
    person: PersonFacts
    now: datetime
    visit_type: str
    clinic_id: int
    minutes: int | None = None
    rule: TypeRule = field(default_factory=TypeRule)
    wish: Wish | None = None
    visit: OwnVisit | None = None

    @property
    def begins(self) -> datetime:
        """When the slot begins, on the clinic's clock."""
        return self.slot.starts_at.astimezone(self.slot.zone)

    @property
    def ends(self) -> datetime:
        """When the candidate's visit would end, on the clinic's clock: real minutes later, whatever the clocks do."""
        return (self.slot.starts_at + timedelta(minutes=self.minutes or self.slot.minutes)).astimezone(self.slot.zone)

    @property
    def ahead(self) -> timedelta:
        """How long until the slot begins."""
        return self.slot.starts_at - self.now


@dataclass(frozen=True, slots=True)
class Fit:
    """Everything that speaks against and for a candidate."""

    why_not: tuple[Reason, ...]
    why: tuple[Reason, ...]

    @property
    def fits(self) -> bool:
        """Whether nothing is in the way."""
        return not self.why_not
