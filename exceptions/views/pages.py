"""The list of exceptions with one of them beside it."""

from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.guards import get_visible_or_404
from accounts.models import User
from accounts.scope import has_any_role, has_role
from accounts.services.audit import audited_read
from config.web.asking import answers
from config.web.live import live_response
from config.web.navigation import answers_with_rail
from config.web.paging import keyset_page
from exceptions.filters import (
    ORDERS,
    filtered,
    is_filtered,
    menu_questions,
    menus_for,
    split_counts,
    split_q,
    split_questions,
    splits_for,
)
from exceptions.forms import FORMS, MoveForm
from exceptions.models import IntegrationException
from exceptions.selectors.pane import exception_pane
from exceptions.selectors.rows import exception_rows, row_questions
from exceptions.verbs import MOVERS, SUBMIT, buttons_for, page_keys
from exceptions.vocabulary import Verb
from exceptions.words import lede

# In the address for one page view only; a link to another row does not carry them on.
PASSING = ("verb", "since")


@login_required
@require_GET
def exception_list(request: HttpRequest) -> HttpResponse:
    """List exceptions in scope, worst first; the page asks for the pane of the first row once it stands."""
    return render(request, "exceptions/list.html", list_context(request))


@login_required
@require_GET
def exception_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one exception beside the list it came from; to htmx only the pane. ``verb`` in the query opens its form."""
    exception = get_visible_or_404(IntegrationException.objects.with_places(), request, pk=pk)
    asked = request.GET.get("verb", "")
    return pane_response(request, exception, verb=Verb(asked) if asked in FORMS else None)


@login_required
@require_GET
def live_news(request: HttpRequest) -> HttpResponse:
    """Say how many exceptions opened since the page was rendered; ``since`` is in epoch seconds."""
    since = since_of(request, timezone.now())
    visible = IntegrationException.objects.visible_to(request.user).unresolved()
    number = filtered(request, visible.filter(opened_at__gt=since)).count()
    noun = "exception" if number == 1 else "exceptions"
    query = kept_query(request)
    context = {"text": f"{number} new {noun}." if number else "", "url": f"{reverse('exceptions:list')}{query}"}
    return live_response(request, number, lambda: render(request, "components/new-bar-content.html", context))


def since_of(request: HttpRequest, now: datetime) -> datetime:
    """Read the moment a page was rendered from its address; anything else reads as now."""
    try:
        return datetime.fromtimestamp(float(request.GET.get("since", "")), UTC)
    except (ValueError, OverflowError, OSError):
        return now


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
    if is_swap(request):
        return render(request, "exceptions/_swap.html", context | swap_context(request, exception), status=status)
    return render(request, "exceptions/list.html", list_context(request, exception) | context, status=status)


def pane_context(
    request: HttpRequest, exception: IntegrationException, *, verb: Verb | None = None, form: MoveForm | None = None
) -> dict[str, Any]:
    """Everything the pane prints; the reading is audited."""
    if verb is not None and form is None:
        form = FORMS[verb](exception)
    audited_read(
        request,
        subject_kind="exceptions.integrationexception",
        subject=exception.pk,
        clinic=exception.clinic_id,
        detail={"messages": [*exception.first_samples[:1], *exception.last_samples[-1:]]},
    )
    pane = exception_pane(exception, user=person_of(request), now=timezone.now())
    return {
        "pane": pane,
        "verb": verb,
        "form": form,
        "submit": SUBMIT.get(verb, "") if verb else "",
        "buttons": buttons_for(pane) if may_move(request, exception) else [],
        "move_form": MoveForm(exception),
        "query": kept_query(request),
    }


def list_context(request: HttpRequest, current: IntegrationException | None = None) -> dict[str, Any]:
    """Everything the list prints: two queries whatever the number of rows."""
    now = timezone.now()
    kept = filtered(request, IntegrationException.objects.visible_to(request.user))
    split = request.GET.get("split", "")
    listed = kept.filter(split_q(split, request.user)).listed()
    order = ORDERS.get(request.GET.get("sort", ""), ORDERS[""])
    page = keyset_page(listed, order=order, cursor=request.GET.get("after", ""))
    asked = {**split_questions(request), **row_questions(page.rows, now), **menu_questions(request)}
    found = answers_with_rail(request, partial(has_any_role, request.user), asked)
    counts = split_counts(found)
    query = kept_query(request)
    return {
        "page": page,
        "rows": exception_rows(
            page.rows, found, user=request.user, now=now, current=current.pk if current else None, query=query
        ),
        "counts": counts,
        "lede": lede(counts),
        "total": counts.get(split, counts[""]),
        "splits": splits_for(request, counts),
        "menus": menus_for(request, found),
        "is_filtered": is_filtered(request),
        "list_url": reverse("exceptions:list"),
        "query": query,
        "live_url": f"{reverse('exceptions:live')}{query or '?'}&since={now.timestamp():.6f}",
        "page_keys": page_keys(),
    }


def swap_context(request: HttpRequest, exception: IntegrationException) -> dict[str, Any]:
    """What changes around a pane when only it is swapped: its row and the counts."""
    now = timezone.now()
    found = answers({**split_questions(request), **row_questions([exception], now)})
    counts, query = split_counts(found), kept_query(request)
    rows = exception_rows([exception], found, user=request.user, now=now, current=exception.pk, query=query)
    return {"rows": rows, "splits": splits_for(request, counts), "lede": lede(counts)}


def kept_query(request: HttpRequest) -> str:
    """The list's own query string, with its question mark, or ""."""
    query = request.GET.copy()
    for name in PASSING:
        query.pop(name, None)
    return f"?{query.urlencode()}" if query else ""


def may_move(request: HttpRequest, exception: IntegrationException) -> bool:
    """Whether the person's roles at the exception's place let them do more than look."""
    if exception.clinic is not None:
        return has_role(request.user, *MOVERS, clinic=exception.clinic)
    return has_role(request.user, *MOVERS, source=exception.source)


def person_of(request: HttpRequest) -> User:
    """The signed-in person; every view here asks for one."""
    return cast("User", request.user)


def is_swap(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    htmx = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not htmx.history_restore_request
