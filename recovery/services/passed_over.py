"""What "next best" keeps from somebody: what the guard refused them, and what they put back, while nothing changed."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from accounts.models import User
from recovery.models import ItemEvent
from recovery.services.guard_send import PASSING
from recovery.services.read_policies import read_tries_in_force
from recovery.vocabulary import Act, Family, ItemEventKind, ItemState

# A refusal that no clock lifts is looked at again after so long: not all that ends one leaves a line of history.
REFUSED_FOR = timedelta(hours=1)
LOOK_BACK = timedelta(days=60)  # the longest rest there is
MOST = 500
# Refusals of these are about the person to be contacted; whoever takes it again would only hear the same.
_OF_PERSON = [Act.CALL, Act.TEXT, Act.EMAIL]
# What somebody merely did around the item changes nothing about it.
_NOTHING_NEW = [
    ItemEventKind.CLAIMED,
    ItemEventKind.RELEASED,
    ItemEventKind.LEASE_ENDED,
    ItemEventKind.REFUSED,
    ItemEventKind.REVEALED,
    ItemEventKind.PINNED,
    ItemEventKind.UNPINNED,
]


def passed_over(actor: User, *, now: datetime) -> set[int]:
    """Ids of open items that next best does not hand to this person now: one query, and one for each kind of rest.

    A refused contact counts until the moment that lifts it, else for an hour, unless it passes within moments. What
    they let go of rests for them as long as its clinic lets a try rest. Anything new about the item ends both.
    """
    newer = ItemEvent.objects.filter(item=OuterRef("item"), at__gte=OuterRef("at"), pk__gt=OuterRef("pk"))
    kinds = [ItemEventKind.REFUSED, ItemEventKind.RELEASED]
    rows = ItemEvent.objects.filter(actor=actor, kind__in=kinds, at__gt=now - LOOK_BACK, item__state=ItemState.OPEN)
    rows = rows.exclude(reason__in=PASSING).exclude(Exists(newer.exclude(kind__in=_NOTHING_NEW))).order_by("-at")
    shown = rows.values_list("item", "item__clinic", "item__family", "kind", "at", "detail")[:MOST]
    rests: dict[tuple[int | None, str], timedelta] = {}
    found = set()
    for item, clinic, family, kind, at, detail in shown:
        if kind == ItemEventKind.REFUSED:
            # A freed slot has other people: who may not be called is theirs to choose.
            is_kept = family != Family.REFILL and detail.get("act") in _OF_PERSON and _lifts_at(at, detail) > now
        else:
            if (clinic, family) not in rests:
                rests[clinic, family] = read_tries_in_force(clinic, Family(family), now).rest
            is_kept = detail.get("from") == actor.pk and not detail.get("by_desk") and at + rests[clinic, family] > now
        if is_kept:
            found.add(item)
    return found


def _lifts_at(at: datetime, detail: dict[str, str]) -> datetime:
    return datetime.fromisoformat(detail["until"]) if "until" in detail else at + REFUSED_FOR
