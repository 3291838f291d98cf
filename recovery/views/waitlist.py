"""The waitlist: who waits, add somebody, take somebody off, import a file."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.guards import needs_role
from accounts.models import Clinic
from accounts.scope import clinic_scope_q, has_role
from accounts.services.audit import audited_list, record_denied, request_id_of
from config.web.menus import menu
from config.web.paging import keyset_page
from recovery.errors import InvalidActError
from recovery.forms_waitlist import EntryForm, FileForm, RemovalForm
from recovery.models import WaitlistEntry
from recovery.navigation import WORKERS
from recovery.selectors.waitlist import (
    ORDER,
    entry_rows,
    seen_entries,
    visit_types,
    waiting_entries,
    waitlist_fairness,
    with_offers,
)
from recovery.services.import_waitlist import COLUMNS, MOST_BYTES, import_waitlist
from recovery.services.waitlist import SUBJECT, StaleEntryError, add_entry, patients_by_mrn, remove_entry
from recovery.tables import RowError
from recovery.verbs import ACTORS
from recovery.views.panes import person_of


@needs_role(*WORKERS)
@require_http_methods(["GET", "POST"])
def waitlist(request: HttpRequest) -> HttpResponse:
    """List who waits, the longest first; by POST add somebody."""
    if request.method == "GET":
        return waitlist_response(request)
    form = EntryForm(request.POST, clinics=_clinics(request), now=timezone.now())
    _refuse_unless(bool(form.clinics), request)
    if form.asked is not None:
        source, mrn = form.asked
        form.found = {(source, mrn): people for mrn, people in patients_by_mrn(source, [mrn]).items()}
    if not form.is_valid():
        return waitlist_response(request, form=form, status=422)
    try:
        add_entry(form.wanted, actor=person_of(request), now=form.now, request_id=request_id_of(request))
    except InvalidActError as error:
        form.add_error("mrn", str(error))
        return waitlist_response(request, form=form, status=422)
    messages.success(request, "Added. Freed slots that fit name them from now on.")
    return redirect("recovery:waitlist")


@needs_role(*WORKERS)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take somebody off, with a reason; 409 where they are off already."""
    entry = _fetch(request, pk)
    _refuse_unless(has_role(request.user, *ACTORS, clinic=entry.clinic), request, pk)
    form = RemovalForm(request.POST)
    if not form.is_valid():
        return waitlist_response(request, error="Say why they are taken off.", status=422)
    try:
        remove_entry(
            pk,
            actor=person_of(request),
            now=timezone.now(),
            reason=form.cleaned_data["reason"],
            request_id=request_id_of(request),
        )
    except StaleEntryError as error:
        return waitlist_response(request, error=str(error), status=409)
    messages.success(request, "Taken off the waitlist.")
    return redirect("recovery:waitlist")


@needs_role(*WORKERS)
@require_POST
def import_file(request: HttpRequest) -> HttpResponse:
    """Add everybody a file names, or show which lines are wrong."""
    clinics = _clinics(request)
    _refuse_unless(bool(clinics), request)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return waitlist_response(request, error="Choose a CSV file.", status=422)
    body = form.cleaned_data["file"].read(MOST_BYTES + 1)
    try:
        done = import_waitlist(
            body, clinics, actor=person_of(request), now=timezone.now(), request_id=request_id_of(request)
        )
    except InvalidActError as error:
        return waitlist_response(request, error=str(error), status=422)
    if done.errors:
        return waitlist_response(request, errors=done.errors, status=422)
    messages.success(request, f"Added {done.added}. Freed slots that fit name them from now on.")
    return redirect("recovery:waitlist")


def waitlist_response(
    request: HttpRequest,
    *,
    form: EntryForm | None = None,
    error: str = "",
    errors: tuple[RowError, ...] = (),
    status: int = 200,
) -> HttpResponse:
    """Render the list beside the forms of those who may change it."""
    now, clinics = timezone.now(), _clinics(request)
    entries = waiting_entries(
        request.user, clinic=request.GET.get("clinic", ""), visit_type=request.GET.get("visit_type", "")
    )
    listed = with_offers(entries).select_related("patient", "clinic")
    page = keyset_page(listed, order=ORDER, cursor=request.GET.get("after", ""))
    rows = entry_rows(page.rows, now)
    shown = Clinic.objects.visible_to(request.user).order_by("name").values_list("pk", "name")
    audited_list(
        request,
        subject_kind=SUBJECT,
        subjects=[row.entry.pk for row in rows],
        patients=[row.entry.patient_id for row in rows if not row.is_masked],
    )
    own = {clinic.pk for clinic in clinics}
    context: dict[str, Any] = {
        "rows": [(row, row.entry.clinic_id in own) for row in rows],
        "page": page,
        "fairness": waitlist_fairness(entries, now),
        "menus": [
            menu(request, "clinic", "Clinic", [(str(pk), name) for pk, name in shown]),
            menu(request, "visit_type", "Visit type", [(one, one) for one in visit_types(request.user)]),
        ],
        "form": form or (EntryForm(clinics=clinics, now=now) if clinics else None),
        "file_form": FileForm() if clinics else None,
        "columns": COLUMNS,
        "error": error,
        "errors": errors,
        "now": now,
    }
    return render(request, "recovery/waitlist.html", context, status=status)


def _clinics(request: HttpRequest) -> list[Clinic]:
    """The clinics whose waitlist the person may change; one query."""
    place = clinic_scope_q(request.user, "pk", "source", roles=ACTORS)
    return list(Clinic.objects.filter(place).select_related("source").order_by("name"))


def _fetch(request: HttpRequest, pk: int) -> WaitlistEntry:
    entry = seen_entries(request.user).select_related("clinic").filter(pk=pk).first()
    if entry is not None:
        return entry
    if WaitlistEntry.objects.filter(pk=pk).exists():
        record_denied(request, subject_kind=SUBJECT, subjects=[pk])
    raise Http404


def _refuse_unless(allowed: bool, request: HttpRequest, *subjects: int) -> None:  # noqa: FBT001 - the condition
    if not allowed:
        record_denied(request, subject_kind=SUBJECT, subjects=subjects)
        raise PermissionDenied
