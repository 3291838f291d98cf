"""One raw message: masked until somebody says why they need to see it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.guards import get_visible_or_404
from accounts.services.audit import audited_read
from accounts.vocabulary import AuditAction
from scheduling.forms import RevealForm
from scheduling.models import Message
from scheduling.selectors.message_page import Fate, fate_of, message_page

KIND = "scheduling.message"


@login_required
@require_GET
def message_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one message with its patient data masked, and what became of it."""
    message, fate = open_message(request, pk)
    audited_read(request, subject_kind=KIND, subject=message.pk, patients=fate.patients)
    return message_response(request, message, fate, RevealForm())


@login_required
@require_POST
def message_values(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the values in this one answer, with the reason in the audit trail; the next page view masks them again."""
    message, fate = open_message(request, pk)
    form = RevealForm(request.POST)
    if not form.is_valid():
        return message_response(request, message, fate, form, status=422)
    audited_read(
        request,
        subject_kind=KIND,
        subject=message.pk,
        patients=fate.patients,
        action=AuditAction.REVEALED,
        detail={"reason": form.cleaned_data["reason"]},
    )
    return message_response(request, message, fate, form, is_open=True)


def open_message(request: HttpRequest, pk: int) -> tuple[Message, Fate]:
    """A message the person may see and what became of it; else 404 and a denied audit row."""
    rows = Message.objects.select_related("feed__source", "extract")
    message: Message = get_visible_or_404(rows, request, pk=pk)
    return message, fate_of(message)


def message_response(
    request: HttpRequest, message: Message, fate: Fate, form: RevealForm, *, is_open: bool = False, status: int = 200
) -> HttpResponse:
    """Render the page; an answer with values is never kept by the browser."""
    page = message_page(message, fate, user=request.user, is_open=is_open, now=timezone.now())
    context = {"page": page, "form": form, "zone": page.zone}
    response = render(request, "scheduling/message.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
