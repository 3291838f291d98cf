"""Claims and pins: take, let go, free, hand over, stay, pin."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.guards import needs_role
from accounts.services.audit import record_denied, request_id_of
from accounts.vocabulary import Role
from recovery.forms import HandOverForm, PinForm, ReasonForm, SeenForm
from recovery.services.claims import claim_item, hand_over, release_item, renew_claim
from recovery.services.pins import pin_item, unpin_item
from recovery.verbs import ACTORS, FREE, HAND_OVER, PIN
from recovery.views.panes import SUBJECT, acted, fetch_to_act, may_act, pane_response, person_of


@needs_role(*ACTORS)
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an item as it was seen."""
    form = SeenForm(fetch_to_act(request, pk), request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else None
    who, request_id = person_of(request), request_id_of(request)
    return acted(
        request, pk, lambda: claim_item(pk, actor=who, version=version, now=timezone.now(), request_id=request_id)
    )


@needs_role(*ACTORS)
@require_POST
def let_go(request: HttpRequest, pk: int) -> HttpResponse:
    """Let go of one's own item."""
    fetch_to_act(request, pk)
    return acted(request, pk, lambda: release_item(pk, actor=person_of(request), now=timezone.now()))


@needs_role(*ACTORS)
@require_POST
def free(request: HttpRequest, pk: int) -> HttpResponse:
    """Free a colleague's item: supervisors, with a reason."""
    item = fetch_to_act(request, pk)
    if not may_act(request, item, Role.SUPERVISOR):
        record_denied(request, subject_kind=SUBJECT, subjects=[pk])
        raise PermissionDenied
    form = ReasonForm(item, request.POST)
    if not form.is_valid():
        return pane_response(request, item, verb=FREE, form=form, status=422)
    reason = form.cleaned_data["reason"]

    def release() -> None:
        release_item(pk, actor=person_of(request), now=timezone.now(), reason=reason, by_supervisor=True)

    return acted(request, pk, release, verb=FREE, form=form)


@needs_role(*ACTORS)
@require_POST
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand one's own item over to a colleague."""
    item = fetch_to_act(request, pk)
    form = HandOverForm(item, person_of(request), request.POST)
    if not form.is_valid():
        return pane_response(request, item, verb=HAND_OVER, form=form, status=422)
    said = form.cleaned_data

    def hand() -> None:
        hand_over(
            pk,
            actor=person_of(request),
            to=form.receiver,
            version=said["version"],
            now=timezone.now(),
            remark=said["remark"],
            request_id=request_id_of(request),
        )

    return acted(request, pk, hand, verb=HAND_OVER, form=form)


@needs_role(*ACTORS)
@require_POST
def pin(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an item first for a while."""
    item = fetch_to_act(request, pk)
    form = PinForm(item, request.POST)
    if not form.is_valid():
        return pane_response(request, item, verb=PIN, form=form, status=422)
    now = timezone.now()
    reason, until = form.cleaned_data["reason"], form.until(now)

    def put() -> None:
        pin_item(pk, actor=person_of(request), reason=reason, until=until, now=now)

    return acted(request, pk, put, verb=PIN, form=form)


@needs_role(*ACTORS)
@require_POST
def unpin(request: HttpRequest, pk: int) -> HttpResponse:
    """End a pin."""
    fetch_to_act(request, pk)
    return acted(request, pk, lambda: unpin_item(pk, actor=person_of(request), now=timezone.now()))


@needs_role(*ACTORS)
@require_POST
def stay(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that somebody is still at it: 204 while the claim is theirs, else 409 with a sentence."""
    fetch_to_act(request, pk)
    if renew_claim(pk, actor=person_of(request), now=timezone.now()):
        return HttpResponse(status=204)
    return HttpResponse("Your claim ran out. Take it again.", status=409, content_type="text/plain; charset=utf-8")
