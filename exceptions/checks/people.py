"""What is known of one person who is to be reached about visits; facts of the contact and identity checks. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from exceptions.checks.found import Findings, Found
from exceptions.vocabulary import SubjectKind
from scheduling.vocabulary import Status

LOST = frozenset({Status.MISSED, Status.BUMPED})
AHEAD = frozenset({Status.PENDING, Status.BOOKED, Status.CONFIRMED})
FEWEST_DIGITS = 7
OF_AGE = 18


class VisitFacts(NamedTuple):
    """A visit ahead or lost. ``merged_at``: when the record it is booked under was retired, by the source's clock."""

    appointment_id: int
    clinic_id: int | None
    status: str
    starts_at: datetime
    booked_at: datetime
    status_at: datetime
    merged_at: datetime | None = None

    @property
    def is_lost(self) -> bool:
        """Whether it was missed or bumped."""
        return self.status in LOST


class PersonFacts(NamedTuple):
    """The record that survived all merges, and the person's visits within the window, under whichever record.

    Dates of the person are counted in the source's zone. ``points`` are [system, use, value, rank, ends_on] as the
    record has them. ``allowed`` and ``refused`` are channels by their newest consent line; what was allowed before
    everything was refused is refused. ``families_on_number`` counts the family names among all records with one of the
    person's mobile numbers. ``duplicate_of`` is the id of a live record that the source says is the same person's.
    """

    patient_id: int
    source_id: int
    source_zone: ZoneInfo
    visits: tuple[VisitFacts, ...]
    family: str = ""
    given: str = ""
    born_on: date | None = None
    language: str = ""
    zone: str = ""
    has_died: bool = False
    publicity: str = ""
    protection: str = ""
    vip: str = ""
    portal: str = ""
    guardian: str = ""
    points: tuple[list[Any], ...] = ()
    allowed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    families_on_number: int = 0
    duplicate_of: int | None = None

    @property
    def is_restricted(self) -> bool:
        """Whether lists must mask this person; as ``Patient.is_restricted``."""
        return self.protection == "Y" or bool(self.vip)

    @property
    def is_only_an_id(self) -> bool:
        """Whether visits name the record and nothing was ever said about the person."""
        return not (self.family or self.given or self.born_on or self.points)

    @property
    def wants_no_contact(self) -> bool:
        """Whether the person refused contact of every kind."""
        return self.publicity == "N" or "all" in self.refused

    @property
    def numbers(self) -> frozenset[str]:
        """The digits of every telephone number on file."""
        return frozenset(digits(str(point[2])) for point in self.points if point[0] == "phone") - {""}

    def mobiles(self, today: date) -> list[str]:
        """Mobile numbers as sent that can be used on a day: not old, not ended, long enough to dial."""
        return [str(point[2]) for point in usable(self.points, today) if point[:2] == ["phone", "mobile"]]

    def is_minor(self, today: date) -> bool:
        """Whether the person is under 18 on a day; one born on 29 February comes of age on 1 March."""
        if self.born_on is None:
            return False
        had_birthday = (today.month, today.day) >= (self.born_on.month, self.born_on.day)
        return today.year - self.born_on.year - (not had_birthday) < OF_AGE

    @property
    def visits_ahead(self) -> list[VisitFacts]:
        """The visits that still stand."""
        return [visit for visit in self.visits if not visit.is_lost]

    @property
    def visits_wanting(self) -> list[VisitFacts]:
        """Lost visits for which no later visit within the window stands: somebody should be reached about them."""
        last = max((visit.starts_at for visit in self.visits_ahead), default=None)
        return [visit for visit in self.visits if visit.is_lost and (last is None or visit.starts_at >= last)]


def usable(points: Iterable[list[Any]], today: date) -> list[list[Any]]:
    """The ways that are not marked old, have not ended before a day, and can be dialled where they are numbers."""
    return [
        point
        for point in points
        if point[1] != "old"
        and (point[4] is None or point[4] >= today.isoformat())
        and (point[0] != "phone" or len(digits(str(point[2]))) >= FEWEST_DIGITS)
    ]


def digits(number: str) -> str:
    """The digits of a number, its extension left out and the country code of North America dropped."""
    found = "".join(filter(str.isdigit, number.partition(";")[0]))
    return found[1:] if len(found) == 11 and found[0] == "1" else found


def of_person(check: str, raw: str, person: PersonFacts, visits: Sequence[VisitFacts]) -> Findings:
    """Yield one finding about a person for each clinic of some visits, as old as the first of them there."""
    since: dict[int | None, datetime] = {}
    for visit in visits:
        at = visit.status_at if visit.is_lost else visit.booked_at
        since[visit.clinic_id] = min(at, since.get(visit.clinic_id, at))
    for clinic_id, at in since.items():
        yield Found(check, person.source_id, clinic_id, raw, SubjectKind.PATIENT, person.patient_id, at)
