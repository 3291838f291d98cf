"""Edits of a draft's rules: keep one, and try what it would match before it is kept."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Source
from config.web.errors import conflict
from scheduling.forms_mapping import DraftForm, RuleForm
from scheduling.mapping.errors import InvalidMappingError, StaleRevisionError, UnknownPackError
from scheduling.mapping.packs import read_pack
from scheduling.models import MappingRevision, MappingRule
from scheduling.prefill import from_pack, from_rule
from scheduling.selectors.drafts import rules_of, shown_revision
from scheduling.selectors.never_seen import Reach, reach
from scheduling.selectors.seen_signals import seen_signals
from scheduling.services.mapping import put_rule
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
from scheduling.views.mapping_panes import edit_of, rule_form_of
from scheduling.views.mappings import workbench_response


@login_required
@require_GET
def rule_page(request: HttpRequest, key: str) -> HttpResponse:
    """A rule's form on a page of its own: ``rule`` an existing one, or ``pack`` and ``row`` of a starter pack."""
    source = source_of(request, key)
    refuse_unless(may_make(request.user, source), request, source, "edit")
    draft, drop_form = draft_for(request, source), None
    if pack := request.GET.get("pack", ""):
        try:
            values = from_pack(read_pack(pack).row(number_in(request, "row") or 0))
        except UnknownPackError as error:
            return conflict(request, str(error))
        base = draft
    else:
        rule = get_object_or_404(MappingRule, pk=number_in(request, "rule") or 0, revision__source=source)
        values, base = from_rule(rule), draft or rule.revision
        drop_form = DraftForm(initial=edit_of(draft), auto_id=False)
    return rule_response(request, source, rule_form_of(source, draft, values, base=base), drop_form=drop_form)


def rule_response(
    request: HttpRequest,
    source: Source,
    form: RuleForm,
    *,
    found: Reach | None = None,
    drop_form: DraftForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a rule's form: in the workbench beside its combination, or on its own page with what takes it out."""
    if request.GET.get("signal"):
        return workbench_response(request, form=form, reach=found, status=status)
    context = {
        "source": source, "zone": source.zone, "form": form, "reach": found, "back": back_to(request, source),
        "query": f"?{request.GET.urlencode()}", "drop_form": drop_form, "rule": number_in(request, "rule"),
    }  # fmt: skip
    return render(request, "scheduling/mapping_rule.html", context, status=status)


def back_to(request: HttpRequest, source: Source) -> str:
    """Where a form leads when it is done: its combination in the workbench, its pack, or the source's mapping."""
    query = {name: value for name, value in request.GET.items() if name not in {"edit", "pack", "row", "rule"}}
    if pack := request.GET.get("pack"):
        return f"{reverse('scheduling:mapping_pack', args=[source.key])}?{urlencode({'pack': pack})}"
    return f"{reverse('scheduling:mappings')}?{urlencode(query or {'source': source.key})}"


@login_required
@require_POST
def save_rule(request: HttpRequest, key: str) -> HttpResponse:
    """Keep a rule in the person's draft: 422 for one without sense, 409 where somebody was faster."""
    source = source_of(request, key)
    refuse_unless(may_make(request.user, source), request, source, "edit")
    form = RuleForm(request.POST, clinics=source.clinics.order_by("name"))
    if not form.is_valid():
        return rule_response(request, source, form, status=422)
    try:
        draft = _keep(request, source, form)
    except StaleRevisionError as error:
        return conflict_response(request, source, form, error, back=back_to(request, source))
    except InvalidMappingError as error:
        form.add_error(None, str(error))
        return rule_response(request, source, form, status=422)
    tell_kept(request, draft)
    return redirect(back_to(request, source))


@transaction.atomic
def _keep(request: HttpRequest, source: Source, form: RuleForm) -> MappingRevision:
    said, now, actor = form.cleaned_data, timezone.now(), person_of(request)
    draft = draft_to_edit(source, number=said["draft"], version=said["version"], actor=actor, now=now)
    rule = put_rule(draft, form.rule, actor=actor, now=now, remark=said["remark"], origin=said["origin"])
    note_change(request, draft, "rule", {"rule": rule.pk})
    return draft


@login_required
@require_POST
def try_rule(request: HttpRequest, key: str) -> HttpResponse:
    """Say what a rule would match of what was seen; nothing is kept. To htmx only the sentence."""
    source = source_of(request, key)
    refuse_unless(may_make(request.user, source), request, source, "edit")
    form = RuleForm(request.POST, clinics=source.clinics.order_by("name"))
    found = _reach(request, source, form) if form.is_valid() else None
    if getattr(request, "htmx", None):
        return render(request, "scheduling/_rule_reach.html", {"reach": found, "form": form})
    return rule_response(request, source, form, found=found)


def _reach(request: HttpRequest, source: Source, form: RuleForm) -> Reach:
    now = timezone.now()
    draft = draft_for(request, source)
    rules = rules_of(source, shown_revision(source, draft, now=now))
    others = [rule for rule in rules.rules if (rule.parts, rule.clinic_id) != (form.rule.parts, form.rule.clinic_id)]
    seeing = seen_signals([source], user=request.user, now=now, drafts={})
    asked = number_in(request, "signal")
    return reach(form.rule, others, rules, seeing, seeing.find(asked) if asked else None)
