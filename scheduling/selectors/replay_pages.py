"""How far replays have come, counted from rows: what remains are requests, the rate comes from the batches' steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Sum

from accounts.scope import has_role
from accounts.vocabulary import Role
from scheduling.mapping.vocabulary import ReplayState
from scheduling.models import RefoldRequest, Replay

WINDOW = timedelta(minutes=1)
FULL = 400  # units of the progress bar


@dataclass(frozen=True, slots=True)
class Progress:
    """One replay as it stands. ``total`` leaves out what a later publication took over.

    ``rate`` is appointments a second over the last minute (since it began, if that is less); None where nothing moved.
    """

    replay: Replay
    total: int
    remaining: int
    rate: float | None

    @property
    def done(self) -> int:
        """How many appointments are folded anew."""
        return self.total - self.remaining

    @property
    def percent(self) -> int:
        """How much of it is done, rounded down, so that 100 means all."""
        return 100 * self.done // self.total if self.total else 100

    @property
    def filled(self) -> str:
        """The width of the filled part of the bar, of ``FULL`` units."""
        return str(FULL * self.done // self.total if self.total else FULL)

    @property
    def seconds_left(self) -> int | None:
        """How long the rest takes at this rate; None where it does not move or need not."""
        return round(self.remaining / self.rate) if self.rate and self.remaining and self.replay.is_running else None

    @property
    def version(self) -> tuple[object, ...]:
        """What changes whenever the page says something else."""
        return (self.replay.state, self.total, self.remaining, self.rate and round(self.rate))


def replay_progress(replay: Replay, *, now: datetime) -> Progress:
    """How far one replay has come; two queries."""
    begun = max(now - WINDOW, replay.resumed_at or replay.started_at)
    folded = replay.steps.filter(at__gte=begun, at__lte=now).aggregate(folded=Sum("appointments"))["folded"]
    seconds = max((now - begun).total_seconds(), 1.0)
    total = replay.total - replay.passed_on
    return Progress(replay, total, replay.requests.count(), folded / seconds if folded else None)


@dataclass(frozen=True, slots=True)
class ReplayPage:
    """What the page prints beside the progress: what may be done, and how many pictures changed so far."""

    progress: Progress
    changed: int
    verb: str
    is_stopped: bool


def replay_page(replay: Replay, *, user: Any, now: datetime) -> ReplayPage:
    """Fill the page of a replay that came with its publication; three queries."""
    changed = replay.steps.aggregate(changed=Sum("changed"))["changed"] or 0
    return ReplayPage(replay_progress(replay, now=now), changed, verb_for(replay, user), replay.is_cancelled)


def verb_for(replay: Replay, user: Any) -> str:
    """What a person may do to a replay: "cancel", "resume", or nothing."""
    if not has_role(user, Role.MAPPING, source=replay.source):
        return ""
    return {ReplayState.RUNNING: "cancel", ReplayState.CANCELLED: "resume"}.get(ReplayState(replay.state), "")


@dataclass(frozen=True, slots=True)
class ReplayLine:
    """One unfinished replay as ``scheduling/_replay_line.html`` prints it."""

    replay: Replay
    remaining: int

    @property
    def done(self) -> int:
        """How many appointments are folded anew."""
        return self.total - self.remaining

    @property
    def total(self) -> int:
        """How many it folds itself."""
        return self.replay.total - self.replay.passed_on


def unfinished_replays(user: Any) -> Sequence[ReplayLine]:
    """Running and stopped replays of the sources a person sees, the newest first; two queries.

    A stopped replay whose rest went on in a later one has nothing left and is not told of.
    """
    replays = list(
        Replay.objects.visible_to(user).exclude(state=ReplayState.DONE).select_related("source", "publication")
    )
    counted = RefoldRequest.objects.filter(replay__in=replays).values_list("replay_id").annotate(Count("pk"))
    left = dict(counted)
    return [
        ReplayLine(replay, left.get(replay.pk, 0)) for replay in replays if replay.is_running or left.get(replay.pk)
    ]
