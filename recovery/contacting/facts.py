"""What the contact rules look at: one person, one intended contact, what happened before. Plain values, UTC moments."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from recovery.vocabulary import Family, Mark, OutreachChannel, Topic

ANY = "all"  # a consent line about every channel


class Point(NamedTuple):
    """One way on file. ``mark`` is the newest thing learnt about it; ``sharers`` how many other people have it."""

    system: str
    use: str
    value: str
    rank: int | None = None
    ends_on: date | None = None
    mark: Mark | None = None
    marked_at: datetime | None = None
    sharers: int = 0


class ConsentLine(NamedTuple):
    """The newest line about one channel and topic; an empty topic is about all of them."""

    channel: str
    topic: str
    is_allowed: bool
    since: datetime


class Earlier(NamedTuple):
    """One contact that counted, of whichever queue (one counter over all, DESIGN section 8).

    ``visit_id`` is the visit that the item was about; ``is_going_on``: a call back was promised in it.
    """

    channel: OutreachChannel
    at: datetime
    is_same_number: bool = False
    family: Family | None = None
    clinic_id: int | None = None
    visit_id: int | None = None
    is_going_on: bool = False


class ContactHours(NamedTuple):
    """From when until when people may be contacted, in their own local time."""

    weekdays: tuple[time, time]
    sundays: tuple[time, time]


class Policy(NamedTuple):
    """What a clinic decided about contacting people."""

    hours: ContactHours
    most_texts_a_day: int
    most_texts_a_week: int
    most_calls_a_day: int
    revoke_all: bool


class Tries(NamedTuple):
    """How often an item is tried, and how long it rests in between; ``most`` None is no limit."""

    most: int | None
    rest: timedelta
    used: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """One person as far as contacting them is concerned; a merged record brings its survivor's facts.

    ``zone`` None means not stated: the clinic's counts. ``languages`` are what the desk can write in per channel, and
    what its staff speak is in ``Ask``.
    """

    patient_id: int
    died: bool = False
    survivor_id: int | None = None
    wants_none: bool = False
    is_restricted: bool = False
    is_revealed: bool = False
    language: str = ""
    zone: ZoneInfo | None = None
    born_on: date | None = None
    guardian: str = ""
    points: tuple[Point, ...] = ()
    consents: tuple[ConsentLine, ...] = ()
    earlier: tuple[Earlier, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """What is intended: about what, for which clinic, under which policy.

    ``spoken`` are the languages of whoever would call, ``colleagues`` those of others on the staff, ``written`` the
    languages with an approved template by channel. ``consent_age`` is how old our knowledge of opt-outs and deaths is,
    ``consent_limit`` how old it may be for a message to leave; None is unknown, which holds. ``is_confidential``: a
    minor's visit of this type is nobody else's affair.
    """

    topic: Topic
    clinic_zone: ZoneInfo
    policy: Policy
    tries: Tries
    spoken: frozenset[str] = frozenset()
    colleagues: frozenset[str] = frozenset()
    written: dict[OutreachChannel, frozenset[str]] | None = None
    consent_age: timedelta | None = timedelta(0)
    consent_limit: timedelta = timedelta(minutes=15)
    clinic_id: int | None = None
    visit_id: int | None = None
    is_confidential: bool = False
