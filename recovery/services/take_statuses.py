"""How messages fared, as their gateway tells: the same end whatever the order and however often it is told (I3)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from recovery.models import Outbound
from recovery.outreach.reading_posts import ARRIVED, LOST, StatusLine
from recovery.services.settle_outbound import Ending, end_outbound
from recovery.vocabulary import NextStep, OutboundState

LOST_ON_THE_WAY = "The gateway could not deliver it."
CLOCKS_APART = timedelta(minutes=5)


class Taken(NamedTuple):
    """How many lines named a message of ours, and how many did not."""

    known: int
    unknown: int


@transaction.atomic
def take_statuses(lines: Sequence[StatusLine], *, now: datetime) -> Taken:
    """Write what the lines say; messages are locked in order."""
    keys = [line.key for line in lines if line.key]
    own_ids = [line.gateway_id for line in lines if line.gateway_id]
    # What never went out stays as it is.
    named = Outbound.objects.handed_over().filter(Q(key__in=keys) | Q(gateway_id__in=own_ids))
    rows = list(named.select_related("attempt").order_by("pk").select_for_update(of=("self",)))
    by_key = {row.key: row for row in rows}
    by_id = {row.gateway_id: row for row in rows if row.gateway_id}
    known = 0
    for line in lines:
        row = by_key.get(line.key) if line.key else by_id.get(line.gateway_id)
        if row is not None:
            known += 1
            _take(row, line, now)
    return Taken(known, len(lines) - known)


def _take(row: Outbound, line: StatusLine, now: datetime) -> None:
    """Arrived beats lost, and both beat being on the way, whichever was told first."""
    at = min(line.at or now, now + CLOCKS_APART)
    row.status_at = max(row.status_at or at, at)
    row.gateway_id = row.gateway_id or line.gateway_id
    row.save(update_fields=["status_at", "gateway_id"])
    if line.word in ARRIVED and row.state != OutboundState.DELIVERED:
        _arrive(row, now)
    elif line.word in LOST and row.state in (OutboundState.SENDING, OutboundState.SENT):
        ending = Ending(OutboundState.FAILED, LOST_ON_THE_WAY, NextStep.OTHER_CHANNEL, "undelivered", has_left=True)
        end_outbound(row, ending, now)


def _arrive(row: Outbound, now: datetime) -> None:
    row.state, row.problem, row.claimed_until = OutboundState.DELIVERED, "", None
    row.settled_at = row.settled_at or now
    row.save(update_fields=["state", "problem", "claimed_until", "settled_at"])
    if row.attempt.note:
        row.attempt.note = ""
        row.attempt.save(update_fields=["note"])
