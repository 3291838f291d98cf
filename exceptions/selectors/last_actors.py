"""Who made the last move of a kind."""

from collections.abc import Sequence

from exceptions.models import History, IntegrationException
from exceptions.vocabulary import Verb


def last_actors(rows: Sequence[IntegrationException], verb: Verb) -> dict[int, int]:
    """The person who last did ``verb`` to each of some exceptions, by its id; one query."""
    found = History.objects.filter(exception__in=rows, verb=verb, actor__isnull=False)
    newest = found.order_by("exception", "-at", "-id").distinct("exception")
    return dict(newest.values_list("exception_id", "actor_id"))
