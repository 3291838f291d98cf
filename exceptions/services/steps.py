"""Run the next step of locked exceptions: the run, its history, its notices and the next clock in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from accounts.models import User
from exceptions.escalation import Plan, Step, next_due
from exceptions.models import History, IntegrationException, StepRun
from exceptions.notices.queueing import queue_notices
from exceptions.notices.requests import NoticeRequest
from exceptions.notices.sentences import sentence
from exceptions.selectors.step_world import StepWorld, Told
from exceptions.services.tell_those_told import about_of
from exceptions.vocabulary import NoticeKind, Severity, Target, Verb


class Run(NamedTuple):
    """One step that is being run. ``due_at`` is when it was due."""

    exception: IntegrationException
    plan: Plan
    step: Step
    told: Told
    due_at: datetime


def pass_over_used(due: Sequence[IntegrationException]) -> None:
    """Set each to the first number that no run of its spell has; one query, nothing is written.

    A move that was taken back may have set a number back that was run already: nobody is told twice by it.
    """
    used = set(StepRun.objects.filter(exception__in=due).values_list("exception_id", "spell_no", "no"))
    for one in due:
        while (one.pk, one.spell_no, one.next_step_no) in used:
            one.next_step_no += 1


def write_runs(runs: Sequence[Run], world: StepWorld, *, now: datetime, actor: User | None = None) -> None:
    """Write some runs and set the clock of each exception, whose rows the caller has locked.

    ``actor`` ran it by hand: then the move's own history row tells of it. A step that tells nobody is kept with its
    note, and the next one is due at once. The exceptions come with their places. Five statements, or none.
    """
    if not runs:
        return
    rows = StepRun.objects.bulk_create(_row(run, now) for run in runs)
    if actor is None:
        History.objects.bulk_create(_history(run, now) for run in runs)
    requests = [request for run, row in zip(runs, rows, strict=True) for request in _requests(run, row)]
    queue_notices(requests, now=now)
    for run in runs:
        _set_clock(run, world, now)
    IntegrationException.objects.bulk_update([run.exception for run in runs], ["next_step_no", "next_step_at"])


def _row(run: Run, now: datetime) -> StepRun:
    exception = run.exception
    told = list(run.told.people) if run.told.endpoint is None else [run.told.endpoint]
    return StepRun(
        exception=exception,
        spell_no=exception.spell_no,
        no=exception.next_step_no,
        due_at=run.due_at,
        ran_at=now,
        told=told,
        note=run.told.note,
    )


def _history(run: Run, now: datetime) -> History:
    exception = run.exception
    return History(
        exception=exception,
        at=now,
        verb=Verb.TOLD,
        from_state=exception.state,
        to_state=exception.state,
        version=exception.version,
        reason=run.told.note,
        detail=told_detail(run),
    )


def told_detail(run: Run) -> dict[str, object]:
    """What the history keeps of a run: its number and the ids of whom it told."""
    detail: dict[str, object] = {"step": run.exception.next_step_no, "people": list(run.told.people)}
    return detail | {"endpoint": run.told.endpoint} if run.told.endpoint is not None else detail


def _requests(run: Run, row: StepRun) -> list[NoticeRequest]:
    """One request for each person, or one for the endpoint."""
    exception = run.exception
    is_urgent = exception.severity == Severity.BLOCKING and run.step.target == Target.DUTY
    words = sentence(NoticeKind.STEP, about_of(exception))
    key = f"step:{exception.pk}:{exception.spell_no}:{row.no}"
    whom: list[tuple[int | None, int | None]] = [(person, None) for person in run.told.people]
    if run.told.endpoint is not None:
        whom.append((None, run.told.endpoint))
    return [
        NoticeRequest(NoticeKind.STEP, exception.pk, person, endpoint, words, key, row.pk, is_urgent)
        for person, endpoint in whom
    ]


def _set_clock(run: Run, world: StepWorld, now: datetime) -> None:
    """The next step waits from this run on; one that is not running (taken) keeps standing still."""
    exception = run.exception
    exception.next_step_no += 1
    if exception.next_step_at is None:
        return
    due = next_due(run.plan, exception.next_step_no, now, world.calendar(exception), team=exception.owner_team_id)
    exception.next_step_at = now if run.told.is_empty and due is not None else due
