"""What changed about an item while somebody has it open."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from config.web.times import clock
from recovery.models import QueueItem
from recovery.selectors.item_history import event_words, named_events
from recovery.selectors.rows import facts_of
from recovery.trust import ClinicTrust
from recovery.verdict import verdict
from recovery.vocabulary import ItemState, Level


def changed_words(
    item: QueueItem, seen: Mapping[str, Any], trusts: Sequence[ClinicTrust], *, user: Any, now: datetime
) -> str:
    """Say what is other than the page says: "It changed at 10:41 CST: The patient has another visit."; else "".

    ``seen`` holds the version and the level that the page shows, as the address brought them. What the reader did
    has shown them a newer page already.
    """
    trust = next((one for one in trusts if one.clinic_id == item.clinic_id), None)
    zone = trust.zone if trust is not None else item.source.zone
    if item.state != ItemState.OPEN and item.closed_at is not None:
        if seen.get("level") == "closed":
            return ""
        return f"It closed at {clock(item.closed_at, zone, now)}: {item.get_close_reason_display().lower()}."
    if seen.get("version") != str(item.version):
        newest = named_events(item).first()
        if newest is not None and newest["actor_id"] != user.pk:
            return f"It changed at {clock(newest['at'], zone, now)}: {event_words(newest)}"
    judged = verdict(facts_of(item, trust), now)
    if judged.level == Level.HELD and seen.get("level") in ("0", "1"):
        return f"It is held now: {judged.main.sentence}"
    return ""
