"""What the queue says on the page of a replay: which items of the visits it mapped anew opened, closed and changed."""

from django.db.models import Count, Q
from django.http import HttpRequest

from accounts.scope import has_any_role
from recovery.models import ItemEvent, QueueItem
from recovery.navigation import WORKERS
from recovery.vocabulary import ItemEventKind
from scheduling.models import Replay
from scheduling.panels import Panel
from scheduling.replay_panels import register_replay_panel

MOST = 20


def replayed_panel(request: HttpRequest, replay: Replay) -> Panel:
    """Exact counts and the first few, as far as the person may see them; two queries."""
    events = ItemEvent.objects.filter(replay=replay, item__in=QueueItem.objects.visible_to(request.user))
    counts = events.aggregate(
        opened=Count("pk", filter=Q(kind=ItemEventKind.OPENED)),
        closed=Count("pk", filter=Q(kind=ItemEventKind.CLOSED)),
        changed=Count("pk", filter=Q(kind=ItemEventKind.CHANGED)),
    )
    shown = events.exclude(kind=ItemEventKind.CHANGED).select_related("item__clinic").order_by("pk")
    data = {
        **counts,
        "lines": list(shown[:MOST]),
        "most": MOST,
        "may_open": has_any_role(request.user, WORKERS),
    }
    return Panel("What it did to the queue", "recovery/_replay_panel.html", data)


def register_panel() -> None:
    """Add the band; called once when Django is ready."""
    register_replay_panel("recovery", replayed_panel, order=20)
