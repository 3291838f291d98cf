"""Let mutes run out: the sweep behind ``muted_until`` (I8). Safe to run twice and by two processes."""

from datetime import datetime

from django.db import transaction

from exceptions.models import History, IntegrationException
from exceptions.vocabulary import State, Verb

MOST_AT_ONCE = 500


@transaction.atomic
def end_mutes(now: datetime) -> int:
    """Open muted exceptions whose end has come; one with an owner is taken again. Return how many."""
    due = list(
        IntegrationException.objects.mute_ended(now)
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("fingerprint")[:MOST_AT_ONCE]
    )
    for exception in due:
        exception.state = State.OPEN if exception.owner_id is None else State.TAKEN
        exception.muted_until = None
        exception.version += 1
    IntegrationException.objects.bulk_update(due, ["state", "muted_until", "version"])
    History.objects.bulk_create(
        History(
            exception=exception,
            at=now,
            verb=Verb.MUTE_ENDED,
            from_state=State.MUTED,
            to_state=exception.state,
            version=exception.version,
        )
        for exception in due
    )
    return len(due)
