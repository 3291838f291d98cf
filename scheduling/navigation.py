"""What the scheduling app adds to the rail."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.vocabulary import Role
from config.web.navigation import NavCount, NavItem, register
from scheduling.models import Feed
from scheduling.selectors.feed_pages import clocks, with_clocks, with_held_tuples

READERS = frozenset({Role.INTEGRATION, Role.MAPPING, Role.SUPERVISOR, Role.LAUNCH, Role.ADMIN})


CACHE_NAME = "_facts_feeds"


def feeds_of(request: HttpRequest) -> list[Any]:
    """The active feeds in scope with clocks and held combinations, asked once a request for both counts."""
    kept: list[Any] | None = getattr(request, CACHE_NAME, None)
    if kept is None:
        kept = list(with_held_tuples(with_clocks(Feed.objects.visible_to(request.user).filter(is_active=True))))
        setattr(request, CACHE_NAME, kept)
    return kept


def unmapped(request: HttpRequest) -> NavCount | None:
    """How many combinations of raw signals have no clear meaning."""
    number = sum(feed.held_tuples for feed in feeds_of(request))
    return NavCount(f"{number:,} open") if number else None


def silent_feeds(request: HttpRequest) -> NavCount | None:
    """How many feeds are silent, else how many are quiet."""
    now = timezone.now()
    tones = [clocks(feed, now=now).tone for feed in feeds_of(request)]
    for tone, word in (("held", "silent"), ("warn", "quiet")):
        if number := tones.count(tone):
            return NavCount(f"{number} {word}", tone)
    return None


def register_places() -> None:
    """Add the places; called once when Django is ready."""
    register(NavItem("Work", "Appointments", "scheduling:appointments", order=40, key="a"))
    register(NavItem("Integration", "Mappings", "scheduling:mappings", READERS, count=unmapped, order=30, key="m"))
    register(NavItem("Integration", "Feeds", "scheduling:feeds", count=silent_feeds, order=40, key="f"))
