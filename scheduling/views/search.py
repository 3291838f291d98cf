"""Search by name, MRN or number: a POST that yields a token, so that nothing typed stands in an address (I12)."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.services.audit import record, request_id_of
from accounts.vocabulary import AuditAction
from scheduling.forms import SearchForm
from scheduling.selectors.search import find, keep


@login_required
@require_POST
def search(request: HttpRequest) -> HttpResponse:
    """Find what the person may see and go to the list of it; the search and its hits are audited, its text is not."""
    form = SearchForm(request.POST)
    if not form.is_valid():
        return render(request, "scheduling/search.html", {"form": form}, status=422)
    now = timezone.now()
    found = find(form.cleaned_data["text"], request.user, now=now)
    record(
        AuditAction.SEARCHED,
        actor=request.user,
        subject_kind="scheduling.patient",
        subjects=found.patients,
        patients=found.patients,
        detail={"patients": len(found.patients), "visits": found.visits},
        now=now,
        request_id=request_id_of(request),
    )
    if not found.patients and not found.visits:
        messages.info(request, "Nobody and no visit of that name or number is in your scope.")
        return redirect("scheduling:appointments")
    query = urlencode({"found": keep(request.session, found)})
    return redirect(f"{reverse('scheduling:appointments')}?{query}")
