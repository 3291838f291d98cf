"""Which draft a person's edits of a mapping go into, and what it changes against what is in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef

from accounts.models import Source
from scheduling.mapping.comparing import compare_rows
from scheduling.mapping.loading import compile_revisions
from scheduling.mapping.rules import RuleSet
from scheduling.mapping.vocabulary import MappingVerb, RevisionState
from scheduling.models import MappingHistory, MappingPublication, MappingRevision
from scheduling.selectors.revision_rows import read_rows


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft as the bar above the list prints it; ``changes`` is None where they were not counted."""

    revision: MappingRevision
    changes: int | None = None


def current_draft(source: Source, user: Any, *, number: int | None = None) -> MappingRevision | None:
    """The open draft of a source that a person's edits go into: the one asked for, else the newest they worked on."""
    if number is not None:
        drafts = MappingRevision.objects.filter(source=source, state=RevisionState.DRAFT)
        return drafts.filter(number=number).select_related("source").first()
    return current_drafts([source], user).get(source.pk)


def current_drafts(sources: Sequence[Source], user: Any) -> dict[int, MappingRevision]:
    """``current_draft`` of each source, by source id; sources without one are left out. One query."""
    drafts = MappingRevision.objects.filter(source__in=sources, state=RevisionState.DRAFT)
    made = MappingHistory.objects.filter(revision=OuterRef("pk"), actor=user).exclude(verb=MappingVerb.PREVIEW)
    mine = drafts.filter(Exists(made))
    return {draft.source_id: draft for draft in mine.select_related("source").order_by("number")}


def others_drafts(source: Source, mine: MappingRevision | None) -> list[MappingRevision]:
    """The other open drafts of a source, the newest first."""
    drafts = MappingRevision.objects.filter(source=source, state=RevisionState.DRAFT).select_related("author")
    return list((drafts.exclude(pk=mine.pk) if mine else drafts).order_by("-number")[:5])


def in_force(source: Source, *, now: datetime) -> MappingPublication | None:
    """The publication that holds for events of now."""
    publications = MappingPublication.objects.filter(source=source, effective_from__lte=now)
    return publications.select_related("revision").order_by("-number").first()


def shown_revision(source: Source, draft: MappingRevision | None, *, now: datetime) -> MappingRevision | None:
    """What a page of edits shows: the person's draft, else what is in force."""
    if draft is not None:
        return draft
    published = in_force(source, now=now)
    return published.revision if published else None


def rules_of(source: Source, revision: MappingRevision | None) -> RuleSet:
    """The rules of a revision as they stand now, none without one; one query."""
    return compile_revisions([revision.pk])[revision.pk] if revision is not None else RuleSet(source.pk)


def draft_line(draft: MappingRevision, base: MappingRevision | None) -> DraftLine:
    """Count what a draft changes against ``base``; six queries."""
    compared = compare_rows(read_rows(base) if base else (), read_rows(draft))
    changes = len(compared.added) + len(compared.removed) + len(compared.changed)
    return DraftLine(draft, changes)


def last_seen(draft: MappingRevision) -> int:
    """The newest entry of a draft's history: what came later, nobody who loads it now has seen."""
    return draft.history.aggregate(last=Max("pk"))["last"] or 0


def edits_since(draft: MappingRevision, seen: int) -> list[MappingHistory]:
    """What was done to a draft after somebody loaded it, the newest first; looking at it is no edit."""
    done = draft.history.filter(pk__gt=seen).exclude(verb=MappingVerb.PREVIEW)
    return list(done.select_related("actor").order_by("-pk")[:20])
