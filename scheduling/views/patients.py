"""One patient record: facts with their origin, contact, consent, merges and visits. By row id only (I12)."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.guards import get_visible_or_404
from accounts.services.audit import audited_read
from scheduling.models import Patient
from scheduling.selectors.patient_page import patient_page


@login_required
@require_GET
def patient_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one patient record of one source, with what its messages said and when."""
    rows = Patient.objects.select_related("source", "merged_into")
    patient: Patient = get_visible_or_404(rows, request, pk=pk)
    audited_read(request, subject_kind="scheduling.patient", subject=patient.pk, patients=[patient.pk])
    page = patient_page(request, patient, now=timezone.now())
    return render(request, "scheduling/patient.html", {"page": page, "zone": page.zone})
