"""Close a chance by hand, and open it again while it is still the same chance (see ``done_by_hand``)."""

from datetime import datetime

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from config.web.times import clock
from recovery.closing import LONGEST_WORDS, NEEDS_WORDS, REASONS_OF
from recovery.errors import GuardRefusedError, InvalidActError
from recovery.models import Attempt, ItemEvent, Offer, QueueItem
from recovery.services.guard import SUBJECT, Guarded, guarded
from recovery.services.guard_intent import Intent
from recovery.services.replan import replan_item
from recovery.vocabulary import Act, CloseReason, Family, HandReason, ItemEventKind, ItemState, OfferState


def close_item(
    item_id: int,
    reason: HandReason,
    *,
    words: str = "",
    actor: User,
    version: int | None,
    now: datetime,
    request_id: str = "",
) -> QueueItem:
    """Close an open item that nobody else works on; whoever was asked and has not answered is not asked any more.

    It stays closed while the same chance lasts. Raises InvalidActError for a reason that does not fit, missing words
    or a call without an outcome, GuardRefusedError where anything changed, a colleague has it, or somebody took the
    slot and waits for the booking.
    """
    words = words.strip()[:LONGEST_WORDS]
    if reason in NEEDS_WORDS and not words:
        raise InvalidActError("Write a few words, so that others know why.")

    def close(found: Guarded) -> QueueItem:
        item = found.item
        if reason not in REASONS_OF[Family(item.family)]:
            raise InvalidActError("Choose a reason that fits.")
        _refuse_unfinished(item, now)
        _take_offers_back(item, actor, now)
        item.state, item.closed_at, item.close_reason = ItemState.CLOSED, now, CloseReason.DONE
        item.claimed_by = item.claimed_at = item.claimed_until = None
        detail: dict[str, object] = {"why": reason, "reason": words}
        _save(item, ItemEventKind.CLOSED, detail, actor, now, request_id)
        return item

    return guarded(item_id, Intent(Act.CLOSE, version), close, actor=actor, now=now, request_id=request_id)


def reopen_item(item_id: int, *, actor: User, version: int | None, now: datetime, request_id: str = "") -> QueueItem:
    """Take a closing by hand back, as long as the chance lasts: the facts of by now are read first.

    Raises GuardRefusedError where the chance is another one or none by now, or it was not closed by hand.
    """

    def reopen(found: Guarded) -> QueueItem:
        item = found.item
        if item.useful_until <= now:
            raise GuardRefusedError("too_late", f"The chance ended at {clock(item.useful_until, item.zone, now)}.")
        _refuse_newer(item)
        item.state, item.closed_at, item.close_reason = ItemState.OPEN, None, None
        _save(item, ItemEventKind.REOPENED, {}, actor, now, request_id)
        replan_item(item, now=now)
        item.refresh_from_db()
        if item.state != ItemState.OPEN:
            sentence = f"It cannot be opened again: {str(item.get_close_reason_display()).lower()}."
            raise GuardRefusedError(f"closed_{item.close_reason}", sentence, changed_at=now)
        return item

    return guarded(item_id, Intent(Act.REOPEN, version), reopen, actor=actor, now=now, request_id=request_id)


def _refuse_unfinished(item: QueueItem, now: datetime) -> None:
    """A call without an outcome and a yes without a booking are work that a closing would hide."""
    if Attempt.objects.filter(item=item, outcome="").exists():
        raise InvalidActError("Say how the call went before you close it.")
    taken = Offer.objects.filter(item=item, state=OfferState.PENDING).first()
    if taken is not None and taken.answered_at is not None:
        at = clock(taken.answered_at, item.zone, now)
        sentence = f"Somebody took it at {at}. Take that offer back first."
        raise GuardRefusedError("accepted", sentence, changed_at=taken.answered_at)


def _refuse_newer(item: QueueItem) -> None:
    """Another chance of the same slot or visit opened meanwhile."""
    newer = QueueItem.objects.open().filter(family=item.family, subject=item.subject).first()
    if newer is not None:
        raise GuardRefusedError("newer", f"Item {newer.pk} is open for it by now.", changed_at=newer.opened_at)


def _take_offers_back(item: QueueItem, actor: User, now: datetime) -> None:
    """Nobody may say yes to what is closed; a message that still waits is stopped by its own guard."""
    live = list(Offer.objects.filter(item=item, state=OfferState.LIVE).order_by("pk").values_list("pk", flat=True))
    Offer.objects.filter(pk__in=live).update(state=OfferState.WITHDRAWN, settled_at=now, why="Closed by hand.")
    ItemEvent.objects.bulk_create(
        ItemEvent(
            item=item,
            kind=ItemEventKind.ANSWERED,
            at=now,
            actor=actor,
            reason=OfferState.WITHDRAWN,
            detail={"offer": pk, "state": OfferState.WITHDRAWN},
        )
        for pk in live
    )


def _save(
    item: QueueItem, kind: ItemEventKind, detail: dict[str, object], actor: User, now: datetime, request_id: str
) -> None:
    item.version += 1
    item.save(
        update_fields=[
            "state", "closed_at", "close_reason", "version", "claimed_by", "claimed_at", "claimed_until",
        ]
    )  # fmt: skip
    reason = str(item.close_reason or "")
    ItemEvent.objects.create(item=item, kind=kind, at=now, actor=actor, reason=reason, detail=detail)
    record(
        AuditAction.CHANGED,
        actor=actor,
        subject_kind=SUBJECT,
        subjects=[item.pk],
        patients=[item.patient_id] if item.patient_id is not None else [],
        clinic=item.clinic_id,
        detail={"verb": str(kind)} | detail,
        now=now,
        request_id=request_id,
    )
