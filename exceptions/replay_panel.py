"""What judgement says on the page of a replay: which exceptions it closed, with it as evidence, and which it opened."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.http import HttpRequest

from exceptions.models import History, IntegrationException
from exceptions.vocabulary import Verb
from scheduling.models import Replay
from scheduling.panels import Panel
from scheduling.replay_panels import register_replay_panel

MOST = 20


@dataclass(frozen=True, slots=True)
class ReplayedException:
    """One exception that a replay moved."""

    exception: IntegrationException
    word: str
    at: datetime


def replayed_panel(request: HttpRequest, replay: Replay) -> Panel:
    """Exact counts and the first few, as far as the person may see them; three queries."""
    visible = IntegrationException.objects.visible_to(request.user)
    moves = History.objects.filter(replay=replay, exception__in=visible)
    counts = moves.aggregate(closed=Count("pk", filter=Q(verb=Verb.CURED)), every=Count("pk"))
    shown = list(moves.order_by("pk")[:MOST])
    exceptions = visible.with_places().in_bulk({move.exception_id for move in shown})
    data = {
        "closed": counts["closed"],
        "opened": counts["every"] - counts["closed"],
        "lines": [ReplayedException(exceptions[one.exception_id], one.get_verb_display(), one.at) for one in shown],
        "most": MOST,
    }
    return Panel("What it did to exceptions", "exceptions/_replay_panel.html", data)


def register_panel() -> None:
    """Add the band; called once when Django is ready."""
    register_replay_panel("exceptions", replayed_panel, order=10)
