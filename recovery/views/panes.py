"""What every page of one item shares: the scoped row, who may work it, the pane with its forms and refusals."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.guards import get_visible_or_404
from accounts.models import User
from accounts.scope import has_role
from accounts.services.audit import audited_read, record_denied
from accounts.vocabulary import Role
from config.web.asking import answers
from recovery.errors import GuardRefusedError, InvalidActError
from recovery.forms import CallForm, CloseForm, HandOverForm, OutcomeForm, PinForm, ReasonForm
from recovery.models import QueueItem
from recovery.selectors.holds import BLOCKS, blocks_of
from recovery.selectors.pane import Pane, item_pane, pane_questions
from recovery.selectors.previews import Preview, previews
from recovery.selectors.queue import Queue, open_prefix
from recovery.selectors.rows import QueueRow
from recovery.selectors.trusts import trusts_for
from recovery.trust import ClinicTrust
from recovery.verbs import (
    ACTORS,
    CALL,
    CLOSE,
    FREE,
    HAND_OVER,
    PAGE_KEYS,
    PIN,
    SUBMIT,
    WRITES,
    buttons_for,
    channels_on,
    url_of,
    verbs_for,
    writes_for,
)

SUBJECT = "recovery.queueitem"
WHOLE = "whole"  # in the address: the item stands on a page of its own
PASSING = ("verb", "since", "version", "level", "item", "chosen")  # for one request only


def person_of(request: HttpRequest) -> User:
    """The signed-in person; every view here asks for one."""
    return cast("User", request.user)


def is_swap(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.history_restore_request


def kept_query(request: HttpRequest, **more: str) -> str:
    """The list's own query string, with its question mark, or ""."""
    query = request.GET.copy()
    for name in PASSING:
        query.pop(name, None)
    query.update(more)
    return f"?{query.urlencode()}" if query else ""


def fetch(request: HttpRequest, pk: int) -> QueueItem:
    """The item in the person's scope; 404 and a denied audit row for another clinic's."""
    items = QueueItem.objects.with_sight(request.user)
    items = items.select_related("appointment__patient", "patient", "clinic", "source", "claimed_by", "pinned_by")
    found: QueueItem = get_visible_or_404(items, request, pk=pk)
    return found


def fetch_to_act(request: HttpRequest, pk: int) -> QueueItem:
    """The same for somebody who works the queue of its clinic; 403 and a denied audit row for others."""
    item = fetch(request, pk)
    if not may_act(request, item):
        record_denied(request, subject_kind=SUBJECT, subjects=[pk])
        raise PermissionDenied
    return item


def may_act(request: HttpRequest, item: QueueItem, *roles: Role) -> bool:
    """Whether the person has one of the roles (any that works the queue) at the item's place."""
    if item.clinic is not None:
        return has_role(request.user, *(roles or ACTORS), clinic=item.clinic)
    return has_role(request.user, *(roles or ACTORS), source=item.source)


def acted(
    request: HttpRequest, pk: int, do: Callable[[], object], *, verb: str = "", form: Form | None = None
) -> HttpResponse:
    """Do it, and show the item as it is then; refused, the sentence and what was typed."""
    try:
        do()
    except InvalidActError as error:
        return pane_response(request, fetch(request, pk), verb=verb, form=form, error=str(error), status=422)
    except GuardRefusedError as error:
        return pane_response(request, fetch(request, pk), verb=verb, form=form, error=str(error), status=409)
    return done(request, pk)


def done(request: HttpRequest, pk: int) -> HttpResponse:
    """After an act: the pane for htmx, else the item beside its list, or on its own page."""
    if is_swap(request):
        return pane_response(request, fetch(request, pk))
    if request.GET.get(WHOLE):
        return redirect("recovery:item", pk)
    return redirect(f"{reverse('recovery:queue')}{kept_query(request, item=str(pk))}")


