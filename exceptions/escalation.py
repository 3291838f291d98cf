"""Plans of escalation: frozen as JSON on an exception, read back, and when each step is due. Pure; moments are UTC."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from exceptions.hours import Calendar, first_within
from exceptions.vocabulary import Hours, Target

# A plan that begins again leaves at least so much time, whatever its steps wait.
SHORTEST_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Step:
    """Wait, counted from the step before, then tell somebody; ``team`` None is the team that owns the exception."""

    wait: timedelta
    target: Target
    hours: Hours = Hours.ALWAYS
    person: int | None = None
    team: int | None = None
    endpoint: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A policy as it stood when it was frozen.

    Runs are numbered through repeats. ``first`` is the number of the run that began this plan: it is above 0 only
    where an exception was given another plan while it was open, so that no number is used twice in a spell.
    """

    policy: int
    version: int
    name: str
    repeats: int
    steps: tuple[Step, ...]
    first: int = 0

    @property
    def runs(self) -> int:
        """How many runs there are at most."""
        return len(self.steps) * (self.repeats + 1)

    def step(self, no: int) -> Step | None:
        """The step of a run; None where the plan is over."""
        return self.steps[(no - self.first) % len(self.steps)] if 0 <= no - self.first < self.runs else None

    def wait(self, no: int) -> timedelta:
        """How long a run waits after the one before it.

        The first step of a repeat waits as long as the last step did: most plans begin at once, and nobody is to be
        told twice in a row.
        """
        number = no - self.first
        step = self.steps[number % len(self.steps)]
        if number == 0 or number % len(self.steps):
            return step.wait
        return max(step.wait, self.steps[-1].wait, SHORTEST_PAUSE)


def next_due(plan: Plan, no: int, since: datetime, calendar: Calendar, *, team: int | None = None) -> datetime | None:
    """When run ``no`` is due, counted from ``since`` and within its hours; None where the plan is over.

    ``team`` owns the exception: its duty counts where the step names no team.
    """
    step = plan.step(no)
    return None if step is None else first_within(step.hours, step.team or team, since + plan.wait(no), calendar)


def freeze(plan: Plan) -> dict[str, Any]:
    """Write a plan as JSON; ``wait`` is in seconds."""
    return asdict(plan) | {
        "steps": [
            asdict(step)
            | {"wait": int(step.wait.total_seconds()), "target": step.target.value, "hours": step.hours.value}
            for step in plan.steps
        ]
    }


def thaw(frozen: Mapping[str, Any]) -> Plan:
    """Read a frozen plan.

    Raises:
        ValueError: it is not one.
    """
    try:
        steps = tuple(
            Step(
                timedelta(seconds=step["wait"]),
                Target(step["target"]),
                Hours(step["hours"]),
                step["person"],
                step["team"],
                step["endpoint"],
            )
            for step in frozen["steps"]
        )
        return Plan(
            frozen["policy"], frozen["version"], frozen["name"], frozen["repeats"], steps, frozen.get("first", 0)
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("This is not a plan of escalation.") from error
