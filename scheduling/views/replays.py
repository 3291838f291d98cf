"""The page of one replay: progress that goes on by itself, what it did so far, stop and resume."""

from typing import Any, cast

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.guards import get_visible_or_404
from accounts.models import User
from accounts.scope import has_role
from accounts.services.audit import record_denied, request_id_of
from accounts.vocabulary import Role
from config.web.live import live_response
from scheduling.mapping.errors import StaleReplayError
from scheduling.models import Replay
from scheduling.replay_panels import replay_panels
from scheduling.selectors.replay_pages import replay_page
from scheduling.services.replays import SUBJECT, cancel_replay, resume_replay

STOP_POLLING = 286  # live.js: shown, and nothing more to come
VERBS = {"cancel": cancel_replay, "resume": resume_replay}


class ReplayReasonForm(forms.Form):
    """Why a replay is stopped or resumed; people are asked to leave patients' names out."""

    reason = forms.CharField(
        label="Why",
        max_length=300,
        widget=forms.TextInput(attrs={"class": "field", "placeholder": "No patient names", "autocomplete": "off"}),
    )


@login_required
@require_GET
def replay_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a replay has come and what it did; the progress part polls while it runs."""
    return _response(request, _replay(request, pk))


@login_required
@require_GET
def live_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a poll with the progress part alone; the last answer says that no more will come."""
    replay = _replay(request, pk)
    page = replay_page(replay, user=request.user, now=timezone.now())
    context = {"page": page, "replay": replay, "panels": replay_panels(request, replay), "zone": replay.source.zone}

    def show() -> HttpResponse:
        status = 200 if replay.is_running else STOP_POLLING
        return render(request, "scheduling/_replay_progress.html", context, status=status)

    return live_response(request, page.progress.version, show)


@login_required
@require_POST
def replay_verb(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Stop or resume a replay: 422 without a reason, 409 where it is not as the person saw it."""
    replay = _replay(request, pk)
    if not has_role(request.user, Role.MAPPING, source=replay.source):
        record_denied(request, subject_kind=SUBJECT, subjects=[pk], detail={"verb": verb})
        raise PermissionDenied
    form = ReplayReasonForm(request.POST)
    if not form.is_valid():
        return _response(request, replay, form=form, status=422)
    try:
        VERBS[verb](
            replay,
            actor=cast("User", request.user),
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
            request_id=request_id_of(request),
        )
    except StaleReplayError as error:
        return _response(request, _replay(request, pk), error=str(error), status=409)
    return redirect(replay)


def _replay(request: HttpRequest, pk: int) -> Replay:
    queryset = Replay.objects.select_related(
        "source", "publication__revision", "publication__published_by", "cancelled_by"
    )
    replay: Replay = get_visible_or_404(queryset, request, pk=pk)
    return replay


def _response(
    request: HttpRequest, replay: Replay, *, form: ReplayReasonForm | None = None, error: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "replay": replay,
        "page": replay_page(replay, user=request.user, now=timezone.now()),
        "panels": replay_panels(request, replay),
        "form": form or ReplayReasonForm(),
        "error": error,
        "zone": replay.source.zone,
    }
    return render(request, "scheduling/replay.html", context, status=status)
