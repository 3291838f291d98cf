"""Who may do what to a source's mapping: makers edit and submit, deciders approve and publish, the others read."""

from collections.abc import Mapping
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts.guards import get_visible_or_404
from accounts.models import Source, User
from accounts.scope import has_role
from accounts.services.audit import record, record_denied, request_id_of
from accounts.vocabulary import AuditAction, Role
from scheduling.models import MappingRevision
from scheduling.selectors.drafts import current_draft

KIND = "scheduling.mappingrevision"
MAKERS = (Role.MAPPING, Role.INTEGRATION)
DECIDERS = (Role.MAPPING,)


def person_of(request: HttpRequest) -> User:
    """The signed-in person; every view here asks for one."""
    return cast("User", request.user)


def source_of(request: HttpRequest, key: str) -> Source:
    """A source in the person's scope, or 404."""
    source: Source = get_visible_or_404(Source.objects.all(), request, key=key)
    return source


def revision_of(request: HttpRequest, key: str, number: int) -> MappingRevision:
    """A revision of a source in the person's scope, or 404."""
    revisions = MappingRevision.objects.select_related("source", "author", "approved_by", "based_on")
    return get_object_or_404(revisions, source=source_of(request, key), number=number)


def may_make(user: Any, source: Source) -> bool:
    """Whether the person may begin and edit drafts of a source and ask for approval."""
    return has_role(user, *MAKERS, source=source)


def may_decide(user: Any, source: Source) -> bool:
    """Whether the person may approve others' revisions of a source and publish."""
    return has_role(user, *DECIDERS, source=source)


def refuse_unless(allowed: bool, request: HttpRequest, source: Source, verb: str) -> None:  # noqa: FBT001 - the condition
    """403 with a denied audit row unless ``allowed``."""
    if not allowed:
        record_denied(request, subject_kind="accounts.source", subjects=[source.pk], detail={"verb": verb})
        raise PermissionDenied


def note_change(
    request: HttpRequest, revision: MappingRevision, verb: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Write the audit row of a verb, in the verb's own transaction."""
    record(
        AuditAction.CHANGED,
        actor=request.user,
        subject_kind=KIND,
        subjects=[revision.pk],
        detail={"verb": verb, "number": revision.number, **(detail or {})},
        now=timezone.now(),
        request_id=request_id_of(request),
    )


def tell_kept(request: HttpRequest, draft: MappingRevision) -> None:
    """Say into which draft an edit went, on the page that comes next."""
    messages.success(request, f"Kept in draft {draft.number}. Nothing changes before it is approved and published.")


def preview_of(revision: MappingRevision) -> str:
    """The address of its preview, which a floor above serves; "" where none does."""
    address = f"/mappings/{revision.source.key}/r{revision.number}/preview/"
    try:
        resolve(address)
    except Resolver404:
        return ""
    return address


def number_in(request: HttpRequest, name: str) -> int | None:
    """A number of the address, None where there is none."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def draft_for(request: HttpRequest, source: Source) -> MappingRevision | None:
    """The draft that the person's edits go into: the one that the address or the form names, else their own."""
    if not may_make(request.user, source):
        return None
    sent = request.POST.get("draft", "")
    number = number_in(request, "draft") or (int(sent) if sent.isdecimal() and len(sent) < 10 else None)
    named = current_draft(source, person_of(request), number=number) if number else None
    return named or current_draft(source, person_of(request))
