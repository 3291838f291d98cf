"""The mapping workbench: every combination of signals seen, its meaning beside it, and the form that changes it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.guards import get_visible_or_404
from accounts.models import Clinic, Source
from config.web.links import with_query
from config.web.menus import menu, splits
from scheduling.forms_mapping import RuleForm
from scheduling.models import MappingRevision, MappingRule, SignalTally
from scheduling.prefill import COMMON
from scheduling.selectors.drafts import (
    DraftLine,
    current_draft,
    current_drafts,
    draft_line,
    others_drafts,
)
from scheduling.selectors.mapping_pages import source_mapping, visible_sources
from scheduling.selectors.never_seen import Reach
from scheduling.selectors.replay_pages import unfinished_replays
from scheduling.selectors.seen_signals import Seeing, Seen, seen_signals
from scheduling.selectors.workbench import VIEWS, Listing, listing
from scheduling.views.mapping_guard import may_decide, may_make, number_in, person_of, preview_of
from scheduling.views.mapping_panes import pane_context, rule_context
from scheduling.vocabulary import MappingOutcome

PAGE_KEYS = [
    {"key": "e", "label": "Give it another meaning"},
    {"key": "n", "label": "Next without a meaning"},
    *({"key": common.key, "label": f"It means: {common.label.lower()}"} for common in COMMON),
    {"key": "Ctrl Enter", "label": "Keep in the draft"},
    {"key": "Esc", "label": "Leave the form"},
    {"key": "a", "label": "Ask for approval"},
]


@login_required
@require_GET
def mapping_overview(request: HttpRequest) -> HttpResponse:
    """List what the sources in scope have sent, one view of it, one combination beside it."""
    return workbench_response(request)


def workbench_response(
    request: HttpRequest, *, form: RuleForm | None = None, reach: Reach | None = None, status: int = 200
) -> HttpResponse:
    """Render the workbench; ``form`` is one that was sent, ``reach`` what its rule would match."""
    sources = list(visible_sources(request.user).order_by("name"))
    chosen = chosen_source(request, sources)
    shown = [chosen] if chosen else sources
    drafts = drafts_of(request, shown)
    clinic = chosen_clinic(request, shown)
    seeing = seen_signals(
        shown, user=request.user, now=timezone.now(), drafts=drafts, clinic_id=clinic.pk if clinic else None
    )
    current, rule = chosen_signal(request, seeing), chosen_rule(request, shown)
    found = listing(
        seeing,
        shown,
        view=chosen_view(request),
        words=request.GET.get("q", "")[:80],
        start=number_in(request, "after") or 0,
        current=current,
        link=lambda tally: with_query(request, signal=tally, edit=None, rule=None),
    )
    context = (
        list_context(request, sources, chosen, found)
        | held_context(seeing)
        | {"clinic": clinic, "form": None, "reach": reach, "rule_pane": None}
    )
    if current is not None:
        source = next(source for source in shown if source.pk == current.source_id)
        context |= pane_context(request, seeing, current, source, drafts.get(source.pk), form)
    elif rule is not None:
        context |= rule_context(request, rule, drafts.get(rule.revision.source_id))
    context |= source_context(request, chosen, drafts)
    return render(request, "scheduling/mappings.html", context, status=status)


def chosen_source(request: HttpRequest, sources: list[Source]) -> Source | None:
    """The source asked for, or the only one; 404 for one out of sight."""
    asked = request.GET.get("source", "")
    chosen = next((source for source in sources if source.key == asked), None)
    if asked and chosen is None:
        get_visible_or_404(Source.objects.all(), request, key=asked)
    return chosen or (sources[0] if len(sources) == 1 else None)


def chosen_view(request: HttpRequest) -> str:
    """The view asked for; one that does not exist is the first."""
    asked = request.GET.get("view", "")
    return asked if asked in dict(VIEWS) else VIEWS[0][0]


def chosen_clinic(request: HttpRequest, sources: list[Source]) -> Clinic | None:
    """The clinic asked for, where it is one of these sources and in sight."""
    asked = number_in(request, "clinic")
    return Clinic.objects.visible_to(request.user).filter(pk=asked, source__in=sources).first() if asked else None


def chosen_signal(request: HttpRequest, seeing: Seeing) -> Seen | None:
    """The combination asked for by one of its tallies; 404 for one that is out of sight."""
    asked = number_in(request, "signal")
    if asked is None:
        return None
    get_visible_or_404(SignalTally.objects.all(), request, pk=asked)
    return seeing.find(asked)


def chosen_rule(request: HttpRequest, sources: list[Source]) -> MappingRule | None:
    """The rule asked for, where it is one of these sources; 404 for any other."""
    asked = number_in(request, "rule")
    if asked is None:
        return None
    rules = MappingRule.objects.select_related("clinic", "confirmed_by", "revision__source")
    return get_object_or_404(rules, pk=asked, revision__source__in=sources)


def drafts_of(request: HttpRequest, sources: list[Source]) -> dict[int, MappingRevision]:
    """By source the draft that the person's edits go into."""
    makers = [source for source in sources if may_make(request.user, source)]
    found = current_drafts(makers, person_of(request))
    number = number_in(request, "draft") if len(makers) == 1 else None
    asked = current_draft(makers[0], person_of(request), number=number) if number else None
    return found | ({asked.source_id: asked} if asked else {})


