"""Webhook endpoints: which other systems are told, and how that goes."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.guards import needs_role
from accounts.services.audit import request_id_of
from accounts.vocabulary import Role
from exceptions.errors import InvalidMoveError, StaleExceptionError
from exceptions.forms.endpoints import EndpointForm
from exceptions.models import WebhookEndpoint
from exceptions.notices.queueing import queue_notices
from exceptions.notices.requests import NoticeRequest
from exceptions.selectors.endpoint_page import endpoint_rows, last_results, steps_that_tell
from exceptions.services.change_endpoints import (
    KIND,
    EndpointValues,
    add_endpoint,
    change_endpoint,
    renew_secret,
    values_of,
)
from exceptions.settings_form import Plain, sign_base
from exceptions.views.requests import person_of
from exceptions.views.settings_conflict import Conflict, conflict_response
from exceptions.views.settings_guard import may_set, refuse_unless, settings_tabs
from exceptions.vocabulary import NoticeKind

ANY_ROLE = tuple(Role)
TEST_SENTENCE = "A test notice from Recovery Desk. Nothing needs to be done."


@needs_role(*ANY_ROLE)
@require_GET
def endpoints(request: HttpRequest) -> HttpResponse:
    """List the endpoints; ``new`` in the address opens an empty form."""
    form = EndpointForm() if "new" in request.GET and may_set(request.user, None) else None
    return endpoints_response(request, form=form)


@login_required
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Add an endpoint, and show its secret this one time."""
    refuse_unless(may_set(request.user, None), request, KIND, [], "add")
    form = EndpointForm(request.POST)
    if form.is_valid():
        try:
            endpoint = add_endpoint(
                form.values, actor=person_of(request), now=timezone.now(), request_id=request_id_of(request)
            )
        except InvalidMoveError as error:
            form.add_error("name", str(error))
        else:
            return endpoints_response(request, endpoint, secret=endpoint.secret, status=201)
    return endpoints_response(request, form=form, status=422)


@needs_role(*ANY_ROLE)
@require_http_methods(["GET", "POST"])
def endpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one endpoint beside the others; by POST change it."""
    one = get_object_or_404(WebhookEndpoint, pk=pk)
    if request.method == "GET":
        return endpoints_response(request, one)
    refuse_unless(may_set(request.user, None), request, KIND, [pk], "change")
    form = EndpointForm(request.POST)
    if not form.is_valid():
        return endpoints_response(request, one, form=form, status=422)
    try:
        change_endpoint(
            one,
            form.values,
            seen=form.seen,
            actor=person_of(request),
            now=timezone.now(),
            request_id=request_id_of(request),
        )
    except StaleExceptionError:
        one.refresh_from_db()
        about = Conflict(one.name, "Endpoints", reverse("exceptions:endpoint", args=[pk]))
        return conflict_response(request, form, about, theirs=plain_of(values_of(one)))
    except InvalidMoveError as error:
        form.add_error("name", str(error))
        return endpoints_response(request, one, form=form, status=422)
    messages.success(request, "Kept. The next notice goes there as it says now.")
    return redirect("exceptions:endpoint", pk)


@login_required
@require_POST
def secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Replace the secret, and show the new one this one time."""
    refuse_unless(may_set(request.user, None), request, KIND, [pk], "renew secret")
    one = get_object_or_404(WebhookEndpoint, pk=pk)
    shown = renew_secret(one, actor=person_of(request), now=timezone.now(), request_id=request_id_of(request))
    return endpoints_response(request, one, secret=shown)


@login_required
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a test notice into the outbox; its result appears below like that of any other."""
    refuse_unless(may_set(request.user, None), request, KIND, [pk], "test")
    one = get_object_or_404(WebhookEndpoint, pk=pk)
    if not one.is_active:
        return endpoints_response(request, one, error="It is switched off, so nothing was sent.", status=409)
    now = timezone.now()
    key = f"test:{one.pk}:{now:%Y%m%dT%H%M%S%f}"
    asked = NoticeRequest(NoticeKind.OTHER, None, None, one.pk, TEST_SENTENCE, key, is_urgent=True)
    with transaction.atomic():
        queue_notices([asked], now=now)
    messages.success(request, "A test notice is on its way. Its result appears below within seconds.")
    return redirect("exceptions:endpoint", pk)


def endpoints_response(
    request: HttpRequest,
    current: WebhookEndpoint | None = None,
    *,
    form: EndpointForm | None = None,
    secret: str = "",
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the list with one endpoint or a form beside it; ``secret`` is shown this once."""
    may = may_set(request.user, None)
    if current is not None and form is None and may:
        plain = plain_of(values_of(current))
        form = EndpointForm(initial=plain | {"base": sign_base(plain)})
    context: dict[str, Any] = {
        "tabs": settings_tabs("exceptions:endpoints"),
        "rows": endpoint_rows(current=current.pk if current else None, now=timezone.now()),
        "current": current,
        "results": last_results(current) if current else [],
        "told_by": steps_that_tell(current) if current else [],
        "form": form,
        "secret": secret,
        "error": error,
        "may_set": may,
    }
    response = render(request, "exceptions/endpoints.html", context, status=status)
    if secret:
        response["Cache-Control"] = "no-store"
    return response


def plain_of(values: EndpointValues) -> Plain:
    """Values of an endpoint as its form has them."""
    names = ("name", "url", "style", "most_per_hour", "is_active")
    return {name: str(value) if name == "style" else value for name in names for value in [getattr(values, name)]}
