"""What the page of duties prints: who is on duty now and next in each team, and one team's week with its gaps."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from accounts.duty import DutyPlan
from accounts.models import Duty, DutySwap, Team, User
from exceptions.duty_week import Shift, by_day, gaps, shifts, week_of
from exceptions.selectors.calendars import plans_of

WEEK = timedelta(days=7)
NAMED_GAPS = 2
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Watch:
    """Who has a stretch: names in the order they are told, nobody where there are none."""

    begins: datetime
    ends: datetime
    names: tuple[str, ...]

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.ends - self.begins


@dataclass(frozen=True, slots=True)
class TeamLine:
    """One team in the list: now and next within a week, and how many hours of the coming week nobody has."""

    team: Team
    is_current: bool
    has_plan: bool
    now: Watch | None
    next: Watch | None
    gap_hours: int


@dataclass(frozen=True, slots=True)
class Day:
    """One local day of the week: of each stretch its hours ("08:00 to 18:00") and its names, first told first."""

    begins: datetime
    watches: list[tuple[str, tuple[str, ...]]]
    is_today: bool


@dataclass(frozen=True, slots=True)
class WeekPage:
    """One team's week. ``duties`` are the rows of the plan by weekday, ``swaps`` those from today on."""

    team: Team
    zone: ZoneInfo
    begins: datetime
    ends: datetime
    days: list[Day]
    gaps: list[Watch]
    duties: list[tuple[str, list[Duty]]]
    swaps: list[DutySwap]
    members: list[User]

    @property
    def longest_gaps(self) -> list[Watch]:
        """The gaps that are named in the sentence above the week, in their order."""
        named = sorted(self.gaps, key=lambda gap: gap.length, reverse=True)[:NAMED_GAPS]
        return sorted(named, key=lambda gap: gap.begins)

    @property
    def more_gaps(self) -> int:
        """How many gaps only the table shows."""
        return max(len(self.gaps) - NAMED_GAPS, 0)

    @property
    def has_plan(self) -> bool:
        """Whether anybody has duty at any time."""
        return any(rows for _, rows in self.duties)


def teams_with_duties(now: datetime) -> list[Team]:
    """All teams with members, weekly duties and the swaps of this week and later; four queries."""
    swaps = DutySwap.objects.filter(on__gte=now.date() - WEEK).select_related("person")
    return list(
        Team.objects.prefetch_related(
            Prefetch("members", User.objects.filter(is_active=True).order_by("first_name", "last_name", "username")),
            Prefetch("duties", Duty.objects.select_related("person")),
            Prefetch("duty_swaps", swaps),
        )
    )


def zone_for(team: Team, otherwise: ZoneInfo) -> ZoneInfo:
    """The zone most of a team's duties are in."""
    counted = Counter(row.timezone for row in team.duties.all())
    return ZoneInfo(counted.most_common(1)[0][0]) if counted else otherwise


def plans_of_duty(teams: Iterable[Team]) -> Mapping[int, DutyPlan]:
    """The duties of teams as escalation reads them: of active people alone; from rows that were fetched."""
    return plans_of(
        (row for team in teams for row in team.duties.all() if row.person.is_active),
        (swap for team in teams for swap in team.duty_swaps.all()),
    )


def team_lines(
    teams: Iterable[Team], plans: Mapping[int, DutyPlan], *, current: int | None, now: datetime
) -> list[TeamLine]:
    """One line per team, from rows that were fetched."""
    return [_line(team, plans.get(team.pk, DutyPlan()), is_current=team.pk == current, now=now) for team in teams]


def _line(team: Team, plan: DutyPlan, *, is_current: bool, now: datetime) -> TeamLine:
    cut = _named(team, shifts(plan, now, now + WEEK))
    free = sum((watch.length for watch in cut if not watch.names), timedelta())
    later = [watch for watch in cut[1:] if watch.names]
    return TeamLine(
        team,
        is_current,
        has_plan=bool(plan.weekly),
        now=cut[0] if cut[0].names else None,
        next=later[0] if later else None,
        gap_hours=round(free / timedelta(hours=1)),
    )


def week_page(team: Team, plan: DutyPlan, *, otherwise: ZoneInfo, now: datetime, later: int = 0) -> WeekPage:
    """One team's week in its own zone; from rows that were fetched."""
    zone = zone_for(team, otherwise)
    begins, ends = week_of(now, zone, later=later)
    cut = shifts(plan, begins, ends)
    # A gap that goes over Sunday night is said whole.
    open_hours = [gap for gap in gaps(shifts(plan, begins, ends + WEEK)) if gap.begins < ends]
    days = [
        Day(
            first,
            [(_hours(watch, zone, last), watch.names) for watch in _named(team, day)],
            is_today=first <= now < last,
        )
        for day in by_day(cut, begins, zone, 7)
        for first, last in [(day[0].begins, day[-1].ends)]
    ]
    duties = [(name, [row for row in team.duties.all() if row.weekday == no]) for no, name in enumerate(WEEKDAYS)]
    today = now.astimezone(zone).date()
    return WeekPage(
        team, zone, begins, ends, days, _named(team, open_hours), [pair for pair in duties if pair[1]],
        [row for row in team.duty_swaps.all() if row.on >= today], list(team.members.all()),
    )  # fmt: skip


def _hours(watch: Watch, zone: ZoneInfo, midnight: datetime) -> str:
    """Local hours; the end of the day is 24:00."""
    ends = "24:00" if watch.ends == midnight else f"{watch.ends.astimezone(zone):%H:%M}"
    return f"{watch.begins.astimezone(zone):%H:%M} to {ends}"


def _named(team: Team, cut: Sequence[Shift]) -> list[Watch]:
    people = {row.person_id: str(row.person) for row in team.duties.all()}
    people |= {row.person_id: str(row.person) for row in team.duty_swaps.all() if row.person_id is not None}
    return [Watch(one.begins, one.ends, tuple(people[person] for person in one.people)) for one in cut]