def pane_response(
    request: HttpRequest,
    item: QueueItem,
    *,
    verb: str = "",
    form: Form | None = None,
    error: str = "",
    status: int = 200,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """Render one item: to htmx the pane, and after an act its row and the counts; else a page of its own."""
    now = timezone.now()
    trusts = {trust.clinic_id: trust for trust in trusts_for(request, now)}
    found = {**answers(pane_questions(item, request.user, now)), BLOCKS: blocks_of([item], now)}
    context = opened(request, item, trusts, found, now, verb=verb, form=form) | (more or {})
    context |= {"error": error, "now": now, "page_keys": PAGE_KEYS}
    if not is_swap(request):
        query = kept_query(request, **{WHOLE: "1"})
        return render(request, "recovery/item.html", context | {"query": query}, status=status)
    if request.method == "POST" and not request.GET.get(WHOLE):
        shown = Queue(request, now)
        context |= {"queue": shown, "changed": _changed(request, context["pane"])}
    response = render(request, "recovery/_swap.html", context, status=status)
    response["Vary"] = "HX-Request"
    return response


def _changed(request: HttpRequest, pane: Pane) -> QueueRow | None:
    """The item's row as the list prints it; a name that was revealed stays out of the list."""
    is_revealed = pane.item.patient is not None and pane.item.patient.is_restricted and not pane.row.is_masked
    if is_revealed and not pane.row.is_refill:
        return None
    return replace(pane.row, url=f"{open_prefix(request)}{pane.item.pk}", is_current=True)


def opened(
    request: HttpRequest,
    item: QueueItem,
    trusts: Mapping[int, ClinicTrust],
    found: Mapping[str, Any],
    now: datetime,
    *,
    verb: str = "",
    form: Form | None = None,
) -> dict[str, Any]:
    """Everything the pane prints, with the verbs that fit the person; the reading is audited."""
    pane = item_pane(item, trusts, found=found, user=request.user, now=now)
    audited_read(
        request, subject_kind=SUBJECT, subject=item.pk, patients=pane.patient_ids, clinic=item.clinic_id
    )  # fmt: skip
    verbs = verbs_for(pane, is_supervisor=may_act(request, item, Role.SUPERVISOR)) if may_act(request, item) else []
    asked = verb if verb in SUBMIT and verb in verbs else ""
    trust = trusts.get(item.clinic_id) if item.clinic_id is not None else None
    return {
        "pane": pane,
        "query": kept_query(request),
        "buttons": buttons_for(verbs, item.pk),
        "writes": writes_for(verbs, item.pk),
        "channels_on": channels_on(),
        "call_form": (form if verb == CALL and form else CallForm(item)) if CALL in verbs else None,
        "outcome_form": _outcome_form(pane, form) if pane.call else None,
        "verb": asked,
        "form_url": url_of(verb, item.pk) if verb in SUBMIT else "",
        "submit": SUBMIT.get(verb, ""),
        "preview": _preview(item, asked, trust, person_of(request), now) if asked in WRITES else None,
        "form": (form or _form(verb, item, person_of(request))) if asked and asked not in WRITES else None,
        "typed": form.data.get("note", "") if form is not None and verb == CALL else "",
    }


def _preview(item: QueueItem, verb: str, trust: ClinicTrust | None, me: User, now: datetime) -> Preview | None:
    """The words that would leave, for the person of the item."""
    if item.patient_id is None:
        return None
    return previews(item, [item.patient_id], WRITES[verb], trust=trust, actor=me, now=now)[item.patient_id]


def _outcome_form(pane: Pane, form: Form | None) -> OutcomeForm:
    if isinstance(form, OutcomeForm):
        return form
    note = form.data.get("note", "") if isinstance(form, CallForm) else ""
    return OutcomeForm(pane.item, pane.row.zone, initial={"note": note})


def _form(verb: str, item: QueueItem, me: User) -> Form:
    if verb == HAND_OVER:
        return HandOverForm(item, me)
    return {PIN: PinForm, FREE: ReasonForm, CLOSE: CloseForm}[verb](item)
