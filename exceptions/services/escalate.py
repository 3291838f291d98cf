"""Run the next step of one exception now, because a person asks for it."""

from datetime import datetime
from typing import Any

from accounts.models import User
from exceptions.errors import InvalidMoveError
from exceptions.escalation import thaw
from exceptions.models import IntegrationException
from exceptions.selectors.step_world import load_step_world
from exceptions.services.steps import Run, pass_over_used, told_detail, write_runs

NO_PLAN = "Nobody is named to be told of it. Hand it over instead."
IS_OVER = "Everybody in its plan has been told. Hand it over instead."


def escalate(exception: IntegrationException, *, actor: User | None, now: datetime) -> dict[str, Any]:
    """Run the next step at any hour and in maintenance too; return what the history keeps of it.

    A step that nobody can be told by is passed over. The row is locked by the caller. Whoever has taken it keeps it.

    Raises:
        InvalidMoveError: it has no plan, or its plan is over.
    """
    try:
        plan = thaw(exception.policy) if exception.policy is not None else None
    except ValueError:
        plan = None
    if plan is None:
        raise InvalidMoveError(NO_PLAN)
    world = load_step_world({exception.source_id}, now)
    pass_over_used([exception])
    while (step := plan.step(exception.next_step_no)) is not None:
        run = Run(exception, plan, step, world.whom(step, exception, now), exception.next_step_at or now)
        detail = told_detail(run)
        write_runs([run], world, now=now, actor=actor)
        if not run.told.is_empty:
            return detail
    raise InvalidMoveError(IS_OVER)
