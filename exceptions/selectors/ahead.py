"""Who was told, who is told next and when, and what stands in the way: read from the plan frozen on the exception."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.duty import DutyPlan, Swap, Weekly, on_duty
from accounts.models import Duty, DutySwap
from config.web import times
from config.web.asking import Question, rows_of
from exceptions.escalation import Plan, Step, thaw
from exceptions.models import (
    EscalationPolicy,
    IntegrationException,
    MaintenanceWindow,
    Notice,
    StepRun,
)
from exceptions.selectors.story import Entry, Ids, Names, ids_of
from exceptions.vocabulary import Channel, Hours, NoticeState, State, Target

SHOWN_RUNS = 12
MOST_NOTICES = 200
_DAY = timedelta(days=1)
_NOTHING = Question(None, nothing=[])


@dataclass(frozen=True, slots=True)
class Ahead:
    """``coming`` is what happens if nothing changes, ``done`` what has happened, newest first.

    ``whom`` is told when somebody escalates it now ("" where no step is left). ``stopped`` says why no step runs (""
    where one does), ``changed`` that the policy is not what was frozen.
    """

    coming: list[Entry]
    whom: str
    done: list[Entry]
    stopped: str
    changed: str
    plan: str


class Frozen(NamedTuple):
    """A plan as it is on an exception, with the steps still to run as (number of the run, step)."""

    plan: Plan
    left: list[tuple[int, Step]]


def frozen_plan(exception: IntegrationException) -> Frozen | None:
    """The plan and what is left of it; None where there is none, or none that can be read."""
    if not exception.policy:
        return None
    try:
        plan = thaw(exception.policy)
    except ValueError:
        return None
    numbers = range(exception.next_step_no, plan.first + plan.runs)
    found = [(number, plan.step(number)) for number in numbers]
    return Frozen(plan, [(number, step) for number, step in found if step is not None])


def ahead_questions(exception: IntegrationException, now: datetime) -> dict[str, Question]:
    """Ask what was run and told in this spell, who is on duty when the next step is due, and how the policy stands."""
    runs = StepRun.objects.filter(exception=exception, spell_no=exception.spell_no).order_by("-no")
    notices = Notice.objects.filter(exception=exception, step_run__spell_no=exception.spell_no).order_by("id")
    windows = MaintenanceWindow.objects.filter(
        Q(feed=None) | Q(feed=exception.feed_id), Q(clinic=None) | Q(clinic=exception.clinic_id),
        source=exception.source_id, starts_at__lte=now, ends_at__gt=now, ended_at=None,
    )  # fmt: skip
    asked = {
        "runs": rows_of(runs.values("id", "no", "ran_at", "told", "note")[:SHOWN_RUNS]),
        "notices": rows_of(notices.values("step_run_id", "channel", "state", "read_at")[:MOST_NOTICES]),
        "windows": rows_of(windows.order_by("-ends_at").values("name", "ends_at")[:1]),
    }
    return asked | _plan_questions(exception, frozen_plan(exception), now)


def _plan_questions(exception: IntegrationException, frozen: Frozen | None, now: datetime) -> dict[str, Question]:
    if frozen is None:
        return dict.fromkeys(("policy", "duties", "swaps"), _NOTHING)
    teams = {team_of(step, exception) for _, step in frozen.left[:1] if step.target == Target.DUTY}
    begins, ends = sorted((exception.next_step_at or now, now))
    duties = Duty.objects.filter(team__in=teams, person__is_active=True).order_by("id")
    swaps = DutySwap.objects.filter(team__in=teams, on__range=(begins.date() - _DAY, ends.date() + _DAY))
    return {
        "policy": rows_of(
            EscalationPolicy.objects.filter(pk=frozen.plan.policy).order_by().values("version", "is_active")
        ),
        "duties": rows_of(duties.values("person_id", "weekday", "starts", "ends", "timezone", "rank")),
        "swaps": rows_of(swaps.order_by("id").values("person_id", "on", "starts", "ends", "timezone")),
    }


def team_of(step: Step, exception: IntegrationException) -> int | None:
    """The team a step tells."""
    return step.team or exception.owner_team_id


def duties_of(found: Mapping[str, Any]) -> DutyPlan:
    """The duties of the team that the next step tells."""
    return DutyPlan(
        tuple(Weekly(row["person_id"], row["weekday"], *_stretch(row), row["rank"]) for row in found["duties"]),
        tuple(Swap(row["person_id"], date.fromisoformat(row["on"]), *_stretch(row)) for row in found["swaps"]),
    )


def _stretch(row: Mapping[str, Any]) -> tuple[time, time, ZoneInfo]:
    return time.fromisoformat(row["starts"]), time.fromisoformat(row["ends"]), ZoneInfo(row["timezone"])


def ids_ahead(exception: IntegrationException, found: Mapping[str, Any]) -> Ids:
    """Ids of all that the plan names, and of those who were told."""
    frozen = frozen_plan(exception)
    steps = [step for _, step in frozen.left] if frozen else []
    runs = [(row, _is_to_system(row, frozen)) for row in found["runs"]]
    told = [pk for row, to_system in runs if not to_system for pk in row["told"]]
    return ids_of(
        [step.person for step in steps] + [row["person_id"] for row in (*found["duties"], *found["swaps"])] + told,
        [team_of(step, exception) for step in steps],
        [step.endpoint for step in steps] + [pk for row, to_system in runs if to_system for pk in row["told"]],
    )


def _is_to_system(row: Mapping[str, Any], frozen: Frozen | None) -> bool:
    """Whether a run told another system, whose id then stands where people's ids do."""
    step = frozen.plan.step(row["no"]) if frozen else None
    return step is not None and step.target == Target.WEBHOOK


