"""Take messages to send, and say how it went: by guarded statements, so that two senders never share one (I9)."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from recovery.models import Outbound
from recovery.outreach.gateways.kinds import Message, Receipt
from recovery.vocabulary import OutboundState, OutreachChannel

MOST_TRIES = 3
# Longer than one exchange may take, so that only a dead sender's claim runs out.
CLAIM = timedelta(seconds=30)
# By the number of tries that went wrong.
BACKOFF = {1: timedelta(minutes=1), 2: timedelta(minutes=5)}
# How long a gateway that cannot be reached is left alone.
REST = timedelta(minutes=1)
# How long a message waits for others to be read that may change it.
UNREAD = timedelta(seconds=5)


@transaction.atomic
def claim(now: datetime, *, most: int, channels: Collection[OutreachChannel]) -> list[Message]:
    """Claim what is to go out next, oldest first; each claim counts a try. Commit it before anything is sent."""
    due = (
        Outbound.objects.filter(free_q(now), send_after__lte=now, tries__lt=MOST_TRIES, deadline_at__gt=now)
        .filter(attempt__channel__in=channels)
        .order_by("send_after", "pk")
        .select_for_update(skip_locked=True, of=("self",))
    )
    rows = list(due.select_related("attempt")[:most])
    until = now + CLAIM
    Outbound.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=OutboundState.SENDING, tries=F("tries") + 1, claimed_until=until
    )
    return [
        Message(
            row.pk,
            row.key,
            OutreachChannel(row.attempt.channel),
            row.attempt.value,
            row.subject,
            row.body,
            row.tries + 1,
            until,
        )
        for row in rows
    ]


def overdue(now: datetime, *, most: int) -> list[Outbound]:
    """Lock what can go out no more: too late, or every sender died on it. Call it inside ``transaction.atomic``."""
    ended = Q(deadline_at__lte=now) | Q(tries__gte=MOST_TRIES)
    rows = Outbound.objects.filter(free_q(now), ended).order_by("pk").select_related("attempt__item")
    return list(rows.select_for_update(skip_locked=True, of=("self",))[:most])


def free_q(now: datetime) -> Q:
    """Rows that nobody is sending: waiting, or with a claim that ran out."""
    return Q(state=OutboundState.WAITING) | Q(state=OutboundState.SENDING, claimed_until__lte=now)


def settle_sent(message: Message, receipt: Receipt, now: datetime) -> bool:
    """Write that the gateway took it; False if the claim had run out, or a status came first."""
    state = OutboundState.DELIVERED if receipt.is_delivered else OutboundState.SENT
    status_at = now if receipt.is_delivered else None
    changes = {"state": state, "settled_at": now, "status_at": status_at, "gateway_id": receipt.gateway_id}
    if _settle(message, problem="", **changes):
        return True
    # The status was faster than the answer: the gateway's own id is all that is missing.
    Outbound.objects.filter(pk=message.outbound_id, gateway_id="").update(gateway_id=receipt.gateway_id)
    return False


def put_off(message: Message, problem: str, now: datetime) -> bool:
    """Write that it did not go out this time; it is tried again after a while."""
    return _settle(message, state=OutboundState.WAITING, send_after=now + BACKOFF[message.tries], problem=problem)


def give_back(message: Message, *, until: datetime | None = None) -> bool:
    """Let go of a claim without having tried, so that it does not count as a try; ``until`` keeps it waiting."""
    waits: dict[str, Any] = {} if until is None else {"send_after": until}
    return _settle(message, state=OutboundState.WAITING, tries=F("tries") - 1, **waits)


def held(message: Message) -> Q:
    """The row of a message while its claim is ours."""
    return Q(
        pk=message.outbound_id,
        state=OutboundState.SENDING,
        tries=message.tries,
        claimed_until=message.claimed_until,
    )


def _settle(message: Message, **changes: Any) -> bool:
    return bool(Outbound.objects.filter(held(message)).update(claimed_until=None, **changes))
