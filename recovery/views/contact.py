"""How the person of an item may be reached, and what staff learn about that: marks, consent, reveals."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.guards import needs_role
from accounts.scope import clinic_scope_q
from accounts.services.audit import audited_list, audited_read, request_id_of
from accounts.vocabulary import Role
from config.web.partials import render_page
from recovery.errors import GuardRefusedError, InvalidActError
from recovery.forms_contact import ConsentForm, MarkForm, RevealForm
from recovery.models import QueueItem, Reveal
from recovery.selectors.contact_card import ContactCard, contact_card
from recovery.selectors.reveals import is_revealed
from recovery.selectors.rows import patient_name
from recovery.selectors.trusts import trusts_for
from recovery.selectors.words import is_elsewhere
from recovery.services.mark_contact import mark_contact
from recovery.services.record_consent import record_consent
from recovery.services.reveal_patient import reveal_patient
from recovery.verbs import ACTORS
from recovery.views.panes import SUBJECT, fetch, fetch_to_act, may_act, person_of
from recovery.views.queue import WORKERS

MOST_REVEALS = 200
REVIEWERS = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
HIDDEN = "Nobody is named here, or the name is hidden."


@needs_role(*WORKERS)
@require_GET
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Explain every way to reach the person, as a page or as the part of the pane that asks for it."""
    return contact_response(request, _ours(fetch(request, pk)))


@needs_role(*ACTORS)
@require_POST
def mark(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a number, or say that it is wrong."""
    item = _ours(fetch_to_act(request, pk))
    if not _sees(request, item):
        return contact_response(request, item, error=HIDDEN, status=409)
    form = MarkForm(request.POST)
    if not form.is_valid():
        return contact_response(request, item, error="Say whether the number is right or wrong.", status=422)

    def note() -> None:
        who, number = person_of(request), form.cleaned_data["number"]
        mark_contact(
            item.patient_id or 0,
            number,
            form.said,
            clinic=item.clinic,
            actor=who,
            now=timezone.now(),
            request_id=request_id_of(request),
        )

    return _acted(request, item, note, "Noted. It counts from now on.")


@needs_role(*ACTORS)
@require_POST
def consent(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what the patient said about being reached."""
    item = _ours(fetch_to_act(request, pk))
    if not _sees(request, item):
        return contact_response(request, item, error=HIDDEN, status=409)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return contact_response(request, item, consent_form=form, status=422)

    def note() -> None:
        now = timezone.now()
        record_consent(
            item.patient_id or 0,
            **form.said,
            said_at=now,
            clinic=item.clinic,
            actor=person_of(request),
            now=now,
            request_id=request_id_of(request),
        )

    return _acted(request, item, note, "Recorded. It counts from now on, in every queue.")


@needs_role(*ACTORS)
@require_POST
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a restricted patient to one person, for a reason."""
    item = _ours(fetch_to_act(request, pk))
    form = RevealForm(request.POST)
    if not form.is_valid():
        return contact_response(request, item, reveal_form=form, status=422)

    def show() -> None:
        said = form.cleaned_data
        reveal_patient(
            pk,
            said["reason"],
            version=said["version"],
            actor=person_of(request),
            now=timezone.now(),
            request_id=request_id_of(request),
        )

    return _acted(request, item, show, "Shown for 30 minutes. A supervisor reviews who looked.", reveal_form=form)


@needs_role(*REVIEWERS)
@require_GET
def reveals(request: HttpRequest) -> HttpResponse:
    """Who looked at which restricted patient, and why: for supervisors to review, newest first."""
    shown = list(_seen_reveals(request)[:MOST_REVEALS])
    audited_list(
        request,
        subject_kind="recovery.reveal",
        subjects=[one.pk for one in shown],
        patients=[one.patient_id for one in shown],
    )
    return render(request, "recovery/reveals.html", {"rows": shown, "most": MOST_REVEALS})


def _seen_reveals(request: HttpRequest) -> QuerySet[Reveal]:
    """Reveals of patients whose lost visit is, or was, an item in the person's clinics."""
    items = QueueItem.objects.filter(clinic_scope_q(request.user, "clinic", "source", roles=REVIEWERS))
    mine = items.filter(patient__isnull=False).values("patient")
    return Reveal.objects.filter(patient__in=mine).select_related("person").order_by("-at", "-pk")


def contact_response(
    request: HttpRequest,
    item: QueueItem,
    *,
    consent_form: ConsentForm | None = None,
    reveal_form: RevealForm | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the card; of a restricted patient only after a reveal."""
    card, may = _card(request, item), may_act(request, item)
    is_hidden = item.patient is not None and card is None
    patients = [item.patient_id] if card is not None and item.patient_id is not None else []
    audited_read(request, subject_kind=SUBJECT, subject=item.pk, patients=patients, clinic=item.clinic_id)
    context: dict[str, Any] = {
        "item": item,
        "card": card,
        "who": _who(item, card),
        "is_hidden": is_hidden,
        "consent_form": (consent_form or ConsentForm()) if may and card is not None else None,
        "reveal_form": (reveal_form or RevealForm(initial={"version": item.version})) if may and is_hidden else None,
        "may_act": may,
        "error": error,
        "now": timezone.now(),
    }
    return render_page(request, "recovery/contact.html", "recovery/_contact.html", context, status=status)


def _card(request: HttpRequest, item: QueueItem) -> ContactCard | None:
    """The card, where the person may see whom the item is about."""
    if not _sees(request, item) or item.patient is None or item.clinic is None:
        return None
    now = timezone.now()
    trust = next((one for one in trusts_for(request, now) if one.clinic_id == item.clinic_id), None)
    return contact_card(item, item.patient, item.clinic, trust=trust, actor=person_of(request), now=now)


def _ours(item: QueueItem) -> QueueItem:
    """The item, if its visit is still at one of the person's clinics; else 404."""
    if is_elsewhere(item):
        raise Http404
    return item


def _sees(request: HttpRequest, item: QueueItem) -> bool:
    """Whether somebody is named, and the person may see the name: nobody is hidden, or it was revealed to them."""
    if item.patient is None:
        return False
    return not item.patient.is_restricted or is_revealed(item.patient, person_of(request), timezone.now())


def _who(item: QueueItem, card: ContactCard | None) -> str:
    if item.patient is None:
        return "Nobody is named yet"
    return patient_name(item.patient) if card is not None else "Restricted patient"


def _acted(
    request: HttpRequest, item: QueueItem, do: Callable[[], None], done: str, *, reveal_form: RevealForm | None = None
) -> HttpResponse:
    try:
        do()
    except InvalidActError as error:
        return contact_response(request, item, reveal_form=reveal_form, error=str(error), status=422)
    except GuardRefusedError as error:
        return contact_response(request, item, reveal_form=reveal_form, error=str(error), status=409)
    messages.success(request, done)
    return redirect("recovery:contact", item.pk)