def ahead_of(
    exception: IntegrationException, found: Mapping[str, Any], names: Names, zone: ZoneInfo, now: datetime
) -> Ahead:
    """Read the answers to ``ahead_questions``."""
    frozen = frozen_plan(exception)
    return Ahead(
        _coming(exception, frozen, found, names) if frozen else [],
        _whom_now(exception, frozen, found, names, now) if frozen else "",
        _done(frozen, found, names, zone, now),
        stopped_words(exception, frozen, found, zone, now),
        _changed(frozen, found["policy"]) if frozen else "",
        frozen.plan.name if frozen else "",
    )


def stopped_words(
    exception: IntegrationException, frozen: Frozen | None, found: Mapping[str, Any], zone: ZoneInfo, now: datetime
) -> str:
    """Say what keeps the next step from running, in one sentence; "" where nothing does."""
    if exception.is_resolved:
        return "Closed, so nobody is told."
    for until, words in (
        (exception.waived_until, "Waived, so nobody is told before {}."),
        (exception.muted_until, "Muted, so nobody is told before {}."),
        (exception.taken_until, "{who} has it, so nobody else is told before {}."),
    ):
        if until is not None:
            return words.format(_end(until, zone, now), who=exception.owner or "Somebody")
    if found["windows"]:
        window = found["windows"][0]
        ends = _end(datetime.fromisoformat(window["ends_at"]), zone, now)
        return f"Maintenance “{window['name']}”: nobody is told before {ends}."
    if exception.next_step_at is not None:
        return ""
    if exception.state == State.TAKEN:
        return f"{exception.owner or 'Somebody'} has it, so nobody else is told."
    if frozen is None:
        return "No plan of escalation is set for it, so nobody is told."
    return "Every step has run. Nobody else is told." if not frozen.left else "No step is due."


def _end(until: datetime, zone: ZoneInfo, now: datetime) -> str:
    return f"{times.clock(until, zone, now)} ({times.relative(until, now)})"


def _coming(exception: IntegrationException, frozen: Frozen, found: Mapping[str, Any], names: Names) -> list[Entry]:
    """The next step with its moment, and in its note the one after it."""
    if exception.next_step_at is None or not frozen.left:
        return []
    step = frozen.left[0][1]
    whom = _whom(step, exception, names, on_duty(duties_of(found), exception.next_step_at))
    after = [f"{times.span(later.wait.total_seconds())} later {_whom(later, exception, names, [])}"
             for _, later in frozen.left[1:2]]  # fmt: skip
    note = f"Then {after[0]}{_hours(frozen.left[1][1])}." if after else "That is the last step."
    return [Entry(exception.next_step_at, f"If nobody takes it, the plan tells {whom}.", note)]


def _whom_now(
    exception: IntegrationException, frozen: Frozen, found: Mapping[str, Any], names: Names, now: datetime
) -> str:
    return _whom(frozen.left[0][1], exception, names, on_duty(duties_of(found), now)) if frozen.left else ""


def _hours(step: Step) -> str:
    return {Hours.CLINIC: ", while the clinic is open", Hours.DUTY: ", while somebody is on duty"}.get(step.hours, "")


def _whom(step: Step, exception: IntegrationException, names: Names, people: Sequence[int]) -> str:
    team = names.someone(None, team_of(step, exception))
    match step.target:
        case Target.PERSON:
            return names.person(step.person)
        case Target.WEBHOOK:
            return names.system(step.endpoint)
        case Target.DUTY:
            return f"{names.everyone(people)} (on duty for {team})" if people else f"whoever is on duty for {team}"
        case _:
            return f"the team {team}"


def _changed(frozen: Frozen, policies: Sequence[Mapping[str, Any]]) -> str:
    plan = frozen.plan
    if not policies:
        return f"Plan “{plan.name}” was removed since; this one still runs."
    if not policies[0]["is_active"]:
        return f"Plan “{plan.name}” was switched off since; this one still runs."
    newest = policies[0]["version"]
    if newest == plan.version:
        return ""
    return f"Plan changed since: version {plan.version} runs here, version {newest} is in force."


def _done(frozen: Frozen | None, found: Mapping[str, Any], names: Names, zone: ZoneInfo, now: datetime) -> list[Entry]:
    ways: dict[int, list[str]] = defaultdict(list)
    for row in found["notices"]:
        ways[row["step_run_id"]].append(_way(row, zone, now))
    return [_run(row, ways[row["id"]], names, to_system=_is_to_system(row, frozen)) for row in found["runs"]]


def _run(row: Mapping[str, Any], ways: Sequence[str], names: Names, *, to_system: bool) -> Entry:
    told = names.everyone((), *row["told"][:1]) if to_system else names.everyone(row["told"])
    note = "; ".join(dict.fromkeys(filter(None, [row["note"], *ways])))
    return Entry(datetime.fromisoformat(row["ran_at"]), f"Step {row['no'] + 1}: {told} told.", note)


def _way(notice: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> str:
    """How one notice went: "read 09:58 CST", "e-mail sent"."""
    if notice["channel"] == Channel.IN_APP:
        read_at = notice["read_at"]
        return f"read {times.clock(datetime.fromisoformat(read_at), zone, now)}" if read_at else "not read yet"
    return f"{Channel(notice['channel']).label.lower()} {NoticeState(notice['state']).label.lower()}"