def list_context(request: HttpRequest, sources: list[Source], chosen: Source | None, found: Listing) -> dict[str, Any]:
    """What the list, its splits and its toolbar print."""
    counts: dict[str, Any] = {"" if name == "needs" else name: count for name, count in found.counts.items()}
    labels = [("" if name == "needs" else name, label) for name, label in VIEWS]
    clinics = Clinic.objects.visible_to(request.user).filter(source__in=[chosen] if chosen else sources)
    return {
        "sources": sources,
        "source": chosen,
        "listing": found,
        "splits": splits(request, labels, name="view", counts=counts),
        "menus": [
            menu(request, "source", "Source", [(source.key, source.name) for source in sources]),
            menu(request, "clinic", "Clinic", [(str(one.pk), one.name) for one in clinics.order_by("name")]),
        ],
        "next_url": with_query(request, signal=found.following.id, edit=None, rule=None) if found.following else "",
        "replays": unfinished_replays(request.user),
        "page_keys": PAGE_KEYS,
    }


def held_context(seeing: Seeing) -> dict[str, int]:
    """How many combinations have no clear meaning and what they hold; the same of those that hold by older events."""
    unclear = [row for row in seeing.seen if row.meaning.outcome is not MappingOutcome.MAPPED]
    behind = [row for row in seeing.seen if row.is_behind]
    return {
        "unclear": len(unclear),
        "visits": sum(row.held.visits for row in unclear),
        "before_noon": sum(row.held.before_noon for row in unclear),
        "behind": len(behind),
        "behind_visits": sum(row.held.visits for row in behind),
    }


def source_context(request: HttpRequest, chosen: Source | None, drafts: dict[int, MappingRevision]) -> dict[str, Any]:
    """What the bar of the draft and the pane of one source print."""
    if chosen is None:
        return {"drafts": [DraftLine(draft) for draft in drafts.values()], "mapping": None}
    mapping, draft = source_mapping(chosen, now=timezone.now()), drafts.get(chosen.pk)
    base = mapping.in_force.revision if mapping.in_force else None
    return {
        "zone": chosen.zone,
        "mapping": mapping,
        "drafts": [draft_line(draft, base)] if draft else [],
        "preview_url": preview_of(draft) if draft else "",
        "others": others_drafts(chosen, draft) if may_make(request.user, chosen) else [],
        "may_make": may_make(request.user, chosen),
        "may_decide": may_decide(request.user, chosen),
    }
