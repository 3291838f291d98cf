"""What the scheduling app adds to the rail."""

from django.http import HttpRequest
from django.utils import timezone

from accounts.vocabulary import Role
from config.web.navigation import NavCount, NavItem, register
from scheduling.models import Feed
from scheduling.selectors.feed_pages import clocks, with_clocks
from scheduling.selectors.mapping_pages import count_held_tuples

READERS = frozenset({Role.INTEGRATION, Role.MAPPING, Role.SUPERVISOR, Role.LAUNCH, Role.ADMIN})


def unmapped(request: HttpRequest) -> NavCount | None:
    """How many combinations of raw signals have no clear meaning."""
    number = count_held_tuples(request.user)
    return NavCount(f"{number:,} open") if number else None


def silent_feeds(request: HttpRequest) -> NavCount | None:
    """How many feeds are silent, else how many are quiet."""
    now = timezone.now()
    feeds = with_clocks(Feed.objects.visible_to(request.user).filter(is_active=True))
    tones = [clocks(feed, now=now).tone for feed in feeds]
    for tone, word in (("held", "silent"), ("warn", "quiet")):
        if number := tones.count(tone):
            return NavCount(f"{number} {word}", tone)
    return None


def register_places() -> None:
    """Add the places; called once when Django is ready."""
    register(NavItem("Work", "Appointments", "scheduling:appointments", order=40, key="a"))
    register(NavItem("Integration", "Mappings", "scheduling:mappings", READERS, count=unmapped, order=30, key="m"))
    register(NavItem("Integration", "Feeds", "scheduling:feeds", count=silent_feeds, order=40, key="f"))
