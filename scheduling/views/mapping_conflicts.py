"""The page of whoever saves second: theirs, mine, what both began with, and nothing typed is lost."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from accounts.models import Source
from scheduling.forms_mapping import DraftForm
from scheduling.mapping.errors import StaleRevisionError
from scheduling.mapping.rows import Value
from scheduling.mapping.vocabulary import RevisionState
from scheduling.models import MappingRevision
from scheduling.selectors.drafts import current_draft, last_seen
from scheduling.selectors.edit_conflict import edit_conflict
from scheduling.views.mapping_guard import person_of

SENT_ANEW = ("csrfmiddlewaretoken", "draft", "version", "seen")


def conflict_response(
    request: HttpRequest, source: Source, form: DraftForm, error: StaleRevisionError, *, back: str
) -> HttpResponse:
    """Answer 409 to a valid ``form`` whose draft has moved on; ``back`` is where "keep theirs" leads."""
    said = form.cleaned_data
    asked = MappingRevision.objects.filter(source=source, number=said["draft"]).first()
    is_open = asked is not None and asked.state == RevisionState.DRAFT
    draft = asked if is_open else current_draft(source, person_of(request))
    context: dict[str, Any] = {
        "source": source,
        "zone": source.zone,
        "error": str(error),
        "asked": asked,
        "is_open": is_open,
        "draft": draft,
        "row": form.row,
        "back": back,
        "action": request.get_full_path(),
        "conflict": None,
    }
    version: dict[str, object] = {"draft": "", "version": "", "seen": ""}
    if draft is not None:
        version = {"draft": draft.number, "version": draft.version, "seen": last_seen(draft)}
        # Whoever saw no draft has seen nothing of it; of another draft than the one that was open nothing is known.
        seen = (said["seen"] or 0) if is_open or asked is None else last_seen(draft)
        found = edit_conflict(draft, seen=seen, base=said["base"], mine=form.row)
        context |= {"conflict": found, "both": fields_of(request.POST, version, found.merged) if found.merged else None}
    context["mine"] = fields_of(request.POST, version)
    return render(request, "scheduling/mapping_conflict.html", context, status=409)


def fields_of(
    sent: QueryDict, version: Mapping[str, object], changed: Mapping[str, Value] | None = None
) -> list[tuple[str, object]]:
    """The fields of a form to be sent again: as they were sent, but for the version and what was ``changed``."""
    changed = changed or {}
    kept = [(name, value) for name, values in sent.lists() if name not in SENT_ANEW for value in values]
    fields: list[tuple[str, object]] = [(name, value) for name, value in kept if name not in changed]
    said = [(name, "on" if value is True else value) for name, value in changed.items() if value is not False]
    return [*fields, *((name, "" if value is None else value) for name, value in said), *version.items()]
