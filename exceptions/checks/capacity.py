"""Template and capacity: two visits in one slot, and visits where the provider's template has no place for them."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from exceptions.checks.found import Findings, Found
from exceptions.checks.kinds import Check
from exceptions.vocabulary import Family, OwnerTeam, Severity, SubjectKind
from scheduling.vocabulary import Decision

# So much of a day must be stated, in so many stretches, before what is not stated counts as outside: many sources send
# no template, only what was blocked or opened in it.
FULL_TEMPLATE, FEWEST_STRETCHES = timedelta(hours=4), 4

CHECKS = (
    Check(
        id="double_booked",
        title="Two visits in one slot",
        family=Family.TEMPLATE,
        severity=Severity.DEGRADED,
        happened="Two standing visits of one provider or room overlap, and no template allows it.",
        advice="Ask the clinic which visit stands. A cancellation or a move may have been lost on its way.",
        owner=OwnerTeam.ACCESS,
        blocks=frozenset({Decision.CONFIRM}),
        self_clearing=True,
    ),
    Check(
        id="outside_template",
        title="Visit outside the template",
        family=Family.TEMPLATE,
        severity=Severity.NOTE,
        happened="Visits stand where the provider's template of that day is blocked or has no slot.",
        advice="Ask the clinic whether the provider is there. If so, have the template corrected.",
        owner=OwnerTeam.ACCESS,
        self_clearing=True,
    ),
)


class StandingVisit(NamedTuple):
    """A visit that takes up a slot of a resource; moments in UTC."""

    appointment_id: int
    source_id: int
    clinic_id: int | None
    resource: str
    starts_at: datetime
    minutes: int
    booked_at: datetime
    resource_day: int

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.starts_at + timedelta(minutes=self.minutes)


class TemplateStretch(NamedTuple):
    """A stretch of a provider's template: open, held, taken or blocked."""

    source_id: int
    resource: str
    starts_at: datetime
    minutes: int
    status: str
    resource_day: int

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def is_blocked(self) -> bool:
        """Whether nobody is to be seen in it."""
        return self.status == "blocked"


_Resource = tuple[int, str]
_starts_at = attrgetter("starts_at")


def find(visits: Iterable[StandingVisit], stretches: Iterable[TemplateStretch]) -> Findings:
    """Yield the visits that collide with another of their resource, or with its template."""
    booked: dict[_Resource, list[StandingVisit]] = defaultdict(list)
    for visit in visits:
        booked[visit.source_id, visit.resource].append(visit)
    stated: dict[_Resource, list[TemplateStretch]] = defaultdict(list)
    for stretch in stretches:
        stated[stretch.source_id, stretch.resource].append(stretch)
    for resource, own in booked.items():
        template = _Template(stated[resource])
        yield from _find_collisions(own, template)
        yield from _find_outside(own, template)


class _Template:
    """The stretches of one resource, to be asked by time."""

    def __init__(self, stretches: Iterable[TemplateStretch]) -> None:
        self._stretches = sorted(stretches, key=_starts_at)
        self._starts = [each.starts_at for each in self._stretches]
        self._longest = max((each.minutes for each in self._stretches), default=0)

    def between(self, begins: datetime, ends: datetime) -> list[TemplateStretch]:
        """The stretches that share time with one; for a moment give it twice."""
        first = bisect_left(self._starts, begins - timedelta(minutes=self._longest))
        last = bisect_right(self._starts, ends) if begins == ends else bisect_left(self._starts, ends)
        return [each for each in self._stretches[first:last] if each.ends_at > begins]

    def places(self, at: datetime) -> int:
        """How many stretches that are not blocked hold a moment."""
        return sum(not each.is_blocked for each in self.between(at, at))

    def full_days(self) -> set[int]:
        """The days of which enough is stated for the rest to mean something."""
        stated: dict[int, list[int]] = defaultdict(list)
        for each in self._stretches:
            if not each.is_blocked:
                stated[each.resource_day].append(each.minutes)
        return {
            day
            for day, minutes in stated.items()
            if len(minutes) >= FEWEST_STRETCHES and timedelta(minutes=sum(minutes)) >= FULL_TEMPLATE
        }


def _find_collisions(visits: Iterable[StandingVisit], template: _Template) -> Findings:
    """Yield both visits of each collision, unless the template itself has two places there."""
    since: dict[StandingVisit, datetime] = {}
    for one, other in _overlaps(visits):
        if template.places(max(one.starts_at, other.starts_at)) < 2:
            at = max(one.booked_at, other.booked_at)
            for visit in (one, other):
                since[visit] = min(at, since.get(visit, at))
    return (_of_visit("double_booked", "", visit, at) for visit, at in since.items())


def _overlaps(visits: Iterable[StandingVisit]) -> Iterator[tuple[StandingVisit, StandingVisit]]:
    """Pairs of visits that share time; one that ends where the other starts does not."""
    going: list[StandingVisit] = []
    for visit in sorted(visits, key=lambda each: (each.starts_at, each.appointment_id)):
        going = [other for other in going if other.ends_at > visit.starts_at]
        for other in going:
            yield other, visit
        if visit.minutes > 0:
            going.append(visit)


def _find_outside(visits: Iterable[StandingVisit], template: _Template) -> Findings:
    full_days = template.full_days()
    for visit in visits:
        if any(each.is_blocked for each in template.between(visit.starts_at, visit.ends_at)):
            yield _of_visit("outside_template", "blocked", visit, visit.booked_at)
        elif visit.resource_day in full_days and not template.places(visit.starts_at):
            yield _of_visit("outside_template", "no slot", visit, visit.booked_at)


def _of_visit(check: str, raw: str, visit: StandingVisit, at: datetime) -> Found:
    return Found(check, visit.source_id, visit.clinic_id, raw, SubjectKind.APPOINTMENT, visit.appointment_id, at)
