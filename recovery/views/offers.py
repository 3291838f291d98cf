"""Offers of a freed slot: make them, record the answers."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.guards import needs_role
from accounts.services.audit import request_id_of
from recovery.forms_offers import AnswerForm, OfferForm
from recovery.models import Offer
from recovery.services.answer_offer import accept_offer, decline_offer, withdraw_offer
from recovery.services.make_offers import Asked, make_offer, make_offers
from recovery.verbs import ACTORS
from recovery.views.panes import acted, fetch_to_act, pane_response, person_of
from recovery.vocabulary import OutreachChannel

ANSWERS = {"accepted": accept_offer, "declined": decline_offer, "withdrawn": withdraw_offer}


@needs_role(*ACTORS)
@require_POST
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer the slot to one person, or to several at once."""
    item = fetch_to_act(request, pk)
    form = OfferForm(request.POST)
    if not form.is_valid():
        return pane_response(request, item, error="Choose somebody to offer it to.", status=422)
    said = form.cleaned_data
    people = said["people"]
    asked = Asked(
        person_of(request),
        timezone.now(),
        said["version"],
        OutreachChannel(said["channel"] or OutreachChannel.CALL),
        review=said["review"],
        is_batch=len(people) > 1,
        request_id=request_id_of(request),
    )
    if asked.is_batch:
        return acted(request, pk, lambda: make_offers(pk, people, asked))
    return acted(request, pk, lambda: make_offer(pk, people[0], asked))


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
