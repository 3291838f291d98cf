"""The list of exceptions with one of them beside it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.guards import get_visible_or_404
from accounts.services.audit import audited_read
from exceptions.forms.moves import FORMS, MoveForm
from exceptions.models import IntegrationException
from exceptions.selectors.pane import exception_pane
from exceptions.verbs import SUBMIT, buttons_for, page_keys
from exceptions.views.listing import list_context, swap_context
from exceptions.views.requests import is_swap, kept_query, may_move, person_of
from exceptions.vocabulary import Verb

WHOLE = "whole"  # in the address: without the list, on a page of its own


@login_required
@require_GET
def exception_list(request: HttpRequest) -> HttpResponse:
    """List exceptions in scope, worst first; the page asks for the pane of the first row once it stands.

    An address that asks for nothing begins with the person's own view, if they chose one.
    """
    context = list_context(request)
    if context["begins"] and not request.GET:
        return redirect(context["begins"])
    return render(request, "exceptions/list.html", context)


@login_required
@require_GET
def exception_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one exception beside the list it came from; to htmx only the pane. ``verb`` in the query opens its form."""
    exception = get_visible_or_404(IntegrationException.objects.with_places(), request, pk=pk)
    asked = request.GET.get("verb", "")
    return pane_response(request, exception, verb=Verb(asked) if asked in FORMS else None)


def pane_response(
    request: HttpRequest,
    exception: IntegrationException,
    *,
    verb: Verb | None = None,
    form: MoveForm | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render an exception beside its list, or to htmx the pane with its row and the counts; the reading is audited.

    ``form`` is one that was sent and refused, ``error`` the sentence why.
    """
    context = pane_context(request, exception, verb=verb, form=form) | {"error": error}
    if request.GET.get(WHOLE):
        return whole_response(request, context, status=status)
    if is_swap(request):
        # Looking changes no row; one that is swapped would be gone from under a request that it made itself.
        changed = [exception] if request.method == "POST" else []
        context |= swap_context(request, changed, current=exception.pk)
        return render(request, "exceptions/_swap.html", context, status=status)
    return render(request, "exceptions/list.html", list_context(request, exception) | context, status=status)


def whole_response(request: HttpRequest, context: dict[str, Any], *, status: int) -> HttpResponse:
    """Render an exception on a page of its own, to htmx without the page around it; no list stands beside it."""
    template = "exceptions/_pane.html" if is_swap(request) else "exceptions/whole.html"
    return render(request, template, context | {"is_whole": True, "page_keys": page_keys()}, status=status)


def pane_context(
    request: HttpRequest, exception: IntegrationException, *, verb: Verb | None = None, form: MoveForm | None = None
) -> dict[str, Any]:
    """Everything the pane prints; the reading is audited."""
    if verb is not None and form is None:
        form = FORMS[verb]([exception])
    pane = exception_pane(exception, user=person_of(request), now=timezone.now())
    audited_read(
        request,
        subject_kind="exceptions.integrationexception",
        subject=exception.pk,
        patients=pane.patients,
        clinic=exception.clinic_id,
    )
    may_waive = may_move(request, exception, Verb.WAIVE)
    return {
        "pane": pane,
        "verb": verb,
        "form": form,
        "submit": SUBMIT.get(verb, "") if verb else "",
        "buttons": buttons_for(pane, may_waive=may_waive) if may_move(request, exception) else [],
        "move_form": MoveForm([exception]),
        "query": kept_query(request),
    }
