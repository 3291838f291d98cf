"""Calls: begin one through the guard, record how it went."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.guards import needs_role
from accounts.services.audit import request_id_of
from recovery.errors import GuardRefusedError, InvalidActError
from recovery.forms import CallForm, OutcomeForm
from recovery.models import Attempt, QueueItem
from recovery.selectors.candidates import candidates_for
from recovery.selectors.offers import read_offers
from recovery.services.attempts import begin_call, record_outcome
from recovery.verbs import ACTORS, CALL
from recovery.views.panes import acted, done, fetch, fetch_to_act, pane_response, person_of
from recovery.vocabulary import Family

OUTCOME = "outcome"


@needs_role(*ACTORS)
@require_POST
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a call: the number is shown from here on, and the pane asks how it went."""
    item, now = fetch_to_act(request, pk), timezone.now()
    form = CallForm(item, request.POST)
    if not form.is_valid():
        return pane_response(request, item, verb=CALL, form=form, status=422)
    try:
        patient_id, visit_id = _called(request, item, form, now)
        begin_call(
            pk,
            actor=person_of(request),
            version=form.cleaned_data["version"],
            now=now,
            patient_id=patient_id,
            visit_id=visit_id,
            request_id=request_id_of(request),
        )
    except (InvalidActError, GuardRefusedError) as error:
        status = 422 if isinstance(error, InvalidActError) else 409
        return pane_response(request, fetch(request, pk), verb=CALL, form=form, error=str(error), status=status)
    # What was noted before the call goes on into its outcome, so a note is never lost to a redirect.
    if form.cleaned_data["note"]:
        return pane_response(request, fetch(request, pk), verb=CALL, form=form)
    return done(request, pk)


def _called(request: HttpRequest, item: QueueItem, form: CallForm, now: datetime) -> tuple[int | None, int | None]:
    """Ids of the candidate for a slot and of their own visit; nobody where the item says whom to call."""
    if item.family != Family.REFILL:
        return None, None
    fitting = candidates_for(item, read_offers(item, now), request.user, now).fitting
    for one in fitting:
        if one.named == form.named:
            return one.patient_id, one.named.visit_id
    if form.named is None:
        raise InvalidActError("Choose whom to call.")
    raise GuardRefusedError("candidate_gone", "They do not fit this slot any more. Look at the list again.")


@needs_role(*ACTORS)
@require_POST
def outcome(request: HttpRequest, pk: int, attempt_pk: int) -> HttpResponse:
    """Record how a call went, with the step that follows."""
    item = fetch_to_act(request, pk)
    attempt = Attempt.objects.filter(pk=attempt_pk, item=item).first()
    if attempt is None:
        return pane_response(request, item, error="This call is not known. Look at the item again.", status=409)
    form = OutcomeForm(item, item.clinic.zone if item.clinic is not None else item.source.zone, request.POST)
    if not form.is_valid():
        return pane_response(request, item, verb=OUTCOME, form=form, status=422)
    told = form.told

    def record() -> None:
        record_outcome(
            attempt_pk, told, actor=person_of(request), now=timezone.now(), request_id=request_id_of(request)
        )

    return acted(request, pk, record, verb=OUTCOME, form=form)
