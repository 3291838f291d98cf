"""One revision and its way into force: ask for approval, send back, approve, publish, take back."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from scheduling.forms_states import PublishForm, ReturnForm, SubmitForm
from scheduling.mapping.errors import MappingError, NotAllowedError
from scheduling.mapping.vocabulary import RevisionState
from scheduling.models import MappingRevision
from scheduling.selectors.mapping_pages import extras, origin, rule_rows
from scheduling.selectors.replay_pages import unfinished_replays
from scheduling.selectors.revision_page import preset_moment, revision_page
from scheduling.services.mapping import approve, publish, return_to_draft, submit
from scheduling.services.mapping.revisions import last_publication
from scheduling.views.mapping_guard import (
    may_decide,
    may_make,
    note_change,
    person_of,
    preview_of,
    refuse_unless,
    revision_of,
)

DONE = {
    "submit": "Sent for approval. Somebody who did not work on it can approve it.",
    "return": "Sent back to its makers.",
    "approve": "Approved. It decides nothing before it is published.",
    "publish": "Published. Its visits are read again now.",
}


@login_required
@require_GET
def mapping_revision(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Show one revision of a source's mapping: where it stands, what it changes, its rows and its history."""
    return revision_response(request, revision_of(request, key, number))


def revision_response(
    request: HttpRequest, revision: MappingRevision, *, sent: dict[str, forms.Form] | None = None, error: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """Render the page; ``sent`` are forms that were refused, ``error`` the sentence why."""
    now, source = timezone.now(), revision.source
    state = RevisionState(revision.state)
    may, decides = may_make(request.user, source), may_decide(request.user, source)
    page = revision_page(revision, user=request.user, now=now)
    reasons = revision.reasons.select_related("confirmed_by").order_by("code")
    verbs: dict[str, forms.Form] = {}
    if may and state is RevisionState.DRAFT:
        verbs["submit"] = SubmitForm(initial={"version": revision.version})
    if decides and state is RevisionState.SUBMITTED:
        verbs["return"] = ReturnForm()
        if not page.has_worked:
            verbs["approve"] = forms.Form()
    if decides and state is RevisionState.APPROVED:
        initial = PublishForm.preset(preset_moment(revision, page), source.zone)
        verbs["publish"] = PublishForm(
            initial={**initial, "after": last_publication(source.pk)}, zone=source.zone, now=now
        )
    context: dict[str, Any] = {
        "revision": revision, "zone": source.zone, "page": page, "error": error, "forms": verbs | (sent or {}),
        "may_make": may, "may_decide": decides, "preview_url": preview_of(revision), "rules": rule_rows(revision),
        "reasons": [(reason, extras(reason), origin(reason)) for reason in reasons],
        "precedence": list(revision.precedence.select_related("clinic").order_by("trigger")),
        "replays": [line for line in unfinished_replays(request.user) if line.replay.source_id == source.pk],
    }  # fmt: skip
    return render(request, "scheduling/mapping_revision.html", context, status=status)


def _submit(request: HttpRequest, revision: MappingRevision, form: forms.Form, now: datetime) -> None:
    revision.version = form.cleaned_data["version"]
    submit(revision, actor=person_of(request), now=now)


def _return(request: HttpRequest, revision: MappingRevision, form: forms.Form, now: datetime) -> None:
    return_to_draft(revision, actor=person_of(request), reason=form.cleaned_data["reason"], now=now)


def _approve(request: HttpRequest, revision: MappingRevision, form: forms.Form, now: datetime) -> None:
    approve(revision, actor=person_of(request), now=now)


def _publish(request: HttpRequest, revision: MappingRevision, form: forms.Form, now: datetime) -> None:
    said = form.cleaned_data
    publish(
        revision,
        effective_from=said["effective_from"],
        actor=person_of(request),
        now=now,
        reason=said["reason"],
        after=said["after"],
    )


ACTS: dict[str, Callable[[HttpRequest, MappingRevision, forms.Form, datetime], None]] = {
    "submit": _submit,
    "return": _return,
    "approve": _approve,
    "publish": _publish,
}


@login_required
@require_POST
def revision_verb(request: HttpRequest, key: str, number: int, verb: str) -> HttpResponse:
    """Move a revision on: 403 without the role, 422 without what the verb asks, 409 where it has moved on already."""
    revision, now = revision_of(request, key, number), timezone.now()
    may = may_make if verb == "submit" else may_decide
    refuse_unless(may(request.user, revision.source), request, revision.source, verb)
    form = form_for(verb, request, revision, now)
    if not form.is_valid():
        return revision_response(request, revision, sent={verb: form}, status=422)
    try:
        with transaction.atomic():
            ACTS[verb](request, revision, form, now)
            note_change(request, revision, verb)
    except NotAllowedError as error:
        return revision_response(request, revision, error=str(error), status=403)
    except MappingError as error:
        return revision_response(request, revision_of(request, key, number), error=str(error), status=409)
    messages.success(request, DONE[verb])
    return redirect("scheduling:mapping_revision", key, number)


def form_for(verb: str, request: HttpRequest, revision: MappingRevision, now: datetime) -> forms.Form:
    """The form of a verb with what was sent."""
    if verb == "publish":
        return PublishForm(request.POST, zone=revision.source.zone, now=now)
    return {"submit": SubmitForm, "return": ReturnForm}.get(verb, forms.Form)(request.POST)
