"""What people do to one exception: fetch in scope, validate, move, render."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.guards import get_visible_or_404, needs_role
from accounts.scope import clinic_scope_q
from accounts.services.audit import record_denied, request_id_of
from exceptions.errors import InvalidMoveError
from exceptions.forms.moves import FORMS, made_anew
from exceptions.lifecycle import verbs_for
from exceptions.models import IntegrationException
from exceptions.services.act_on_many import act
from exceptions.services.take_next import take_next
from exceptions.verbs import MOVERS, SUBMIT
from exceptions.views.pages import pane_response
from exceptions.views.requests import is_swap, kept_query, may_move, person_of
from exceptions.vocabulary import Verb

SUBJECT = "exceptions.integrationexception"


@login_required
@require_POST
def move(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Apply one verb: 422 when something is missing, 409 with a sentence when the exception is not as it was."""
    exception = get_visible_or_404(IntegrationException.objects.with_places(), request, pk=pk)
    if not may_move(request, exception, Verb(verb)):
        record_denied(request, subject_kind=SUBJECT, subjects=[pk])
        raise PermissionDenied
    form = FORMS[Verb(verb)]([exception], request.POST)
    if not form.is_valid():
        return pane_response(request, exception, verb=Verb(verb), form=form, status=422)
    now = timezone.now()
    try:
        done = act(
            [exception],
            Verb(verb),
            form.order(now),
            actor=person_of(request),
            now=now,
            request_id=request_id_of(request),
        )
    except InvalidMoveError as error:
        return pane_response(request, exception, verb=Verb(verb), form=form, error=str(error), status=422)
    if not done.done:
        fresh = IntegrationException.objects.with_places().get(pk=pk)
        # What was typed stays, made against what is there now, as long as the verb still fits.
        fits = verb in SUBMIT and Verb(verb) in verbs_for(fresh.state, is_waived=fresh.waived_until is not None)
        again = made_anew(form, fresh) if fits else None
        asked = Verb(verb) if fits else None
        return pane_response(request, fresh, verb=asked, form=again, error=done.outcomes[0][2], status=409)
    if is_swap(request):
        return pane_response(request, exception)
    return redirect(f"{exception.get_absolute_url()}{kept_query(request)}")


@needs_role(*MOVERS)
@require_POST
def next_one(request: HttpRequest) -> HttpResponse:
    """Take the worst exception that nobody has, among those the person may move, and open it."""
    scope = clinic_scope_q(request.user, "clinic", "source", roles=MOVERS)
    exception = take_next(
        IntegrationException.objects.filter(scope),
        actor=person_of(request),
        now=timezone.now(),
        request_id=request_id_of(request),
    )
    if exception is None:
        messages.info(request, "Somebody has every open exception. Nothing is left to take.")
        return redirect(reverse("exceptions:list"))
    return redirect(exception.get_absolute_url())
