"""What an exception is about: the visits it holds, or the patients, feeds and days that are concerned."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.guards import get_visible_or_404
from accounts.services.audit import audited_list
from config.web.links import with_query
from config.web.menus import Split
from config.web.paging import keyset_page
from exceptions.models import IntegrationException
from exceptions.selectors.impact import zone_of
from exceptions.selectors.visits import held_members, held_rows, kinds_of
from exceptions.vocabulary import SubjectKind

LABELS = {
    SubjectKind.APPOINTMENT: ("Visits", "scheduling.appointment"),
    SubjectKind.PATIENT: ("Patients", "scheduling.patient"),
    SubjectKind.FEED: ("Feeds", "scheduling.feed"),
    SubjectKind.RESOURCE_DAY: ("Provider days", "scheduling.resourceday"),
}


@login_required
@require_GET
def held(request: HttpRequest, pk: int) -> HttpResponse:
    """List what one exception is about, of one kind (``kind`` in the query), the latest finding first."""
    exception = get_visible_or_404(IntegrationException.objects.with_places(), request, pk=pk)
    totals = kinds_of(exception)
    kind = chosen_kind(request, totals)
    page = keyset_page(held_members(exception, kind), order=("-since", "-id"), cursor=request.GET.get("after", ""))
    rows = held_rows(page.rows, kind, user=request.user, zone=zone_of(exception), now=timezone.now())
    seen = [row for row in rows if row.is_seen]
    audited_list(
        request,
        subject_kind=LABELS[kind][1],
        subjects=[row.pk for row in seen],
        patients=[row.patient_id for row in seen if row.patient_id is not None],
        detail={"exception": pk},
    )
    context = {
        "exception": exception,
        "page": page,
        "rows": rows,
        "total": totals.get(kind, 0),
        "noun": LABELS[kind][0].lower(),
        "heading": LABELS[kind][0],
        "has_visits": kind is SubjectKind.APPOINTMENT,
        "splits": [
            Split(LABELS[one][0], with_query(request, kind=one.value), one is kind, number)
            for one, number in sorted(totals.items())
        ],
        "has_kinds": len(totals) > 1,
    }
    return render(request, "exceptions/visits.html", context)


def chosen_kind(request: HttpRequest, totals: dict[SubjectKind, int]) -> SubjectKind:
    """The kind asked for, else the first there is; visits where there is none."""
    asked = request.GET.get("kind", "")
    chosen = next((kind for kind in totals if str(kind.value) == asked), None)
    return chosen or next(iter(sorted(totals)), SubjectKind.APPOINTMENT)
