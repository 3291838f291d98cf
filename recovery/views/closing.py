"""Close a chance by hand, and take that back."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.guards import needs_role
from accounts.services.audit import request_id_of
from recovery.forms import CloseForm, SeenForm
from recovery.services.close_item import close_item, reopen_item
from recovery.verbs import ACTORS, CLOSE
from recovery.views.panes import acted, fetch_to_act, pane_response, person_of
from recovery.vocabulary import HandReason


@needs_role(*ACTORS)
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an item with a reason of the short list."""
    item = fetch_to_act(request, pk)
    form = CloseForm(item, request.POST)
    if not form.is_valid():
        return pane_response(request, item, verb=CLOSE, form=form, status=422)
    said = form.cleaned_data

    def end() -> None:
        close_item(
            pk,
            HandReason(said["why"]),
            words=said["words"],
            actor=person_of(request),
            version=said["version"],
            now=timezone.now(),
            request_id=request_id_of(request),
        )

    return acted(request, pk, end, verb=CLOSE, form=form)


@needs_role(*ACTORS)
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open an item again that was closed by hand, as it was seen."""
    form = SeenForm(fetch_to_act(request, pk), request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else None
    who, request_id = person_of(request), request_id_of(request)
    return acted(
        request, pk, lambda: reopen_item(pk, actor=who, version=version, now=timezone.now(), request_id=request_id)
    )
