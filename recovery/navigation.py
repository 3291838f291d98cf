"""The queue's place in the rail, and its blocks on Today."""

from django.http import HttpRequest
from django.utils import timezone

from accounts.vocabulary import Role
from config.web.home import HomeBlock, Spot, register_block
from config.web.navigation import NavCount, NavItem, register
from config.web.paging import bounded_count
from recovery.home import headline, trust_table, work_counts
from recovery.models import QueueItem
from recovery.selectors.trusts import clinic_trusts

WORKERS = frozenset({Role.ACCESS, Role.SUPERVISOR, Role.LAUNCH, Role.ADMIN})
WATCHERS = WORKERS | {Role.INTEGRATION, Role.MAPPING}


def register_places() -> None:
    """Add the queue and the blocks of Today."""
    register(
        NavItem(
            "Work",
            "Recovery queue",
            "recovery:queue",
            WORKERS,
            count=open_items,
            order=20,
            key="q",
            home_verb="Open my queue",
        )
    )
    register_block(
        HomeBlock("recovery-headline", "Now", "recovery/_home_headline.html", headline, WATCHERS, Spot.HEADLINE)
    )
    register_block(
        HomeBlock("trust", "Can we trust today's data?", "recovery/_home_trust.html", trust_table, WATCHERS, order=50)
    )
    register_block(
        HomeBlock("work", "Today's work", "recovery/_home_work.html", work_counts, WORKERS, Spot.BAND, order=10)
    )


def open_items(request: HttpRequest) -> NavCount | None:
    """How many chances are open in the person's clinics."""
    now = timezone.now()
    count = bounded_count(QueueItem.objects.visible_to(request.user).in_queue(clinic_trusts(request.user, now), now))
    return NavCount(str(count)) if count else None
