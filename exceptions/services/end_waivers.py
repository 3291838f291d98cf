"""Let waivers run out: what was accepted for a while blocks again, and its plan goes on (I10)."""

from datetime import datetime

from django.db import transaction

from exceptions.models import IntegrationException
from exceptions.selectors.last_actors import last_actors
from exceptions.services.sweeping import due_at_once, end
from exceptions.vocabulary import Verb


@transaction.atomic
def end_waivers(now: datetime) -> int:
    """End the waivers whose time is over; tell whoever accepted it."""
    due = IntegrationException.objects.unresolved().filter(waived_until__lte=now)
    return end(
        due,
        Verb.WAIVER_ENDED,
        lambda row: due_at_once(row, {"waived_until": None}, now),
        lambda rows: last_actors(rows, Verb.WAIVE),
        now=now,
    )
