"""Pins: a person puts an item before all others for a while, and says why."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from recovery.errors import GuardRefusedError, InvalidActError
from recovery.models import ItemEvent, QueueItem
from recovery.vocabulary import ItemEventKind, ItemState

LONGEST_PIN = timedelta(hours=24)


@transaction.atomic
def pin_item(item_id: int, *, actor: User, reason: str, until: datetime, now: datetime) -> QueueItem:
    """Put an open item first until a moment at most a day ahead; a new pin replaces the one before.

    Raises InvalidActError without a reason or with an end out of bounds, GuardRefusedError when it closed meanwhile.
    """
    if not reason.strip():
        raise InvalidActError("Write a few words, so that others know why it comes first.")
    if not now < until <= now + LONGEST_PIN:
        raise InvalidActError("A pin ends within a day.")
    item = _open(item_id)
    item.pinned_by, item.pinned_until, item.pin_reason = actor, until, reason.strip()
    _save(item, ItemEventKind.PINNED, actor, now)
    return item


@transaction.atomic
def unpin_item(item_id: int, *, actor: User, now: datetime) -> QueueItem:
    """End a pin; without one nothing changes. Raises GuardRefusedError when the item closed meanwhile."""
    item = _open(item_id)
    if item.pinned_until is not None:
        item.pinned_by, item.pinned_until, item.pin_reason = None, None, ""
        _save(item, ItemEventKind.UNPINNED, actor, now)
    return item


def _open(item_id: int) -> QueueItem:
    item = QueueItem.objects.select_for_update().get(pk=item_id)
    if item.state != ItemState.OPEN:
        raise GuardRefusedError("closed", f"{item.get_close_reason_display()}.", changed_at=item.closed_at)
    return item


def _save(item: QueueItem, kind: ItemEventKind, actor: User, now: datetime) -> None:
    # No new version: a pin changes nothing that an act rests on, so it refuses nobody who has the item open.
    item.save(update_fields=["pinned_by", "pinned_until", "pin_reason"])
    ItemEvent.objects.create(item=item, kind=kind, at=now, actor=actor, detail={"reason": item.pin_reason})
