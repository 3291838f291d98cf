"""What the desk does because of a reply: opt-outs at once, answers to offers through the guard, the rest to people."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F

from accounts.models import User
from recovery.errors import GuardRefusedError
from recovery.models import ItemEvent, Offer, QueueItem, Reply
from recovery.outreach.reading_replies import asks_to_cancel
from recovery.services.answer_offer import accept_offer, decline_offer
from recovery.services.consent_by_reply import start_messages, stop_messages
from recovery.services.guard import Guarded, guarded
from recovery.services.guard_intent import Intent
from recovery.services.guard_send import PASSING
from recovery.vocabulary import Act, Family, ItemEventKind, ItemState, NextStep, ReplyMeaning

MOST_AT_ONCE = 200
# A reply is taken up by whoever stored it; a sweep takes over what was left.
LEFT_AFTER = timedelta(seconds=5)
# Messages that wait to be read are waited for so long; then a person answers.
WAITED_FOR = timedelta(minutes=2)

log = structlog.get_logger(__name__)


def apply_reply(reply_id: int, *, now: datetime) -> bool:
    """Do what a stored reply asks for, once; False when somebody is at it, it was done, or it has to wait."""
    with transaction.atomic():
        waiting = Reply.objects.filter(pk=reply_id, effect="", handled_at__isnull=True)
        reply = (
            waiting.select_related("outbound__attempt__item").select_for_update(skip_locked=True, of=("self",)).first()
        )
        if reply is None:
            return False
        effect, is_done = _effect(reply, now)
        if not effect:
            return False
        reply.effect = effect[:200]
        reply.handled_at = now if is_done else None
        reply.save(update_fields=["effect", "handled_at"])
    return True


def apply_replies(now: datetime) -> int:
    """Take up the replies that nobody did; returns how many. One that cannot be applied does not stop the next."""
    left = Reply.objects.to_apply(now - LEFT_AFTER).order_by("received_at").values_list("pk", flat=True)
    done = 0
    for reply_id in list(left[:MOST_AT_ONCE]):
        try:
            done += apply_reply(reply_id, now=now)
        except Exception:
            log.exception("reply not applied", reply=reply_id)
    return done


def _effect(reply: Reply, now: datetime) -> tuple[str, bool]:
    """What was done, in words, and whether nobody has to look at it; no words where it has to wait."""
    said = ReplyMeaning(reply.meaning)
    if said == ReplyMeaning.STOP:
        return stop_messages(reply, now=now), True
    if said == ReplyMeaning.START:
        return start_messages(reply, now=now), True
    offer = _offer(reply)
    if offer is not None and said in (ReplyMeaning.YES, ReplyMeaning.NO):
        return _answer(reply, offer, said, now)
    asked = _asked_to_come(reply)
    if asked is not None and said == ReplyMeaning.YES:
        return _will_come(reply, *asked, now)
    return _to_people(reply, said, now), False


def _offer(reply: Reply) -> Offer | None:
    """The offer that the answered message made."""
    if reply.outbound is None:
        return None
    return Offer.objects.filter(attempt=reply.outbound.attempt_id).select_related("made_by").first()


def _answer(reply: Reply, offer: Offer, said: ReplyMeaning, now: datetime) -> tuple[str, bool]:
    """Accept or decline through the guard; whatever it refuses is never confirmed, and somebody tells them."""
    if offer.made_by is None:
        return "Nobody stands for the offer: call them back.", False
    try:
        if said == ReplyMeaning.NO:
            decline_offer(offer.pk, actor=offer.made_by, now=now)
            return "Declined.", True
        accept_offer(offer.pk, actor=offer.made_by, now=now)
    except GuardRefusedError as refusal:
        return _refused(reply, refusal, now), False
    return "Accepted; it waits for the booking in the EHR.", True


def _refused(reply: Reply, refusal: GuardRefusedError, now: datetime) -> str:
    """What the guard said, for whoever calls back; no words while the reply is to wait."""
    if refusal.code in PASSING and now - reply.received_at < WAITED_FOR:
        return ""
    return f"Not confirmed, call them back: {refusal}"


def _asked_to_come(reply: Reply) -> tuple[int, User] | None:
    """The item about which they were asked whether they will come, and who asked; None where nobody did."""
    attempt = reply.outbound.attempt if reply.outbound is not None else None
    if attempt is None or attempt.item is None or attempt.actor is None:
        return None
    return (attempt.item.pk, attempt.actor) if attempt.item.family == Family.CONFIRM else None


def _will_come(reply: Reply, item_id: int, actor: User, now: datetime) -> tuple[str, bool]:
    """Somebody enters the yes in the EHR, whose message closes the item; a visit that changed is never confirmed."""

    def note(found: Guarded) -> None:
        take_step(found.item.pk, NextStep.BOOK_IT, reply, reason=reply.meaning, actor=None, now=now)

    try:
        guarded(item_id, Intent(Act.ACCEPT), note, actor=actor, now=now)
    except GuardRefusedError as refusal:
        return _refused(reply, refusal, now), False
    return "They will come; it is to be entered in the EHR.", True


def _to_people(reply: Reply, said: ReplyMeaning, now: datetime) -> str:
    """Whoever answers finds it in the list of replies and at the item."""
    item = reply.outbound.attempt.item if reply.outbound is not None else None
    words = _question(reply, said)
    if item is None:
        return words
    if not take_step(item.pk, NextStep.CALL_BACK, reply, reason=reply.meaning, actor=None, now=now):
        item.refresh_from_db(fields=["close_reason"])
        return f"The chance closed meanwhile, nothing was confirmed: {str(item.get_close_reason_display()).lower()}."
    return words


def _question(reply: Reply, said: ReplyMeaning) -> str:
    if asks_to_cancel(reply.body):
        return "Ask them: the visit, or the messages?"
    if said == ReplyMeaning.YES:
        return "They say yes: call them back to book."
    if said == ReplyMeaning.NO:
        return "They say no: find out to what."
    return "Read it and call them back."


def take_step(item_id: int, step: NextStep, reply: Reply, *, reason: str, actor: User | None, now: datetime) -> bool:
    """Make a reply's step the item's next one, whoever rests or passed it on; False when it has closed."""
    open_item = QueueItem.objects.filter(pk=item_id, state=ItemState.OPEN)
    if not open_item.update(next_step=step, not_before=None, version=F("version") + 1):
        return False
    ItemEvent.objects.create(
        item_id=item_id,
        kind=ItemEventKind.ANSWERED,
        at=now,
        actor=actor,
        reason=str(reason),
        detail={"reply": reply.pk, "next": str(step)},
    )
    return True
