"""What a person did: what came of it for each exception, and the way back."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.services.audit import request_id_of
from exceptions.errors import StaleExceptionError
from exceptions.models import Act, IntegrationException
from exceptions.services.undo_act import undo
from exceptions.views.bulk import act_response, read_ticked
from exceptions.views.pages import pane_response
from exceptions.views.requests import is_swap, kept_query, person_of


@login_required
@require_GET
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what came of one of the person's own acts, beside the list."""
    return act_response(request, get_object_or_404(Act, pk=pk, actor=person_of(request)))


@login_required
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one of the person's own acts as far as it still stands; 409 when it is too late for any of it."""
    act = get_object_or_404(Act, pk=pk, actor=person_of(request))
    try:
        undone = undo(act, actor=person_of(request), now=timezone.now(), request_id=request_id_of(request))
    except StaleExceptionError as error:
        return act_response(request, act, ticked=read_ticked(request), error=str(error), status=409)
    if len(undone.outcomes) == 1:
        return one_response(request, undone)
    if is_swap(request):
        return act_response(request, undone, ticked=read_ticked(request))
    return redirect(f"{reverse('exceptions:act', args=[undone.pk])}{kept_query(request)}")


def one_response(request: HttpRequest, undone: Act) -> HttpResponse:
    """Show the one exception again; what could not be put back is a conflict with its sentence."""
    ((pk, _, sentence, _, _),) = undone.outcomes
    visible = IntegrationException.objects.visible_to(request.user).with_places()
    exception = get_object_or_404(visible, pk=pk)
    if not undone.done:
        return pane_response(request, exception, error=sentence, status=409)
    if is_swap(request):
        return pane_response(request, exception)
    return redirect(f"{exception.get_absolute_url()}{kept_query(request)}")
