"""What running steps asks for: calendars, who is in which team, who may see what, maintenance. Constant queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts.duty import DutyPlan, on_duty
from accounts.models import Grant, Team, User
from exceptions.escalation import Step
from exceptions.hours import Calendar
from exceptions.models import IntegrationException, MaintenanceWindow, WebhookEndpoint
from exceptions.selectors.calendars import Calendars, load_calendars
from exceptions.vocabulary import Target

NOBODY = "Nobody there could be told."
NOBODY_ON_DUTY = "Nobody was on duty, so the whole team was told."
ENDPOINT_IS_OFF = "The endpoint is switched off."


class Told(NamedTuple):
    """Whom a step tells: people, or an endpoint; ``note`` says what was unusual."""

    people: tuple[int, ...] = ()
    endpoint: int | None = None
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it tells nobody at all."""
        return not self.people and self.endpoint is None


class Window(NamedTuple):
    """A maintenance window that is on."""

    source: int
    feed: int | None
    clinic: int | None
    ends_at: datetime

    def covers(self, exception: IntegrationException) -> bool:
        """Whether it is about an exception; one of a single clinic or feed leaves the rest of the source alone."""
        return (
            exception.source_id == self.source
            and self.feed in {None, exception.feed_id}
            and self.clinic in {None, exception.clinic_id}
        )


class StepWorld(NamedTuple):
    """People, places and hours as they are now. ``members`` are active ones, in order of their names."""

    calendars: Calendars
    members: Mapping[int, tuple[int, ...]]
    active: frozenset[int]
    grants: Mapping[int, tuple[tuple[int | None, int | None], ...]]  # by person: source, clinic
    endpoints: frozenset[int]
    windows: tuple[Window, ...]

    def calendar(self, exception: IntegrationException) -> Calendar:
        """When the clinics of an exception are open, and who is on duty."""
        return self.calendars.of(exception.source_id, exception.clinic_id)

    def maintained_until(self, exception: IntegrationException) -> datetime | None:
        """When the maintenance is over that covers it; None where there is none."""
        return max((window.ends_at for window in self.windows if window.covers(exception)), default=None)

    def whom(self, step: Step, exception: IntegrationException, at: datetime) -> Told:
        """Whom a step tells at a moment: only people who may see the exception (I13)."""
        if step.target == Target.WEBHOOK:
            is_on = step.endpoint in self.endpoints
            return Told(endpoint=step.endpoint) if is_on else Told(note=ENDPOINT_IS_OFF)
        if step.target == Target.PERSON:
            return self._seeing(() if step.person is None else (step.person,), exception)
        team = step.team or exception.owner_team_id
        everybody = self._seeing(self.members.get(team, ()) if team else (), exception)
        if step.target == Target.TEAM or team is None:
            return everybody
        there = self._seeing(on_duty(self.calendars.duties.get(team, DutyPlan()), at), exception)
        if there.people or everybody.is_empty:
            return there
        return everybody._replace(note=NOBODY_ON_DUTY)

    def _seeing(self, people: Iterable[int], exception: IntegrationException) -> Told:
        found = tuple(person for person in people if person in self.active and self._sees(person, exception))
        return Told(found) if found else Told(note=NOBODY)

    def _sees(self, person: int, exception: IntegrationException) -> bool:
        return any(
            (source is None and clinic is None)
            or source == exception.source_id
            or (clinic is not None and clinic == exception.clinic_id)
            for source, clinic in self.grants.get(person, ())
        )


def load_step_world(source_ids: Collection[int], now: datetime) -> StepWorld:
    """Read everything that running steps of some sources' exceptions needs; ten queries."""
    members: dict[int, list[int]] = defaultdict(list)
    rows = Team.members.through.objects.filter(user__is_active=True)
    for team, person in rows.order_by("user__first_name", "user__last_name", "user_id").values_list("team", "user"):
        members[team].append(person)
    grants: dict[int, list[tuple[int | None, int | None]]] = defaultdict(list)
    for person, source, clinic in Grant.objects.values_list("user_id", "source_id", "clinic_id"):
        grants[person].append((source, clinic))
    return StepWorld(
        load_calendars(source_ids, now),
        {team: tuple(people) for team, people in members.items()},
        frozenset(User.objects.filter(is_active=True).values_list("id", flat=True)),
        {person: tuple(held) for person, held in grants.items()},
        frozenset(WebhookEndpoint.objects.filter(is_active=True).values_list("id", flat=True)),
        load_windows(source_ids, now),
    )


def load_windows(source_ids: Collection[int], now: datetime) -> tuple[Window, ...]:
    """The maintenance windows of some sources that are on; one query."""
    rows = MaintenanceWindow.objects.filter(Q(ended_at=None) | Q(ended_at__gt=now), source__in=source_ids)
    on = rows.filter(starts_at__lte=now, ends_at__gt=now).annotate(over_at=Coalesce("ended_at", "ends_at"))
    return tuple(Window(*row) for row in on.values_list("source_id", "feed_id", "clinic_id", "over_at"))
