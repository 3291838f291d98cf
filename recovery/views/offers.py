"""Offers of a freed slot: read before they go, made through the guard, answers recorded."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.guards import needs_role
from accounts.services.audit import audited_read, request_id_of
from recovery.errors import GuardRefusedError, InvalidActError
from recovery.forms_offers import AnswerForm, OfferForm
from recovery.models import Offer, QueueItem
from recovery.selectors.offer_steps import offer_step
from recovery.services.answer_offer import accept_offer, decline_offer, withdraw_offer
from recovery.services.make_offers import Asked, make_offer, make_offers
from recovery.verbs import ACTORS
from recovery.views.candidates import is_looked_for, trust_of
from recovery.views.panes import SUBJECT, acted, done, fetch, fetch_to_act, pane_response, person_of

ANSWERS = {"accepted": accept_offer, "declined": decline_offer, "withdrawn": withdraw_offer}
NOBODY = "Choose somebody to offer it to."


@needs_role(*ACTORS)
@require_POST
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer the slot to one person, or to several at once; with ``look`` say first what would go to whom."""
    item = fetch_to_act(request, pk)
    form = OfferForm(request.POST)
    if not form.is_valid() or not is_looked_for(item):
        return pane_response(request, item, error=NOBODY, status=422)
    if "look" in request.POST:
        return pane_response(request, item, more=_step(request, item, form))
    try:
        _make(request, pk, form)
    except (InvalidActError, GuardRefusedError) as error:
        status = 422 if isinstance(error, InvalidActError) else 409
        seen = fetch(request, pk)
        return pane_response(request, seen, error=str(error), status=status, more=_step(request, seen, form))
    return done(request, pk)


def _make(request: HttpRequest, pk: int, form: OfferForm) -> None:
    said = form.cleaned_data
    people = said["people"]
    asked = Asked(
        person_of(request),
        timezone.now(),
        said["version"],
        form.by,
        review=said["review"],
        is_batch=len(people) > 1,
        request_id=request_id_of(request),
        words=form.words,
    )
    if asked.is_batch:
        make_offers(pk, people, asked)
    else:
        make_offer(pk, people[0], asked)


def _step(request: HttpRequest, item: QueueItem, form: OfferForm) -> dict[str, Any]:
    """Whom it would go to and with which words, and what was typed; the look is recorded."""
    now = timezone.now()
    trust = trust_of(request, item)
    step = offer_step(item, form.cleaned_data["people"], form.by, trust=trust, actor=person_of(request), now=now)
    patients = [person.patient_id for person in step.people]
    audited_read(request, subject_kind=SUBJECT, subject=item.pk, patients=patients, clinic=item.clinic_id)
    return {"step": step, "item": item, "zone": item.zone, "review": form.cleaned_data["review"]}


@needs_role(*ACTORS)
@require_POST
def answer(request: HttpRequest, pk: int, offer_pk: int) -> HttpResponse:
    """Record what somebody said to an offer by phone, or take it back."""
    item = fetch_to_act(request, pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return pane_response(request, item, error="Say how they answered.", status=422)
    if not Offer.objects.filter(pk=offer_pk, item=item).exists():
        return pane_response(request, item, error="This offer is not known. Look at the item again.", status=409)
    act = ANSWERS[form.cleaned_data["answer"]]
    who, request_id = person_of(request), request_id_of(request)
    return acted(request, pk, lambda: act(offer_pk, actor=who, now=timezone.now(), request_id=request_id))
