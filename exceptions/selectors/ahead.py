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
    WebhookEndpoint,
)
from exceptions.selectors.story import Entry, Names
from exceptions.vocabulary import Channel, Hours, NoticeState, State, Target

SHOWN_RUNS = 12
MOST_NOTICES = 200
_DAY = timedelta(days=1)
_NOTHING = Question(None, nothing=[])


@dataclass(frozen=True, slots=True)
class Ahead:
    """``coming`` is what happens if nothing changes, the soonest first; ``done`` what has, newest first.

    ``stopped`` says why no step runs ("" where one does), ``changed`` that the policy is not what was frozen.
    """

    coming: list[Entry]
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
        "notices": rows_of(
            notices.values("step_run_id", "person_id", "endpoint__name", "channel", "state", "read_at")[:MOST_NOTICES]
        ),
        "windows": rows_of(windows.order_by("-ends_at").values("name", "ends_at")[:1]),
    }
    return asked | _plan_questions(exception, frozen_plan(exception))


def _plan_questions(exception: IntegrationException, frozen: Frozen | None) -> dict[str, Question]:
    if frozen is None:
        return dict.fromkeys(("policy", "endpoints", "duties", "swaps"), _NOTHING)
    endpoints = [step.endpoint for _, step in frozen.left if step.endpoint is not None]
    teams = {team_of(step, exception) for _, step in frozen.left[:1] if step.target == Target.DUTY}
    at = exception.next_step_at
    duties = Duty.objects.filter(team__in=teams).order_by("id")
    swaps = DutySwap.objects.filter(team__in=teams, on__range=(at.date() - _DAY, at.date() + _DAY)) if at else None
    return {
        "policy": rows_of(
            EscalationPolicy.objects.filter(pk=frozen.plan.policy).order_by().values("version", "is_active")
        ),
        "endpoints": rows_of(WebhookEndpoint.objects.filter(pk__in=endpoints).order_by().values("id", "name")),
        "duties": rows_of(duties.values("person_id", "weekday", "starts", "ends", "timezone", "rank")),
        "swaps": _NOTHING
        if swaps is None
        else rows_of(swaps.order_by("id").values("person_id", "on", "starts", "ends", "timezone")),
    }


def team_of(step: Step, exception: IntegrationException) -> int | None:
    """The team a step tells."""
    return step.team or exception.owner_team_id


def duty_now(exception: IntegrationException, found: Mapping[str, Any]) -> list[int]:
    """Who is on duty when the next step is due."""
    if exception.next_step_at is None:
        return []
    weekly = tuple(
        Weekly(
            row["person_id"], row["weekday"], time.fromisoformat(row["starts"]), time.fromisoformat(row["ends"]),
            ZoneInfo(row["timezone"]), row["rank"],
        )
        for row in found["duties"]
    )  # fmt: skip
    swaps = tuple(
        Swap(
            row["person_id"], date.fromisoformat(row["on"]), time.fromisoformat(row["starts"]),
            time.fromisoformat(row["ends"]), ZoneInfo(row["timezone"]),
        )
        for row in found["swaps"]
    )  # fmt: skip
    return on_duty(DutyPlan(weekly, swaps), exception.next_step_at)


def people_ahead(exception: IntegrationException, found: Mapping[str, Any]) -> tuple[set[int], set[int]]:
    """Ids of the people and teams that the plan names."""
    frozen = frozen_plan(exception)
    steps = [step for _, step in frozen.left] if frozen else []
    people = {step.person for step in steps} | set(duty_now(exception, found))
    people |= {pk for row in found["runs"] for pk in row["told"]} | {row["person_id"] for row in found["notices"]}
    teams = {team_of(step, exception) for step in steps}
    return {pk for pk in people if isinstance(pk, int)}, {pk for pk in teams if pk is not None}


def ahead_of(
    exception: IntegrationException, found: Mapping[str, Any], names: Names, zone: ZoneInfo, now: datetime
) -> Ahead:
    """Read the answers to ``ahead_questions``."""
    frozen = frozen_plan(exception)
    return Ahead(
        _coming(exception, frozen, found, names) if frozen else [],
        _done(found, names, zone, now),
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
            return words.format(times.both(until, zone, now), who=exception.owner or "Somebody")
    if found["windows"]:
        window = found["windows"][0]
        ends = times.both(datetime.fromisoformat(window["ends_at"]), zone, now)
        return f"Maintenance “{window['name']}”: nobody is told before {ends}."
    if exception.next_step_at is not None:
        return ""
    if exception.state == State.TAKEN:
        return f"{exception.owner or 'Somebody'} has it, so nobody else is told."
    if frozen is None:
        return "No plan of escalation is set for it, so nobody is told."
    return "Every step has run. Nobody else is told." if not frozen.left else "No step is due."


def _coming(exception: IntegrationException, frozen: Frozen, found: Mapping[str, Any], names: Names) -> list[Entry]:
    """The next step with its moment, and in its note the one after it."""
    if exception.next_step_at is None or not frozen.left:
        return []
    step = frozen.left[0][1]
    whom = _whom(step, exception, found, names, duty_now(exception, found))
    after = [f"{times.span(later.wait.total_seconds())} later {_whom(later, exception, found, names, [])}"
             for _, later in frozen.left[1:2]]  # fmt: skip
    note = f"Then {after[0]}{_hours(frozen.left[1][1])}." if after else "That is the last step."
    return [Entry(exception.next_step_at, f"If nobody takes it, {whom} is told.", note)]


def _hours(step: Step) -> str:
    return {Hours.CLINIC: ", while the clinic is open", Hours.DUTY: ", while somebody is on duty"}.get(step.hours, "")


def _whom(
    step: Step, exception: IntegrationException, found: Mapping[str, Any], names: Names, people: Sequence[int]
) -> str:
    team = names.someone(None, team_of(step, exception))
    match step.target:
        case Target.PERSON:
            return names.person(step.person)
        case Target.WEBHOOK:
            return next((row["name"] for row in found["endpoints"] if row["id"] == step.endpoint), "another system")
        case Target.DUTY:
            return f"{names.person(people[0])} (on duty for {team})" if people else f"whoever is on duty for {team}"
        case _:
            return f"team {team}"


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


def _done(found: Mapping[str, Any], names: Names, zone: ZoneInfo, now: datetime) -> list[Entry]:
    notices: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in found["notices"]:
        notices[row["step_run_id"]].append(row)
    return [_run(row, notices[row["id"]], names, zone, now) for row in found["runs"]]


def _run(
    row: Mapping[str, Any], notices: Sequence[Mapping[str, Any]], names: Names, zone: ZoneInfo, now: datetime
) -> Entry:
    systems = list(dict.fromkeys(notice["endpoint__name"] for notice in notices if notice["endpoint__name"]))
    told = " and ".join(filter(None, [names.everyone(row["told"]), *systems]))
    text = f"Step {row['no'] + 1}: {told} told." if told else f"Step {row['no'] + 1}: nobody told."
    ways = [_way(notice, zone, now) for notice in notices]
    return Entry(
        datetime.fromisoformat(row["ran_at"]), text, "; ".join(dict.fromkeys([*filter(None, [row["note"]]), *ways]))
    )


def _way(notice: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> str:
    """How one notice went: "read 09:58 CST", "e-mail sent"."""
    if notice["channel"] == Channel.IN_APP:
        read_at = notice["read_at"]
        return f"read {times.clock(datetime.fromisoformat(read_at), zone, now)}" if read_at else "not read yet"
    return f"{Channel(notice['channel']).label.lower()} {NoticeState(notice['state']).label.lower()}"
