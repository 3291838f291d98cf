"""What the scheduling app adds to Today."""

from datetime import UTC
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.vocabulary import Role
from config.web.home import HomeBlock, Spot, register_block
from scheduling.models import Feed
from scheduling.selectors.feed_ledger import ledger_view, read_days

KEEPERS = frozenset({Role.INTEGRATION, Role.MAPPING, Role.LAUNCH, Role.ADMIN})


def ledger_of_today(request: HttpRequest) -> dict[str, Any] | None:
    """Where every message went today (UTC), over the feeds in scope; stays away where there is no feed."""
    feeds = list(Feed.objects.visible_to(request.user).values_list("pk", flat=True))
    if not feeds:
        return None
    days = read_days(feeds, today=timezone.now().astimezone(UTC).date())
    return {"ledger": ledger_view(days.values())}


def register_blocks() -> None:
    """Add the blocks; called once when Django is ready."""
    register_block(
        HomeBlock(
            "ledger", "Where every message went today", "scheduling/_home_ledger.html", ledger_of_today, KEEPERS,
            Spot.HALF, 60,
        )
    )  # fmt: skip
