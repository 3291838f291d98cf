"""What follows for attempt and item when a message does not go out, or did not arrive."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import F

from recovery.errors import GuardRefusedError
from recovery.models import Attempt, ItemEvent, Outbound, QueueItem
from recovery.outreach.claiming import MOST_TRIES, held, overdue
from recovery.outreach.gateways.kinds import Message
from recovery.services.guard_send import ACTS
from recovery.vocabulary import (
    AttemptOutcome,
    ItemEventKind,
    ItemState,
    NextStep,
    OutboundState,
    OutreachChannel,
)

MOST_ENDED = 200
TOO_LATE = "It could not go out in time."
DIED_ON_IT = "The sender ended in the middle of the last try."


class Ending(NamedTuple):
    """How a message ended without arriving. ``has_left``: it may have reached somebody, so it counts as a contact."""

    state: OutboundState
    problem: str
    next_step: NextStep
    code: str
    has_left: bool


@transaction.atomic
def refuse_outbound(message: Message, refusal: GuardRefusedError, *, now: datetime) -> bool:
    """The guard stopped it; False when the claim is not ours any more."""
    ending = Ending(OutboundState.REFUSED, str(refusal), NextStep.TRY_AGAIN, refusal.code, has_left=False)
    return _end_claimed(message, ending, now)


@transaction.atomic
def fail_outbound(message: Message, problem: str, *, may_have_left: bool, now: datetime) -> bool:
    """The gateway did not take it, as far as we know; False when the claim is not ours any more."""
    ending = Ending(OutboundState.FAILED, problem, NextStep.OTHER_CHANNEL, "not_taken", has_left=may_have_left)
    return _end_claimed(message, ending, now)


@transaction.atomic
def end_overdue(now: datetime) -> int:
    """Give up what came too late or killed every sender; safe to run twice and by two processes."""
    rows = overdue(now, most=MOST_ENDED)
    for row in rows:
        may_have_left = row.tries > 0
        if row.tries >= MOST_TRIES:
            ending = Ending(OutboundState.FAILED, DIED_ON_IT, NextStep.OTHER_CHANNEL, "died_on_it", may_have_left)
        else:
            problem = row.problem or TOO_LATE
            ending = Ending(OutboundState.EXPIRED, problem, NextStep.OTHER_CHANNEL, "too_late", may_have_left)
        end_outbound(row, ending, now)
    return len(rows)


def end_outbound(outbound: Outbound, ending: Ending, now: datetime) -> None:
    """Write the end on a locked message, its attempt and its item."""
    outbound.state, outbound.problem = ending.state, ending.problem[:200]
    outbound.settled_at, outbound.claimed_until = now, None
    outbound.save(update_fields=["state", "problem", "settled_at", "claimed_until"])
    attempt = outbound.attempt
    attempt.note, attempt.next_step = ending.problem[:300], ending.next_step
    if not ending.has_left:
        attempt.outcome, attempt.is_counted = AttemptOutcome.PUT_BACK, False
    attempt.save(update_fields=["note", "next_step", "outcome", "is_counted"])
    if attempt.item_id is not None:
        _free_item(attempt.item_id, attempt, ending, now)


def _end_claimed(message: Message, ending: Ending, now: datetime) -> bool:
    row = Outbound.objects.filter(held(message)).select_related("attempt").select_for_update(of=("self",)).first()
    if row is None:
        return False
    end_outbound(row, ending, now)
    return True


def _free_item(item_id: int, attempt: Attempt, ending: Ending, now: datetime) -> None:
    """The item need not rest for what did not arrive; where somebody did more since, their step stands."""
    has_newer = Attempt.objects.filter(item=item_id, at__gt=attempt.at).exists()
    item = QueueItem.objects.filter(pk=item_id, state=ItemState.OPEN)
    if not has_newer:
        back = 0 if ending.has_left else 1
        item.update(next_step=ending.next_step, not_before=None, tries=F("tries") - back, version=F("version") + 1)
    ItemEvent.objects.create(
        item_id=item_id,
        kind=ItemEventKind.REFUSED if ending.state == OutboundState.REFUSED else ItemEventKind.OUTCOME,
        at=now,
        reason=ending.code[:40],
        detail={"act": str(ACTS[OutreachChannel(attempt.channel)]), "attempt": attempt.pk, "state": str(ending.state)},
    )
