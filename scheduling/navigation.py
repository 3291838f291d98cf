"""What the scheduling app adds to the rail."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.vocabulary import Role
from config.web.asking import Question, rows_of
from config.web.navigation import NavCount, NavItem, Tally, register
from scheduling.freshness import clocks_of
from scheduling.models import Feed
from scheduling.selectors.feed_pages import with_clocks, with_held_tuples

READERS = frozenset({Role.INTEGRATION, Role.MAPPING, Role.SUPERVISOR, Role.LAUNCH, Role.ADMIN})
# Where a feed's row has the moments that its clocks are made of.
CLOCK_FIELDS = {
    "proof__digested_to": "digested_to",
    "proof__heartbeat_at": "heartbeat_at",
    "proof__newest_content_at": "content_at",
    "extract_taken_at": "extract_taken_at",
    "waiting_since": "waiting_since",
}


def ask_feeds(request: HttpRequest) -> Question:
    """The active feeds in scope with their clocks and held combinations."""
    active = Feed.objects.visible_to(request.user).filter(is_active=True)
    return rows_of(with_held_tuples(with_clocks(active)).order_by().values("transport", "held_tuples", *CLOCK_FIELDS))


def tell_unmapped(feeds: list[dict[str, Any]]) -> NavCount | None:
    """How many combinations of raw signals have no clear meaning."""
    number = sum(feed["held_tuples"] for feed in feeds)
    return NavCount(f"{number:,} open") if number else None


def tell_silent(feeds: list[dict[str, Any]]) -> NavCount | None:
    """How many feeds are silent, else how many are quiet."""
    now = timezone.now()
    tones = [clocks_of(feed["transport"], now=now, **_moments(feed)).tone for feed in feeds]
    for tone, word in (("held", "silent"), ("warn", "quiet")):
        if number := tones.count(tone):
            return NavCount(f"{number} {word}", tone)
    return None


def _moments(feed: dict[str, Any]) -> dict[str, datetime | None]:
    return {name: datetime.fromisoformat(feed[path]) if feed[path] else None for path, name in CLOCK_FIELDS.items()}


def register_places() -> None:
    """Add the places; called once when Django is ready."""
    unmapped, silent = Tally("feeds", ask_feeds, tell_unmapped), Tally("feeds", ask_feeds, tell_silent)
    register(NavItem("Work", "Appointments", "scheduling:appointments", order=40, key="a"))
    register(NavItem("Integration", "Mappings", "scheduling:mappings", READERS, count=unmapped, order=30, key="m"))
    register(NavItem("Integration", "Feeds", "scheduling:feeds", count=silent, order=40, key="f"))
    lab = frozenset({Role.INTEGRATION, Role.MAPPING})
    register(NavItem("Integration", "Message lab", "scheduling:message_lab", lab, order=50, key="l"))
