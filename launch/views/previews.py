"""Previews of a revision: start one, watch it, read what it found, stop it."""

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.guards import get_visible_or_404
from accounts.models import Source
from accounts.services.audit import audited_list, record_denied, request_id_of
from config.web.live import live_response
from launch.errors import StalePreviewError
from launch.forms import PreviewForm
from launch.selectors.preview_page import PreviewPage, may_run, newest_preview, preview_page
from launch.services.previews import (
    AT_ONCE,
    SUBJECT,
    cancel_preview,
    compute_preview,
    enqueue_preview,
    request_preview,
)
from scheduling.models import MappingPreview, MappingRevision

if TYPE_CHECKING:
    from accounts.models import User

STOP_POLLING = 286  # live.js: shown, and nothing more to come
APPOINTMENT = "scheduling.appointment"


@login_required
@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Show the newest preview of a revision and the form for another; a POST starts one.

    What takes less than two seconds is computed at once, the rest by a worker while the page polls.
    """
    revision = _revision(request, key, number)
    now = timezone.now()
    if request.method == "GET":
        return _response(request, revision, PreviewForm(now=now, zone=revision.source.zone))
    _needs_role(request, revision, "preview")
    form = PreviewForm(request.POST, now=now, zone=revision.source.zone)
    if not form.is_valid():
        return _response(request, revision, form, status=422)
    asked = request_preview(
        revision,
        effective_from=form.cleaned_data["effective_from"],
        since=form.cleaned_data["since"],
        actor=cast("User", request.user),
        now=now,
        request_id=request_id_of(request),
    )
    if not compute_preview(asked.pk, now=now, at_most=AT_ONCE):
        enqueue_preview(asked.pk)
    return redirect("launch:preview", key, number)


@login_required
@require_POST
def cancel(request: HttpRequest, key: str, number: int, pk: int) -> HttpResponse:
    """Stop a preview: 409 where it has ended meanwhile."""
    revision = _revision(request, key, number)
    _needs_role(request, revision, "cancel")
    asked = get_object_or_404(MappingPreview, revision=revision, pk=pk)
    now = timezone.now()
    try:
        cancel_preview(asked, actor=cast("User", request.user), now=now, request_id=request_id_of(request))
    except StalePreviewError as error:
        form = PreviewForm(now=now, zone=revision.source.zone)
        return _response(request, revision, form, error=str(error), status=409)
    return redirect("launch:preview", key, number)


@login_required
@require_GET
def live_preview(request: HttpRequest, key: str, number: int, pk: int) -> HttpResponse:
    """Answer a poll with the progress, and in the end with the result; then no more will come."""
    revision = _revision(request, key, number)
    asked = get_object_or_404(MappingPreview.objects.select_related("revision__source"), revision=revision, pk=pk)

    def show() -> HttpResponse:
        page = _page(request, asked)
        status = 200 if page.is_unfinished else STOP_POLLING
        context = {"page": page, "revision": revision, "zone": revision.source.zone}
        return render(request, "launch/_preview.html", context, status=status)

    return live_response(request, PreviewPage(asked).version, show)


def _revision(request: HttpRequest, key: str, number: int) -> MappingRevision:
    source: Source = get_visible_or_404(Source.objects.all(), request, key=key)
    return get_object_or_404(MappingRevision.objects.select_related("source"), source=source, number=number)


def _needs_role(request: HttpRequest, revision: MappingRevision, verb: str) -> None:
    if not may_run(request.user, revision.source):
        record_denied(request, subject_kind=SUBJECT, detail={"verb": verb, "revision": revision.pk})
        raise PermissionDenied


def _page(request: HttpRequest, asked: MappingPreview) -> PreviewPage:
    """The page of a preview; whose visits it lists is in the audit trail."""
    page = preview_page(asked, user=request.user)
    audited_list(request, subject_kind=APPOINTMENT, subjects=[line.pk for line in page.visits], patients=page.patients)
    return page


def _response(
    request: HttpRequest, revision: MappingRevision, form: PreviewForm, *, error: str = "", status: int = 200
) -> HttpResponse:
    asked = newest_preview(revision)
    context: dict[str, Any] = {
        "revision": revision,
        "page": _page(request, asked) if asked else None,
        "form": form,
        "may_run": may_run(request.user, revision.source),
        "error": error,
        "zone": revision.source.zone,
    }
    return render(request, "launch/preview.html", context, status=status)
