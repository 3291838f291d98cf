"""Change who of a team is on duty: weekly stretches, and swaps for one date. Each change leaves an audit row.

A stretch over midnight is kept as two, one up to it and one from it (``accounts.models.duties``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction

from accounts.duty import MIDNIGHT
from accounts.models import Duty, DutySwap, Team, User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from exceptions.errors import InvalidMoveError, StaleExceptionError

FURTHEST = timedelta(days=366)
WEEK = 7


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch in local time; ``ends`` not after ``starts`` means that it goes over midnight."""

    starts: time
    ends: time
    timezone: str

    @property
    def halves(self) -> tuple[tuple[int, time, time], ...]:
        """(days later, starts, ends) as rows hold them; 00:00 as an end is the end of the day."""
        if self.ends == MIDNIGHT or self.ends > self.starts:
            return ((0, self.starts, self.ends),)
        return ((0, self.starts, MIDNIGHT), (1, MIDNIGHT, self.ends))


@transaction.atomic
def add_duty(
    team: Team, person: User, *, weekdays: Sequence[int], hours: Hours, actor: User, now: datetime, request_id: str = ""
) -> int:
    """Put a person of the team on duty on these weekdays (0 is Monday); return the number of rows written.

    Raises InvalidMoveError for somebody else, and where the person has a stretch of these hours already. Whoever has
    the same hours already is told first: the newcomer comes after them.
    """
    _lock(team)
    _member(team, person)
    wanted = [
        ((day + later) % WEEK, starts, ends) for day in sorted(set(weekdays)) for later, starts, ends in hours.halves
    ]
    rows = list(Duty.objects.filter(team=team, timezone=hours.timezone))
    for weekday, starts, ends in wanted:
        if any(_meets(row, starts, ends) for row in rows if (row.person_id, row.weekday) == (person.pk, weekday)):
            raise InvalidMoveError(f"{person} is on duty at these hours already.")
    made = Duty.objects.bulk_create(
        Duty(
            team=team,
            person=person,
            weekday=weekday,
            starts=starts,
            ends=ends,
            timezone=hours.timezone,
            rank=1 + max((row.rank for row in rows if row.weekday == weekday and _meets(row, starts, ends)), default=0),
        )
        for weekday, starts, ends in wanted
    )
    _note(team, "add duty", made, actor, now, request_id)
    return len(made)


@transaction.atomic
def drop_duties(team: Team, ids: Iterable[int], *, actor: User, now: datetime, request_id: str = "") -> None:
    """Take stretches of the weekly plan out; raises StaleExceptionError where one of them is gone."""
    _lock(team)
    wanted = set(ids)
    rows = list(Duty.objects.filter(team=team, pk__in=wanted))
    if len(rows) != len(wanted) or not rows:
        raise StaleExceptionError("Somebody took this stretch out already.")
    _note(team, "drop duty", rows, actor, now, request_id)
    Duty.objects.filter(pk__in=wanted).delete()


@transaction.atomic
def add_swap(  # noqa: PLR0913 - what a swap says, and who says it
    team: Team,
    person: User | None,
    *,
    on: date,
    hours: Hours,
    reason: str,
    actor: User,
    now: datetime,
    request_id: str = "",
) -> int:
    """On one date another of the team has these hours, or nobody has; return the number of rows written.

    Raises InvalidMoveError for a past or far date, and where another swap covers one of the hours.
    """
    _lock(team)
    if person is not None:
        _member(team, person)
    if not now.date() - timedelta(days=1) <= on <= now.date() + FURTHEST:
        raise InvalidMoveError("Choose a date from today to a year ahead.")
    wanted = [(on + timedelta(days=later), starts, ends) for later, starts, ends in hours.halves]
    rows = list(DutySwap.objects.filter(team=team, on__in=[day for day, _, _ in wanted], timezone=hours.timezone))
    for day, starts, ends in wanted:
        if any(_meets(row, starts, ends) for row in rows if row.on == day):
            raise InvalidMoveError("Another swap covers these hours. Take it out first.")
    made = DutySwap.objects.bulk_create(
        DutySwap(
            team=team, person=person, on=day, starts=starts, ends=ends, timezone=hours.timezone, reason=reason.strip()
        )
        for day, starts, ends in wanted
    )
    _note(team, "add swap", made, actor, now, request_id)
    return len(made)


@transaction.atomic
def drop_swap(team: Team, pk: int, *, actor: User, now: datetime, request_id: str = "") -> None:
    """Take a swap out, so that the weekly plan holds again; raises StaleExceptionError where it is gone."""
    _lock(team)
    swap = DutySwap.objects.filter(team=team, pk=pk).first()
    if swap is None:
        raise StaleExceptionError("Somebody took this swap out already.")
    _note(team, "drop swap", [swap], actor, now, request_id)
    swap.delete()


def _lock(team: Team) -> None:
    """One change of a team's duties at a time, so that overlaps are seen."""
    Team.objects.select_for_update().get(pk=team.pk)


def _member(team: Team, person: User) -> None:
    if not person.is_active or not team.members.filter(pk=person.pk).exists():
        raise InvalidMoveError(f"{person} is not in this team.")


def _meets(row: Duty | DutySwap, starts: time, ends: time) -> bool:
    """Whether a row of the same day shares a minute with a stretch."""
    return (ends == MIDNIGHT or row.starts < ends) and (row.ends == MIDNIGHT or starts < row.ends)


def _note(team: Team, verb: str, rows: Sequence[Duty | DutySwap], actor: User, now: datetime, request_id: str) -> None:
    said = [
        {
            "person": row.person_id,
            "day": row.on.isoformat() if isinstance(row, DutySwap) else row.weekday,
            "hours": f"{row.starts:%H:%M}-{row.ends:%H:%M} {row.timezone}",
        }
        for row in rows
    ]
    record(
        AuditAction.CHANGED,
        actor=actor,
        subject_kind="accounts.team",
        subjects=[team.pk],
        detail={"verb": verb, "rows": said},
        now=now,
        request_id=request_id,
    )
