"""The pane of one combination of signals, and what its form says before anybody typed."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Source
from config.web.links import with_query
from scheduling.facts import Signals
from scheduling.forms_mapping import ANY, NONE, DraftForm, RuleForm, sign_base
from scheduling.mapping.rows import Table
from scheduling.models import MappingRevision, MappingRule
from scheduling.prefill import COMMON, from_rule, from_signals, with_common
from scheduling.selectors.drafts import last_seen
from scheduling.selectors.mapping_pages import row_of_rule
from scheduling.selectors.revision_rows import plain_rows
from scheduling.selectors.seen_signals import Seeing, Seen
from scheduling.selectors.signal_pane import signal_pane
from scheduling.services.mapping.edits import twins_of
from scheduling.views.mapping_guard import may_make


def pane_context(
    request: HttpRequest,
    seeing: Seeing,
    current: Seen,
    source: Source,
    draft: MappingRevision | None,
    form: RuleForm | None,
) -> dict[str, Any]:
    """What the pane of one combination prints, with its form where one is open."""
    may = may_make(request.user, source)
    link = partial(with_query, request, signal=current.id)
    asked = request.GET.get("edit", "")
    if form is None and asked and may:
        form = rule_form(current, source, draft, asked)
    return {
        "pane": signal_pane(current, seeing, source, user=request.user, now=timezone.now()),
        "pane_zone": source.zone,
        "form": form,
        "query": link(edit=asked or "1"),
        "edit_url": link(edit="1") if may else "",
        "common": [(common, link(edit=common.name)) for common in COMMON] if may else [],
        "cancel_url": link(edit=None),
        "draft_id": draft.pk if draft else None,
    }


def rule_context(request: HttpRequest, rule: MappingRule, draft: MappingRevision | None) -> dict[str, Any]:
    """What the pane of one rule prints, with what takes it out."""
    source = rule.revision.source
    may = may_make(request.user, source)
    return {
        "rule_pane": row_of_rule(rule),
        "pane_zone": source.zone,
        "drop_form": DraftForm(initial=edit_of(draft), auto_id=False) if may else None,
        "query": f"?{urlencode({'source': source.key, 'view': 'never'})}",
    }


def rule_form(seen: Seen, source: Source, draft: MappingRevision | None, asked: str) -> RuleForm:
    """The form of a combination: the rule that decides it now, or a new one; ``asked`` may name a common meaning."""
    meaning = seen.drafted if seen.drafted is not None else seen.meaning
    rule = MappingRule.objects.filter(pk=meaning.rule_id or 0).select_related("revision").first()
    values = from_rule(rule) if rule is not None and asked == "1" else with_common(from_signals(seen.signals), asked)
    return rule_form_of(source, draft, values, base=draft or (rule.revision if rule else None))


def rule_form_of(
    source: Source, draft: MappingRevision | None, values: dict[str, Any], *, base: MappingRevision | None
) -> RuleForm:
    """A form with ``values`` that goes into ``draft``; it remembers the rule that ``base`` has for the same signals."""
    loaded = None
    if base is not None:
        fields: dict[str, Any] = {name: _stated(values, name) for name in Signals._fields}
        twins = twins_of(base, fields | {"clinic_id": values["clinic"] or None})
        loaded = next(iter(plain_rows(Table.RULE, twins)), None)
    initial = values | edit_of(draft) | {"base": sign_base(loaded)}
    return RuleForm(initial=initial, clinics=source.clinics.order_by("name"))


def _stated(values: dict[str, Any], name: str) -> str | None:
    return {ANY: None, NONE: ""}.get(values[f"{name}_mode"], values[name])


def edit_of(draft: MappingRevision | None) -> dict[str, Any]:
    """What a form remembers of the draft that it was made against."""
    if draft is None:
        return {"draft": None, "version": None, "seen": None}
    return {"draft": draft.number, "version": draft.version, "seen": last_seen(draft)}
