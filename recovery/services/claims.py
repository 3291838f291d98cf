"""Claims: leases on items, taken atomically, renewed by activity, ended by the clock, by people, by the facts (I8)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts.models import User
from recovery.errors import GuardRefusedError, InvalidActError
from recovery.models import Attempt, ItemEvent, QueueItem
from recovery.querysets import claimed_q
from recovery.services.guard import Guarded, guarded
from recovery.services.guard_intent import Intent
from recovery.services.passed_over import passed_over
from recovery.services.refusals import is_behind
from recovery.vocabulary import Act, ItemEventKind, ItemState

LEASE = timedelta(minutes=10)
MOST_HELD = 3  # at once by one person (research/recovery.md section 1b)
TRIED_AT_ONCE = 20
LOOKED_AT = 200  # more people than that never reach for the same item at once
MOST_ENDED = 500


def claim_item(item_id: int, *, actor: User, version: int | None, now: datetime, request_id: str = "") -> QueueItem:
    """Take an item for ten minutes; taking it again renews it.

    Raises GuardRefusedError when a colleague has it or it may not be worked now, InvalidActError when the person
    holds three others.
    """

    def take(found: Guarded) -> QueueItem:
        return _take(found.item, actor, now)

    return guarded(item_id, Intent(Act.CLAIM, version), take, actor=actor, now=now, request_id=request_id)


def claim_next(
    candidates: QuerySet[QueueItem], *, actor: User, now: datetime, request_id: str = ""
) -> QueueItem | None:
    """Take the best of ``candidates`` (ranked) that nobody holds and the guard lets pass; None when there is none.

    Two people at once get different ones: who comes second to an item is refused by the guard and goes on. Nobody is
    handed what the guard just refused them, or what they put back themselves, while nothing changed about it.
    """
    free = candidates.filter(~claimed_q(now)).filter(Q(not_before__isnull=True) | Q(not_before__lte=now))
    free = free.exclude(pk__in=passed_over(actor, now=now))
    behind: set[int] = set()
    tried = 0
    for item_id, version, source_id in list(free.values_list("pk", "version", "source")[:LOOKED_AT]):
        # By its version: a colleague may have worked and settled it since the list was read.
        if source_id in behind or not _is_nobodys(item_id, version):
            continue
        try:
            return claim_item(item_id, actor=actor, version=version, now=now, request_id=request_id)
        except GuardRefusedError:
            if is_behind(source_id, now):
                behind.add(source_id)
        tried += 1
        if tried == TRIED_AT_ONCE:
            break
    return None


@transaction.atomic
def _is_nobodys(item_id: int, version: int) -> bool:
    """Whether an item is as it was and nobody is at it this very moment; a look, so that few pass the guard in vain."""
    rows = QueueItem.objects.filter(pk=item_id, version=version).select_for_update(skip_locked=True, of=("self",))
    return bool(list(rows.values_list("pk", flat=True)))


def renew_claim(item_id: int, *, actor: User, now: datetime) -> bool:
    """Say that somebody is still at it; False when the claim is not theirs any more."""
    mine = QueueItem.objects.filter(pk=item_id, claimed_by=actor, claimed_until__gt=now, state=ItemState.OPEN)
    return bool(mine.update(claimed_until=now + LEASE))


@transaction.atomic
def release_item(
    item_id: int,
    *,
    actor: User,
    now: datetime,
    reason: str = "",
    by_supervisor: bool = False,
    by_desk: bool = False,
) -> None:
    """Let go of an item. A supervisor may free a colleague's, with a reason.

    ``by_desk``: it was held for a moment only, in the name of a person who knows nothing of it.
    Raises GuardRefusedError when it is somebody else's, InvalidActError when a call has no outcome yet or a reason is
    missing.
    """
    item = QueueItem.objects.select_for_update().get(pk=item_id)
    if item.claimed_by_id is None:
        return
    if item.claimed_by_id != actor.pk and not by_supervisor:
        raise GuardRefusedError("taken", f"{item.claimed_by} works on it.")
    if by_supervisor and not reason.strip():
        raise InvalidActError("Write a few words, so that your colleague knows why.")
    if not by_supervisor and _has_open_call(item.pk, actor):
        raise InvalidActError("Say how the call went before you let go.")
    detail: dict[str, object] = {"reason": reason.strip()} if by_supervisor else {}
    if by_desk:
        detail["by_desk"] = True
    _end([item], ItemEventKind.RELEASED, actor, now, detail)


def hand_over(
    item_id: int,
    *,
    actor: User,
    to: User,
    version: int | None,
    now: datetime,
    remark: str = "",
    request_id: str = "",
) -> QueueItem:
    """Give a claim to a colleague, who holds it from now; raises as ``claim_item`` does."""

    def give(found: Guarded) -> QueueItem:
        if _has_open_call(found.item.pk, actor):
            raise InvalidActError("Say how the call went before you hand it over.")
        _refuse_too_many(to, now, besides=found.item.pk)
        item = _hold(found.item, to, now)
        _tell(item, ItemEventKind.HANDED_OVER, actor, now, {"to": to.pk, "reason": remark.strip()})
        return item

    return guarded(item_id, Intent(Act.HAND_OVER, version), give, actor=actor, now=now, request_id=request_id)


@transaction.atomic
def end_claims(now: datetime) -> int:
    """Let claims run out; safe to run twice and by two processes. Returns how many ended."""
    due = QueueItem.objects.filter(claimed_until__lte=now).order_by("pk").select_for_update(skip_locked=True)
    items = list(due[:MOST_ENDED])
    _end(items, ItemEventKind.LEASE_ENDED, None, now, {})
    return len(items)


def _take(item: QueueItem, actor: User, now: datetime) -> QueueItem:
    is_renewal = item.claimed_by_id == actor.pk and item.claimed_until is not None and item.claimed_until > now
    if is_renewal:
        item.claimed_until = now + LEASE
        item.save(update_fields=["claimed_until"])
        return item
    _refuse_too_many(actor, now, besides=item.pk)
    if item.claimed_by_id is not None:  # that claim ran out, and no sweep has said so yet
        _end([item], ItemEventKind.LEASE_ENDED, None, now, {})
        item.version += 1
    item = _hold(item, actor, now)
    _tell(item, ItemEventKind.CLAIMED, actor, now, {})
    return item


def _hold(item: QueueItem, person: User, now: datetime) -> QueueItem:
    """Write the lease; the row is locked."""
    item.claimed_by, item.claimed_at, item.claimed_until = person, now, now + LEASE
    item.version += 1
    item.save(update_fields=["claimed_by", "claimed_at", "claimed_until", "version"])
    return item


def _refuse_too_many(person: User, now: datetime, *, besides: int) -> None:
    """Nobody sits on more than three; the person's row is locked, so that two claims at once count each other."""
    User.objects.select_for_update(of=("self",)).only("pk").get(pk=person.pk)
    held = QueueItem.objects.filter(claimed_by=person, claimed_until__gt=now, state=ItemState.OPEN)
    if held.exclude(pk=besides).count() >= MOST_HELD:
        raise InvalidActError(f"{MOST_HELD} items are held already. Finish or let go of one first.")


def _has_open_call(item_id: int, actor: User) -> bool:
    return Attempt.objects.filter(item=item_id, actor=actor, outcome="").exists()


def _end(
    items: Iterable[QueueItem], kind: ItemEventKind, actor: User | None, now: datetime, detail: dict[str, object]
) -> None:
    rows = list(items)
    ids = [item.pk for item in rows]
    QueueItem.objects.filter(pk__in=ids).update(
        claimed_by=None, claimed_at=None, claimed_until=None, version=F("version") + 1
    )
    ItemEvent.objects.bulk_create(
        ItemEvent(item=item, kind=kind, at=now, actor=actor, detail={"from": item.claimed_by_id} | detail)
        for item in rows
    )


def _tell(item: QueueItem, kind: ItemEventKind, actor: User, now: datetime, detail: dict[str, object]) -> None:
    ItemEvent.objects.create(item=item, kind=kind, at=now, actor=actor, detail=detail)
