"""Run the steps of escalation that are due: one sweep every ten seconds, bounded, safe to run twice and at once (I8).

What is due is decided on locked rows; rows that another sweep has are left to it. Steps wait for their hours and for
the end of maintenance by moving their own clock, without a run.
"""

from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction

from exceptions.checks.own import STEP_FAILED, Own
from exceptions.escalation import Step, thaw
from exceptions.hours import first_within
from exceptions.lifecycle import STEPPING
from exceptions.models import IntegrationException
from exceptions.querysets import IntegrationExceptionQuerySet
from exceptions.selectors.step_world import StepWorld, load_step_world
from exceptions.services.raise_own import raise_own
from exceptions.services.steps import Run, pass_over_used, write_runs

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 200
TRY_AGAIN = timedelta(hours=1)


def run_steps(now: datetime) -> int:
    """Run what is due at ``now``; return how many steps were run.

    Should the sweep fail, its rows are taken one by one: the one that cannot be run is put off by an hour and becomes
    an exception of its own, and the others go on.
    """
    try:
        return _sweep(due_steps(now), now)
    except (OperationalError, InterfaceError):
        raise  # the database is away or busy: the next sweep is the second try
    except Exception as error:
        log.warning("sweep of steps failed, looking for the culprit", exc_info=error)
    ids = list(due_steps(now).order_by("next_step_at", "id").values_list("id", flat=True)[:MOST_AT_ONCE])
    return sum(_run_one(pk, now) for pk in ids)


def due_steps(now: datetime) -> IntegrationExceptionQuerySet:
    """What waits for a step that is due; taken, muted, waived and closed ones wait for none."""
    return IntegrationException.objects.filter(next_step_at__lte=now, state__in=STEPPING, waived_until=None)


def _run_one(pk: int, now: datetime) -> int:
    rows = due_steps(now).filter(pk=pk)
    try:
        return _sweep(rows, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("step failed", exception_id=pk, exc_info=error)
        source = rows.values_list("source_id", flat=True).first()
        rows.update(next_step_at=now + TRY_AGAIN)
        if source is not None:
            raise_own([Own(STEP_FAILED, source, type(error).__name__, now)], now)
        return 0


@transaction.atomic
def _sweep(rows: IntegrationExceptionQuerySet, now: datetime) -> int:
    locked = rows.select_for_update(skip_locked=True, of=("self",)).select_related("source", "clinic")
    due = list(locked.order_by("next_step_at", "id")[:MOST_AT_ONCE])
    if not due:
        return 0
    pass_over_used(due)
    world = load_step_world({one.source_id for one in due}, now)
    runs = [run for one in due if (run := _run_of(one, world, now)) is not None]
    running = {run.exception.pk for run in runs}
    moved = [one for one in due if one.pk not in running]
    IntegrationException.objects.bulk_update(moved, ["next_step_no", "next_step_at"])
    write_runs(runs, world, now=now)
    return len(runs)


def _run_of(exception: IntegrationException, world: StepWorld, now: datetime) -> Run | None:
    """The run that is due; None where there is none now, and then the clock says when to look again."""
    plan = thaw(exception.policy or {})
    step = plan.step(exception.next_step_no)
    due_at = exception.next_step_at or now
    if step is None:
        exception.next_step_at = None
        return None
    opens = _first_chance(exception, step, world, now)
    if opens > now:
        exception.next_step_at = opens
        return None
    return Run(exception, plan, step, world.whom(step, exception, now), due_at)


def _first_chance(exception: IntegrationException, step: Step, world: StepWorld, now: datetime) -> datetime:
    """The first moment from ``now`` on that is in the step's hours, and not before the end of maintenance."""
    after = world.maintained_until(exception) or now
    return first_within(step.hours, step.team or exception.owner_team_id, after, world.calendar(exception))
