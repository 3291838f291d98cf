"""Maintenance windows: plan one, start one now, end one early. Detecting and holding go on meanwhile."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.guards import needs_role
from accounts.services.audit import request_id_of
from accounts.vocabulary import Role
from accounts.zones import zone_of
from exceptions.errors import InvalidMoveError, StaleExceptionError
from exceptions.forms.maintenance import WindowForm
from exceptions.models import MaintenanceWindow
from exceptions.selectors.maintenance_page import Stage, seen_windows, window_rows
from exceptions.selectors.settings_scope import placed_q
from exceptions.services.plan_maintenance import end_window, plan_window
from exceptions.views.requests import person_of
from exceptions.views.settings_guard import may_set, refuse_unless, seen_or_404, settings_tabs, sources_to_set

KIND = "exceptions.maintenancewindow"


@needs_role(*Role)
@require_http_methods(["GET", "POST"])
def maintenance(request: HttpRequest) -> HttpResponse:
    """List windows beside the form of a new one; by POST plan it, or start it now."""
    if request.method == "GET":
        return maintenance_response(request)
    form = WindowForm(request.POST, sources=sources_to_set(request), now=timezone.now())
    refuse_unless(bool(form.places), request, KIND, [], "plan")
    if not form.is_valid():
        return maintenance_response(request, form=form, status=422)
    where = form.where
    try:
        window = plan_window(
            name=form.cleaned_data["name"],
            source=where.source,
            feed=where.feed,
            clinic=where.clinic,
            starts_at=form.starts_at,
            ends_at=form.ends_at,
            actor=person_of(request),
            now=form.now,
            request_id=request_id_of(request),
        )
    except InvalidMoveError as error:
        form.add_error(None, str(error))
        return maintenance_response(request, form=form, status=422)
    is_on = window.starts_at <= form.now
    messages.success(request, "It runs. Nobody is told until it ends." if is_on else "Planned. It starts by itself.")
    return redirect("exceptions:maintenance")


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a window now; what is still open is looked at at once. 409 where it is over already."""
    window = window_of(request, pk)
    refuse_unless(may_set(request.user, window.source), request, KIND, [pk], "end")
    try:
        end_window(window, actor=person_of(request), now=timezone.now(), request_id=request_id_of(request))
    except StaleExceptionError as error:
        return maintenance_response(request, error=str(error), status=409)
    messages.success(request, "Ended. What is still open is looked at within seconds.")
    return redirect("exceptions:maintenance")


def window_of(request: HttpRequest, pk: int) -> MaintenanceWindow:
    """A window of the person's places, or 404 with a denied audit row where there is one elsewhere."""
    return seen_or_404(request, seen_windows(placed_q(request.user)), KIND, pk)


def maintenance_response(
    request: HttpRequest, *, form: WindowForm | None = None, error: str = "", status: int = 200
) -> HttpResponse:
    """Render the windows with a form beside them for those who may plan one."""
    now = timezone.now()
    if form is None:
        form = WindowForm(sources=sources_to_set(request), now=now)
    rows = window_rows(placed_q(request.user), request.user, now)
    context: dict[str, Any] = {
        "tabs": settings_tabs("exceptions:maintenance"),
        "rows": [(row, row.stage != Stage.OVER and may_set(request.user, row.window.source)) for row in rows],
        "running": sum(row.stage == Stage.RUNNING for row in rows),
        "planned": sum(row.stage == Stage.PLANNED for row in rows),
        "form": form if form.places else None,
        "error": error,
        "zone": zone_of(request.user),
    }
    return render(request, "exceptions/maintenance.html", context, status=status)
