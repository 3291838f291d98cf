"""Which of status and event is believed when they contradict, with real messages beside each choice."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import Source
from scheduling.forms_mapping import DraftForm, PrecedenceForm, sign_base
from scheduling.mapping.errors import StaleRevisionError
from scheduling.mapping.rows import PlainRow, Table
from scheduling.mapping.rules import RuleSet
from scheduling.mapping.vocabulary import Leads
from scheduling.models import MappingRevision
from scheduling.selectors.drafts import rules_of, shown_revision
from scheduling.selectors.precedence_examples import contradictions
from scheduling.selectors.seen_signals import seen_signals
from scheduling.services.mapping import set_precedence
from scheduling.services.mapping.drafting import draft_to_edit
from scheduling.views.mapping_conflicts import conflict_response
from scheduling.views.mapping_guard import (
    draft_for,
    may_make,
    note_change,
    person_of,
    refuse_unless,
    source_of,
    tell_kept,
)
from scheduling.views.mapping_panes import edit_of


@login_required
@require_http_methods(["GET", "POST"])
def precedence(request: HttpRequest, key: str) -> HttpResponse:
    """Show what leads for every event that is contradicted; by POST keep one choice in the person's draft."""
    source = source_of(request, key)
    if request.method == "GET":
        return precedence_response(request, source)
    refuse_unless(may_make(request.user, source), request, source, "edit")
    form = PrecedenceForm(request.POST)
    if not form.is_valid():
        return precedence_response(request, source, status=422, error="Choose what leads.")
    back = reverse("scheduling:mapping_precedence", args=[source.key])
    try:
        draft = _keep(request, source, form)
    except StaleRevisionError as error:
        return conflict_response(request, source, form, error, back=back)
    tell_kept(request, draft)
    return redirect(back)


@transaction.atomic
def _keep(request: HttpRequest, source: Source, form: PrecedenceForm) -> MappingRevision:
    said, now, actor = form.cleaned_data, timezone.now(), person_of(request)
    draft = draft_to_edit(source, number=said["draft"], version=said["version"], actor=actor, now=now)
    row = set_precedence(draft, Leads(said["leads"]), actor=actor, now=now, trigger=said["trigger"])
    note_change(request, draft, "precedence", {"precedence": row.pk})
    return draft


def precedence_response(request: HttpRequest, source: Source, *, status: int = 200, error: str = "") -> HttpResponse:
    """Render every contradicted event with its examples and its form."""
    now, may = timezone.now(), may_make(request.user, source)
    draft = draft_for(request, source)
    shown = shown_revision(source, draft, now=now)
    rules = rules_of(source, shown)
    found = contradictions(seen_signals([source], user=request.user, now=now, drafts={}), rules)
    edit = edit_of(draft)
    said = list(shown.precedence.select_related("clinic").order_by("trigger", "pk")) if shown else []
    by_trigger = {one.trigger: one for one in said if one.clinic_id is None}
    listed = {"", *(one.trigger for one in found)}
    general = rules.precedence.get((None, ""), Leads.NEITHER)
    context: dict[str, Any] = {
        "source": source, "zone": source.zone, "draft": draft, "shown": shown, "may_make": may, "error": error,
        "found": [
            (one, form_of(one.trigger, one.leads, rules, edit) if may else None, by_trigger.get(one.trigger))
            for one in found
        ],
        "rest": [one for one in said if one.clinic_id is not None or one.trigger not in listed],
        "drop_form": DraftForm(initial=edit, auto_id=False) if may else None, "general_said": by_trigger.get(""),
        "general": general, "general_form": form_of("", general, rules, edit) if may else None,
    }  # fmt: skip
    return render(request, "scheduling/mapping_precedence.html", context, status=status)


def form_of(trigger: str, leads: Leads, rules: RuleSet, edit: dict[str, Any]) -> PrecedenceForm:
    """The form of one event; the empty one stands for every event that has no choice of its own."""
    own = rules.precedence.get((None, trigger))
    base = PlainRow(Table.PRECEDENCE, (None, trigger, own.value)) if own else None
    values = {"trigger": trigger, "leads": leads.value, "base": sign_base(base)}
    return PrecedenceForm(initial=values | edit, auto_id=f"id_{trigger or 'all'}_%s")
