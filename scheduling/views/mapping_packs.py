"""Starter packs: rows of suggestions held against what was seen, taken one by one or several at once."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import Source
from scheduling.forms_mapping import DraftForm
from scheduling.mapping.errors import InvalidMappingError, StaleRevisionError, UnknownPackError
from scheduling.mapping.packs import Pack, read_pack
from scheduling.models import MappingRevision
from scheduling.selectors.drafts import edits_since, rules_of, shown_revision
from scheduling.selectors.mapping_pages import pack_lines
from scheduling.selectors.pack_rows import pack_rows
from scheduling.selectors.seen_signals import seen_signals
from scheduling.services.mapping import adopt_pack
from scheduling.services.mapping.drafting import draft_to_edit
from scheduling.views.mapping_guard import draft_for, may_make, note_change, person_of, refuse_unless, source_of
from scheduling.views.mapping_panes import edit_of


@login_required
@require_http_methods(["GET", "POST"])
def pack(request: HttpRequest, key: str) -> HttpResponse:
    """Show a source one pack, or all to choose from; by POST take the ticked rows into the person's draft."""
    source = source_of(request, key)
    if request.method == "GET":
        return pack_response(request, source, chosen_pack(request.GET.get("pack", "")))
    refuse_unless(may_make(request.user, source), request, source, "adopt")
    chosen = chosen_pack(request.POST.get("pack", ""))
    rows = {int(text) for text in request.POST.getlist("row") if text.isdecimal() and len(text) < 7}
    if chosen is None or not rows:
        return pack_response(request, source, chosen, error="Tick the rows that you confirm.", status=422)
    try:
        draft = _adopt(request, source, chosen, rows)
    except StaleRevisionError as error:
        text = f"{error} Nothing was taken; your ticks are kept. Look at what changed, then take them again."
        return pack_response(request, source, chosen, ticked=rows, error=text, status=409)
    except (InvalidMappingError, UnknownPackError) as error:
        return pack_response(request, source, chosen, ticked=rows, error=str(error), status=422)
    messages.success(request, f"{len(rows)} {'row' if len(rows) == 1 else 'rows'} taken into draft {draft.number}.")
    return redirect(f"{reverse('scheduling:mapping_pack', args=[source.key])}?pack={chosen.name}")


@transaction.atomic
def _adopt(request: HttpRequest, source: Source, chosen: Pack, rows: set[int]) -> MappingRevision:
    form = DraftForm(request.POST)
    form.is_valid()
    said, now, actor = form.cleaned_data, timezone.now(), person_of(request)
    draft = draft_to_edit(source, number=said.get("draft"), version=said.get("version"), actor=actor, now=now)
    adopt_pack(draft, chosen, rows=rows, actor=actor, now=now)
    note_change(request, draft, "adopt", {"pack": chosen.name, "rows": sorted(rows)})
    return draft


def chosen_pack(name: str) -> Pack | None:
    """The pack of this name; None where none was named, 404 for an unknown one."""
    try:
        return read_pack(name) if name else None
    except UnknownPackError as error:
        raise Http404 from error


def pack_response(
    request: HttpRequest,
    source: Source,
    chosen: Pack | None,
    *,
    ticked: set[int] | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the packs, and one of them row by row; ``ticked`` stay ticked."""
    now, may = timezone.now(), may_make(request.user, source)
    draft = draft_for(request, source)
    rules = rules_of(source, shown_revision(source, draft, now=now))
    seeing = seen_signals([source], user=request.user, now=now, drafts={})
    seen = request.POST.get("seen", "")
    context: dict[str, Any] = {
        "source": source, "zone": source.zone, "packs": pack_lines(), "pack": chosen, "draft": draft,
        "may_make": may, "error": error, "ticked": ticked or set(), "form": DraftForm(initial=edit_of(draft)),
        "rows": pack_rows(chosen, seeing, rules) if chosen else [],
        "edits": edits_since(draft, int(seen)) if draft and status == 409 and seen.isdecimal() else [],
    }  # fmt: skip
    return render(request, "scheduling/mapping_pack.html", context, status=status)
