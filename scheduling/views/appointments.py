"""The list of appointments with one of them beside it, and the appointment page."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.guards import get_visible_or_404
from accounts.services.audit import audited_list, audited_read
from config.web.links import with_query
from config.web.paging import keyset_page
from config.web.partials import render_page
from scheduling.filters import AppointmentFilter, cut_of, menus_for, splits_for
from scheduling.forms import SearchForm
from scheduling.models import Appointment
from scheduling.selectors.appointment_page import appointment_page, appointment_pane, with_places
from scheduling.selectors.appointment_rows import appointment_rows, listed
from scheduling.selectors.places import Places
from scheduling.selectors.search import Found, recall

KIND = "scheduling.appointment"
# Parameters that widen the list to every day.
DAYS_OF_THEIR_OWN = ("since", "until", "like", "found")


@login_required
@require_GET
def appointment_list(request: HttpRequest) -> HttpResponse:
    """List appointments in scope by start; ``item`` in the query opens one beside the list."""
    now = timezone.now()
    places = Places.visible_to(request.user)
    token = request.GET.get("found", "")
    found = recall(request.session, token, now=now) if token else None
    context = list_context(request, places, found)
    if token and found is None:
        context |= {"rows": [], "page": None, "is_expired": True}
    audited_list(
        request,
        subject_kind=KIND,
        subjects=[row.pk for row in context["rows"]],
        patients=context.pop("patients") if not context.get("is_expired") else (),
    )
    return render_page(request, "scheduling/appointments.html", "scheduling/_appointment_rows.html", context)


def list_context(request: HttpRequest, places: Places, found: Found | None) -> dict[str, Any]:
    """Everything the list prints; three queries, and those of the pane."""
    now = timezone.now()
    clinic = request.GET.get("clinic", "")
    zone = places.home_zone(request.user, int(clinic) if clinic.isdecimal() else None)
    visible = Appointment.objects.visible_to(request.user)
    filters = AppointmentFilter(request.GET, visible, zone=zone, request=request)
    is_searched = any(request.GET.get(name) for name in DAYS_OF_THEIR_OWN)
    cut = cut_of(request.GET.get("split", ""), now=now, zone=zone, is_searched=is_searched)
    rows = filters.qs.filter(cut.kept)
    if found is not None:
        rows = rows.filter(found.condition)
    page = keyset_page(listed(rows), order=cut.order, cursor=request.GET.get("after", ""))
    pane = pane_of(request)
    query = with_query(request, item=None) if not request.GET.get("after") else kept_query(request)
    return {
        "filters": filters,
        "page": page,
        "rows": appointment_rows(
            page.rows, places, now=now, query=query.removesuffix("?"), current=pane.appointment.pk if pane else None
        ),
        "patients": [row.patient_id for row in page.rows if row.patient_id],
        "splits": splits_for(request),
        "menus": menus_for(request, places),
        "search": SearchForm(),
        "found": found,
        "pane": pane,
        "is_filtered": is_searched or any(request.GET.get(name) for name in ("clinic", "status", "certain")),
        "list_zone": zone,
    }


def kept_query(request: HttpRequest) -> str:
    """The list's own query string with its page, without the open row."""
    query = request.GET.copy()
    query.pop("item", None)
    return f"?{query.urlencode()}"


def pane_of(request: HttpRequest) -> Any:
    """The appointment asked for beside the list, or None; a number that is none of the person's is a 404."""
    asked = request.GET.get("item", "")
    if not asked.isdecimal():
        return None
    appointment = visible_appointment(request, int(asked))
    return appointment_pane(appointment, now=timezone.now())


def visible_appointment(request: HttpRequest, pk: int) -> Appointment:
    """An appointment in scope, its reading audited; 404 and a denied audit row for another clinic's."""
    rows = Appointment.objects.select_related(*with_places())
    appointment: Appointment = get_visible_or_404(rows, request, pk=pk)
    audited_read(
        request,
        subject_kind=KIND,
        subject=appointment.pk,
        patients=[appointment.patient_id] if appointment.patient_id else [],
        clinic=appointment.clinic_id,
    )
    return appointment


@login_required
@require_GET
def appointment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one appointment: state, holds, timeline, what upper floors add, patient facts."""
    appointment = visible_appointment(request, pk)
    page = appointment_page(request, appointment, now=timezone.now())
    return render(request, "scheduling/appointment.html", {"page": page, "zone": page.zone})
