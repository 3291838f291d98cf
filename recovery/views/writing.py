"""Texts and e-mails about an item: read in the pane first, sent through the guard."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.guards import needs_role
from accounts.services.audit import request_id_of
from recovery.forms import MessageForm
from recovery.services.send_outreach import send_message
from recovery.verbs import ACTORS, EMAIL, TEXT, WRITES
from recovery.views.panes import acted, fetch_to_act, pane_response, person_of


@needs_role(*ACTORS)
@require_POST
def text(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the text that was read."""
    return _send(request, pk, TEXT)


@needs_role(*ACTORS)
@require_POST
def email(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the e-mail that was read."""
    return _send(request, pk, EMAIL)


def _send(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    item = fetch_to_act(request, pk)
    form = MessageForm(item, request.POST)
    if not form.is_valid():
        return pane_response(request, item, verb=verb, error="Read the words before they go.", status=422)
    said = form.cleaned_data

    def send() -> None:
        send_message(
            pk,
            WRITES[verb],
            actor=person_of(request),
            version=said["version"],
            now=timezone.now(),
            words=[said["words"]],
            request_id=request_id_of(request),
        )

    return acted(request, pk, send, verb=verb)
