"""A desk whose clock is run forward: the real ticks on the real database, and everything that anybody was told."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Clinic, ClinicHours, Duty, Team, User
from config.ticks import TICKS
from exceptions.models import EscalationPolicy, EscalationStep, Notice
from exceptions.vocabulary import Channel, Hours, Severity, Target

CHICAGO = ZoneInfo("America/Chicago")
MINUTE, HALF_HOUR, HOUR = timedelta(minutes=1), timedelta(minutes=30), timedelta(hours=1)
WORKDAYS = range(5)
# In this order, so that an end and the step that it brings about fall into one moment.
SWEEPS = ("end_takes", "end_mutes", "end_waivers", "recheck_maintenance", "run_steps", "audit_timers")
SWEEP = {tick.name: tick.function for tick in TICKS if tick.name in SWEEPS}


def chicago(text: str) -> datetime:
    """A moment (UTC) by the wall clock in Chicago: "2026-11-24 08:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO).astimezone(UTC)


class Clock:
    """Time that passes: every sweep is called at every step of it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def run_to(self, moment: datetime | str, step: timedelta = HALF_HOUR) -> datetime:
        """Call the sweeps from the present moment to another, both ends included."""
        end = chicago(moment) if isinstance(moment, str) else moment
        while True:
            for name in SWEEPS:
                SWEEP[name](self.now)
            if self.now >= end:
                return self.now
            self.now = min(self.now + step, end)


def told() -> list[tuple[str, str, str, str]]:
    """Everything anybody was told: when in Chicago, what, who or which endpoint, about which raw value or kind."""
    rows = Notice.objects.exclude(channel=Channel.EMAIL).select_related("person", "endpoint", "exception")
    return [
        (
            f"{row.created_at.astimezone(CHICAGO):%a %H:%M:%S}".removesuffix(":00"),
            row.kind,
            row.person.first_name if row.person else str(row.endpoint),
            row.exception.raw or row.exception.check_id if row.exception else "",
        )
        for row in rows.order_by("created_at", "kind", "exception__raw", "person__first_name", "id")
    ]


def opening_hours(
    clinic: Clinic, opens: time = time(8), closes: time = time(17), days: Iterable[int] = WORKDAYS
) -> None:
    """Open a clinic on some weekdays."""
    ClinicHours.objects.bulk_create(ClinicHours(clinic=clinic, weekday=day, opens=opens, closes=closes) for day in days)


def on_duty(
    team: Team, person: User, starts: time = time(8), ends: time = time(17), days: Iterable[int] = WORKDAYS
) -> None:
    """Give a person a stretch of duty on some weekdays, in Chicago time."""
    Duty.objects.bulk_create(
        Duty(team=team, person=person, weekday=day, starts=starts, ends=ends, timezone="America/Chicago")
        for day in days
    )


def step(wait: timedelta, target: Target = Target.TEAM, hours: Hours = Hours.ALWAYS, **whom: Any) -> dict[str, Any]:
    """One step of ``policy``."""
    return {"wait": wait, "target": target, "hours": hours, **whom}


def policy(*steps: dict[str, Any], repeats: int = 0, severity: Severity | None = Severity.BLOCKING) -> EscalationPolicy:
    """A policy that exceptions of a severity get."""
    made = EscalationPolicy.objects.create(
        name=f"Policy {EscalationPolicy.objects.count() + 1}", repeats=repeats, default_for=severity
    )
    EscalationStep.objects.bulk_create(EscalationStep(policy=made, no=no, **one) for no, one in enumerate(steps))
    return made
