"""Give a person the worst exception that nobody has."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from exceptions.lifecycle import MOVES
from exceptions.models import IntegrationException
from exceptions.services.act_on_many import act
from exceptions.services.move_exception import Order
from exceptions.vocabulary import Verb


@transaction.atomic
def take_next(
    visible: QuerySet[IntegrationException], *, actor: User, now: datetime, request_id: str = ""
) -> IntegrationException | None:
    """Take the first of ``visible`` by severity and by what it holds; None when somebody has everything.

    Two people at once get two different ones: a row that another is taking is skipped. It can be taken back as any act.
    """
    exception = (
        visible.filter(owner__isnull=True, state__in=MOVES[Verb.TAKE].sources)
        .order_by("severity", "-live_count", "-id")
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )
    if exception is not None:
        act([exception], Verb.TAKE, Order(), actor=actor, now=now, request_id=request_id)
    return exception
