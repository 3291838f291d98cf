"""Mappings, for reading: what has no meaning yet, which rules are in force, who published what."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.guards import get_visible_or_404
from accounts.models import Source
from config.web.menus import splits
from scheduling.filters import held_like
from scheduling.models import MappedEvent, MappingRevision
from scheduling.selectors.mapping_pages import (
    HeldPane,
    extras,
    held_pane,
    held_tuples,
    origin,
    pack_lines,
    rule_rows,
    source_mapping,
    visible_sources,
)
from scheduling.views.mapping_exchange import may_import


@login_required
@require_GET
def mapping_overview(request: HttpRequest) -> HttpResponse:
    """List signals without a clear meaning over all sources in scope, or one source's with its rules in force."""
    sources = list(visible_sources(request.user).order_by("name"))
    asked = request.GET.get("source", "")
    chosen = next((source for source in sources if source.key == asked), None)
    if asked and chosen is None:
        get_visible_or_404(Source.objects.all(), request, key=asked)
    shown = chosen or (sources[0] if len(sources) == 1 else None)
    base = f"?source={chosen.key}&" if chosen else "?"
    held = held_tuples([shown] if shown else sources, user=request.user, current=request.GET.get("held", ""))
    context: dict[str, Any] = {
        "held": held,
        "base": base,
        "visits": sum(row.visits for row in held),
        "splits": splits(request, [("", "All sources"), *((s.key, s.name) for s in sources)], name="source"),
        "mapping": source_mapping(shown, now=timezone.now()) if shown else None,
        "sources": sources,
        "pane": pane_of(request),
        "packs": pack_lines(),
        "zone": shown.zone if shown else None,
    }
    context = {name: value for name, value in context.items() if name != "zone" or value is not None}
    return render(request, "scheduling/mappings.html", context)


def pane_of(request: HttpRequest) -> HeldPane | None:
    """The held combination asked for by one of its events; None when it is not held any more."""
    asked = request.GET.get("held", "")
    if not asked.isdecimal():
        return None
    event: MappedEvent = get_visible_or_404(MappedEvent.objects.select_related("feed__source"), request, pk=int(asked))
    like = held_like(event.pk, request.user)
    return held_pane(event, like) if like.exists() else None


@login_required
@require_GET
def mapping_revision(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Show one revision of a source's mapping: rules, reasons, what leads, its history."""
    source: Source = get_visible_or_404(Source.objects.all(), request, key=key)
    revision = (
        MappingRevision.objects.select_related("source", "author", "approved_by", "based_on")
        .filter(source=source, number=number)
        .first()
    )
    if revision is None:
        raise Http404
    context = {
        "revision": revision,
        "zone": source.zone,
        "may_import": may_import(request, source),
        "rules": rule_rows(revision),
        "reasons": [
            (reason, extras(reason), origin(reason))
            for reason in revision.reasons.select_related("confirmed_by").order_by("code")
        ],
        "precedence": list(revision.precedence.select_related("clinic").order_by("trigger")),
        "history": list(revision.history.select_related("actor").order_by("-at", "-pk")),
        "publications": list(revision.publications.select_related("published_by").order_by("-number")),
    }
    return render(request, "scheduling/mapping_revision.html", context)
