"""Let takes run out that nobody renewed: what was taken and forgotten comes up again (I10)."""

from datetime import datetime

from django.db import transaction

from exceptions.models import IntegrationException
from exceptions.services.move_columns import given_back
from exceptions.services.sweeping import due_at_once, end
from exceptions.vocabulary import State, Verb


@transaction.atomic
def end_takes(now: datetime) -> int:
    """Give back what has been taken for too long, with its next step due at once; tell whoever had it."""
    due = IntegrationException.objects.filter(state=State.TAKEN, taken_until__lte=now)
    return end(due, Verb.TAKE_ENDED, lambda row: due_at_once(row, given_back(row), now), _owners, now=now)


def _owners(rows: list[IntegrationException]) -> dict[int, int]:
    return {row.pk: row.owner_id for row in rows if row.owner_id is not None}
