"""The queue's place in the rail, and its blocks on Today."""

from django.http import HttpRequest
from django.utils import timezone

from accounts.vocabulary import Role
from config.web.asking import Question, capped, how_many
from config.web.home import HomeBlock, Spot, register_block
from config.web.navigation import NavCount, NavItem, Tally, register
from recovery.home import headline, trust_table, work_counts
from recovery.models import QueueItem

WORKERS = frozenset({Role.ACCESS, Role.SUPERVISOR, Role.LAUNCH, Role.ADMIN})
OFFER_RULES = ("recovery:offer_policies", "recovery:tries", "recovery:limits")
WATCHERS = WORKERS | {Role.INTEGRATION, Role.MAPPING}


def register_places() -> None:
    """Add the queue and the blocks of Today."""
    register(
        NavItem(
            "Work",
            "Recovery queue",
            "recovery:queue",
            WORKERS,
            count=Tally("queue", ask_open, tell_open),
            order=20,
            key="q",
            home_verb="Open my queue",
        )
    )
    register(NavItem("Work", "Waitlist", "recovery:waitlist", WORKERS, order=22))
    register(NavItem("Work", "Offer rules", "recovery:visit_rules", WORKERS, order=28, also=OFFER_RULES))
    register_block(
        HomeBlock("recovery-headline", "Now", "recovery/_home_headline.html", headline, WATCHERS, Spot.HEADLINE)
    )
    register_block(
        HomeBlock("trust", "Can we trust today's data?", "recovery/_home_trust.html", trust_table, WATCHERS, order=50)
    )
    register_block(
        HomeBlock("work", "Today's work", "recovery/_home_work.html", work_counts, WORKERS, Spot.BAND, order=10)
    )


def ask_open(request: HttpRequest) -> Question:
    """How many chances are open in the person's clinics."""
    return how_many(QueueItem.objects.visible_to(request.user).in_launched_queue(timezone.now()))


def tell_open(number: int) -> NavCount | None:
    """The bounded number; none for nothing."""
    return NavCount(str(capped(number))) if number else None
