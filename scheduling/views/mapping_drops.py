"""Taking rows out of a draft: a rule, a reason, what leads. What is in force keeps them until it is published."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.models import Source
from config.web.errors import conflict
from scheduling.forms_mapping import DraftForm
from scheduling.mapping.errors import StaleRevisionError
from scheduling.models import MappingReason, MappingRevision, MappingRule, PrecedenceSetting
from scheduling.models.mapping import SIGNAL_FIELDS
from scheduling.services.mapping import remove_precedence, remove_reason, remove_rule
from scheduling.services.mapping.drafting import GONE, draft_to_edit
from scheduling.services.mapping.edits import twins_of
from scheduling.views.mapping_edits import back_to
from scheduling.views.mapping_guard import may_make, note_change, person_of, refuse_unless, source_of

# The row may be the one in force or of another draft: the person's draft has its own for the same thing.
TwinOf = Callable[[MappingRevision], QuerySet[Any]]


@login_required
@require_POST
def drop_rule(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Take a rule out in the person's draft."""
    source = _source(request, key)
    rule = get_object_or_404(MappingRule, pk=pk, revision__source=source)
    fields = {name: getattr(rule, name) for name in (*SIGNAL_FIELDS, "clinic_id")}
    return _dropped(request, source, lambda draft: twins_of(draft, fields), remove_rule, back_to(request, source))


@login_required
@require_POST
def drop_reason(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Take a reason out in the person's draft."""
    source = _source(request, key)
    code = get_object_or_404(MappingReason, pk=pk, revision__source=source).code
    back = reverse("scheduling:mapping_reasons", args=[source.key])
    return _dropped(request, source, lambda draft: draft.reasons.filter(code=code), remove_reason, back)


@login_required
@require_POST
def drop_precedence(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Take back in the person's draft what leads for an event, or for all of them."""
    source = _source(request, key)
    said = get_object_or_404(PrecedenceSetting, pk=pk, revision__source=source)
    same = {"trigger": said.trigger, "clinic": said.clinic_id}
    back = reverse("scheduling:mapping_precedence", args=[source.key])
    return _dropped(request, source, lambda draft: draft.precedence.filter(**same), remove_precedence, back)


def _source(request: HttpRequest, key: str) -> Source:
    source = source_of(request, key)
    refuse_unless(may_make(request.user, source), request, source, "edit")
    return source


def _dropped(
    request: HttpRequest, source: Source, twin_of: TwinOf, remove: Callable[..., None], back: str
) -> HttpResponse:
    """Answer with the page that listed the row: 409 where somebody was faster."""
    try:
        draft = _drop(request, source, twin_of, remove)
    except StaleRevisionError as error:
        return conflict(request, f"{error} Nothing was taken out.")
    messages.success(request, f"Taken out in draft {draft.number}.")
    return redirect(back)


@transaction.atomic
def _drop(request: HttpRequest, source: Source, twin_of: TwinOf, remove: Callable[..., None]) -> MappingRevision:
    form = DraftForm(request.POST)
    if not form.is_valid():
        raise StaleRevisionError(GONE)
    said, now, actor = form.cleaned_data, timezone.now(), person_of(request)
    draft = draft_to_edit(source, number=said["draft"], version=said["version"], actor=actor, now=now)
    twin = twin_of(draft).first()
    if twin is None:
        raise StaleRevisionError("It is gone from the draft already.")
    twin.revision, pk = draft, twin.pk
    remove(twin, actor=actor, now=now)
    note_change(request, draft, remove.__name__, {"row": pk})
    return draft
