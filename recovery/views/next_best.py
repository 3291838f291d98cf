"""Take the best chance that nobody works on."""

from django.contrib import messages
from django.db.models import BooleanField, Case, Exists, OuterRef, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.guards import needs_role
from accounts.scope import clinic_scope_q
from accounts.services.audit import request_id_of
from recovery.errors import InvalidActError
from recovery.filters import BY_ACTION
from recovery.models import Attempt
from recovery.querysets import RANK_ORDER, QueueItemQuerySet, due_q
from recovery.selectors.queue import Queue
from recovery.services.claims import claim_next
from recovery.verbs import ACTORS
from recovery.views.panes import kept_query, person_of
from recovery.vocabulary import NextStep


@needs_role(*ACTORS)
@require_POST
def next_best(request: HttpRequest) -> HttpResponse:
    """Take the best chance of the list that may be worked, and open it; call backs one promised come first."""
    now = timezone.now()
    try:
        item = claim_next(
            _candidates(Queue(request, now)),
            actor=person_of(request),
            now=now,
            request_id=request_id_of(request),
        )
    except InvalidActError as error:
        messages.warning(request, str(error))
        return redirect(f"{reverse('recovery:queue')}{kept_query(request)}")
    if item is None:
        messages.info(request, "Nothing is free to take here. What rests or is held opens by itself.")
        return redirect(f"{reverse('recovery:queue')}{kept_query(request)}")
    return redirect(f"{reverse('recovery:queue')}{kept_query(request, item=str(item.pk))}")


def _candidates(shown: Queue) -> QueueItemQuerySet:
    """What the list's menus leave that is free to work, one's own call backs first, then best chance first."""
    user, now = person_of(shown.request), shown.now
    items = shown.items if shown.split_name in BY_ACTION else shown.filtered
    items = items.filter(clinic_scope_q(user, "clinic", "source", roles=ACTORS))
    promised = Attempt.objects.filter(
        item=OuterRef("pk"), actor=user, next_step=NextStep.CALL_BACK, next_at=OuterRef("not_before")
    )
    is_mine = When(due_q(now) & Exists(promised), then=Value(value=True))
    mine = Case(is_mine, default=Value(value=False), output_field=BooleanField())
    free = items.workable(shown.trusts, now).to_do(now).ranked(now)
    return free.annotate(is_promised=mine).order_by("-is_promised", *RANK_ORDER)
