"""What stands behind a pane, opened on demand: a message in evidence, the whole history."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.guards import get_visible_or_404
from accounts.services.audit import audited_read
from config.web.asking import answers
from config.web.partials import render_page
from exceptions.models import IntegrationException
from exceptions.selectors.evidence import evidence_question, opened_message, sample_ids
from exceptions.selectors.impact import zone_of
from exceptions.selectors.story import MOST_HISTORY, entries_of, history_question, ids_in, names_of
from exceptions.views.requests import person_of
from scheduling.models import Message


@login_required
@require_GET
def message(request: HttpRequest, pk: int, message_pk: int) -> HttpResponse:
    """Show one message in evidence, masked, to htmx as a part of the pane; the reading is audited."""
    exception = get_visible_or_404(IntegrationException.objects.with_places(), request, pk=pk)
    if message_pk not in sample_ids(exception):
        raise Http404
    found = get_visible_or_404(Message.objects.select_related("feed__source", "extract"), request, pk=message_pk)
    rows = answers({"samples": evidence_question(exception, person_of(request))})["samples"]
    opened = opened_message(exception, found, rows, zone=zone_of(exception), now=timezone.now())
    audited_read(
        request,
        subject_kind="scheduling.message",
        subject=found.pk,
        patients=opened.fate.patients,
        clinic=exception.clinic_id,
        detail={"exception": pk},
    )
    context = {"exception": exception, "opened": opened, "zone": opened.zone}
    response = render_page(request, "exceptions/message.html", "exceptions/_message.html", context)
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_GET
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the whole history, the newest 500 moves at most; to htmx as a part of the pane."""
    exception = get_visible_or_404(IntegrationException.objects.with_places(), request, pk=pk)
    rows = answers({"history": history_question(exception, MOST_HISTORY)})["history"]
    zone = zone_of(exception)
    names = names_of(ids_in(rows))
    context = {
        "exception": exception,
        "entries": entries_of(rows[:MOST_HISTORY], names, zone, timezone.now()),
        "is_cut": len(rows) > MOST_HISTORY,
        "most": MOST_HISTORY,
        "zone": zone,
    }
    return render_page(request, "exceptions/history.html", "exceptions/_history.html", context)
