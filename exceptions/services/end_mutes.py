"""Let mutes run out: the sweep behind ``muted_until`` (I8). Safe to run twice and by two processes."""

from datetime import datetime

from django.db import transaction

from exceptions.models import IntegrationException
from exceptions.selectors.last_actors import last_actors
from exceptions.services.move_columns import unmuted
from exceptions.services.sweeping import due_at_once, end
from exceptions.vocabulary import Verb


@transaction.atomic
def end_mutes(now: datetime) -> int:
    """Open muted exceptions whose end has come; what somebody had taken is taken again. Return how many.

    Whoever muted it is told. Where nobody has it, the next step is due at once.
    """
    return end(
        IntegrationException.objects.mute_ended(now),
        Verb.MUTE_ENDED,
        lambda row: due_at_once(row, unmuted(row, now), now),
        lambda rows: last_actors(rows, Verb.MUTE),
        now=now,
    )
