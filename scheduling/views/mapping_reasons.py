"""The reason codes of a source: what each adds to a cancelled or missed visit."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import Source
from scheduling.forms_mapping import DraftForm, ReasonForm, sign_base
from scheduling.mapping.errors import StaleRevisionError
from scheduling.mapping.rows import Table
from scheduling.models import MappingRevision
from scheduling.selectors.drafts import shown_revision
from scheduling.selectors.mapping_pages import extras
from scheduling.selectors.reason_rows import ReasonRow, reason_rows
from scheduling.selectors.revision_rows import plain_rows
from scheduling.selectors.seen_signals import seen_signals
from scheduling.services.mapping import set_reason
from scheduling.services.mapping.drafting import draft_to_edit
from scheduling.views.mapping_conflicts import conflict_response
from scheduling.views.mapping_guard import (
    draft_for,
    may_make,
    note_change,
    number_in,
    person_of,
    refuse_unless,
    source_of,
    tell_kept,
)
from scheduling.views.mapping_panes import edit_of


@login_required
@require_http_methods(["GET", "POST"])
def reason_list(request: HttpRequest, key: str) -> HttpResponse:
    """List a source's reason codes with what they mean; by POST keep one in the person's draft."""
    source = source_of(request, key)
    if request.method == "GET":
        return reasons_response(request, source)
    refuse_unless(may_make(request.user, source), request, source, "edit")
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return reasons_response(request, source, form=form, status=422)
    back = reverse("scheduling:mapping_reasons", args=[source.key])
    try:
        draft = _keep(request, source, form)
    except StaleRevisionError as error:
        return conflict_response(request, source, form, error, back=back)
    tell_kept(request, draft)
    return redirect(back)


@transaction.atomic
def _keep(request: HttpRequest, source: Source, form: ReasonForm) -> MappingRevision:
    said, now, actor = form.cleaned_data, timezone.now(), person_of(request)
    draft = draft_to_edit(source, number=said["draft"], version=said["version"], actor=actor, now=now)
    reason = set_reason(draft, form.reason, actor=actor, now=now, text=said["text"])
    note_change(request, draft, "reason", {"reason": reason.pk})
    return draft


def reasons_response(
    request: HttpRequest, source: Source, *, form: ReasonForm | None = None, status: int = 200
) -> HttpResponse:
    """Render the table, with the form of the code that was asked for."""
    now, may = timezone.now(), may_make(request.user, source)
    draft = draft_for(request, source)
    shown = shown_revision(source, draft, now=now)
    seeing = seen_signals([source], user=request.user, now=now, drafts={})
    rows = reason_rows(seeing, shown)
    asked = (number_in(request, "reason"), number_in(request, "signal"))
    current = next((row for row in rows if is_asked(row, *asked)), None)
    if form is None and may and (current is not None or request.GET.get("new")):
        form = ReasonForm(initial=values_of(current, shown) | edit_of(draft))
    context: dict[str, Any] = {
        "source": source, "zone": source.zone, "draft": draft, "shown": shown, "may_make": may, "form": form,
        "rows": [(row, extras(row.reason) if row.reason else [], row is current) for row in rows],
        "current": current, "drop_form": DraftForm(initial=edit_of(draft), auto_id=False) if may else None,
        "open": sum(row.reason is None for row in rows),
    }  # fmt: skip
    return render(request, "scheduling/mapping_reasons.html", context, status=status)


def is_asked(row: ReasonRow, reason: int | None, tally: int | None) -> bool:
    """Whether an address names this row."""
    if row.reason is not None:
        return row.reason.pk == reason
    return tally is not None and row.tally == tally


def values_of(row: ReasonRow | None, shown: MappingRevision | None) -> dict[str, Any]:
    """What the form of a code says before anybody typed."""
    if row is None or row.reason is None or shown is None:
        return {"code": row.code if row else "", "set_by": "person", "reopens": True}
    names = ("code", "text", "initiator", "set_by", "reopens", "suppresses", "counts_as_missed")
    base = next(iter(plain_rows(Table.REASON, shown.reasons.filter(pk=row.reason.pk))), None)
    return {name: getattr(row.reason, name) for name in names} | {"base": sign_base(base)}
