"""The visits an exception holds."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.guards import get_visible_or_404
from accounts.services.audit import audited_list
from config.web.paging import keyset_page
from exceptions.models import IntegrationException
from exceptions.selectors.impact import zone_of
from exceptions.selectors.visits import held_members, held_visits


@login_required
@require_GET
def held(request: HttpRequest, pk: int) -> HttpResponse:
    """List the held visits of one exception, the latest finding first."""
    exception = get_visible_or_404(IntegrationException.objects.with_places(), request, pk=pk)
    page = keyset_page(held_members(exception), order=("-since", "-id"), cursor=request.GET.get("after", ""))
    rows = held_visits(page.rows, user=request.user, zone=zone_of(exception))
    visits = [row.visit for row in rows if row.visit is not None]
    audited_list(
        request,
        subject_kind="scheduling.appointment",
        subjects=[visit.pk for visit in visits],
        patients=[visit.patient_id for visit in visits if visit.patient_id is not None],
        detail={"exception": pk},
    )
    context = {"exception": exception, "page": page, "rows": rows, "total": exception.live_count}
    return render(request, "exceptions/visits.html", context)
