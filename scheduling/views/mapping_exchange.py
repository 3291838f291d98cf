"""A whole revision as a file: download, and upload into a new draft."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.guards import get_visible_or_404
from accounts.models import Source
from accounts.scope import has_role
from accounts.services.audit import audited_read, record_denied
from accounts.vocabulary import AuditAction, Role
from scheduling.forms import ImportForm
from scheduling.mapping.errors import ImportRefusedError
from scheduling.mapping.exchange import decode, write_revision
from scheduling.models import MappingRevision
from scheduling.selectors.drafts import current_draft, draft_line, in_force
from scheduling.selectors.revision_rows import read_rows
from scheduling.services.mapping import import_revision
from scheduling.services.mapping.imports import count_rows

KIND = "scheduling.mappingrevision"
IMPORTERS = (Role.MAPPING, Role.INTEGRATION)


@login_required
@require_GET
def mapping_export(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Send one revision as CSV."""
    source: Source = get_visible_or_404(Source.objects.all(), request, key=key)
    revision = get_object_or_404(MappingRevision, source=source, number=number)
    rows = read_rows(revision)
    audited_read(
        request, subject_kind=KIND, subject=revision.pk, action=AuditAction.EXPORTED, detail=dict(count_rows(rows))
    )
    response = HttpResponse(write_revision(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="mapping-{source.key}-r{revision.number}.csv"'
    response["Cache-Control"] = "no-store"
    return response


@login_required
@require_http_methods(["GET", "POST"])
def mapping_import(request: HttpRequest, key: str) -> HttpResponse:
    """Take a file into a new draft of the source, or say what is wrong with it, line by line."""
    source: Source = get_visible_or_404(Source.objects.all(), request, key=key)
    if not may_import(request, source):
        record_denied(request, subject_kind="accounts.source", subjects=[source.pk])
        raise PermissionDenied
    if request.method == "GET":
        published = in_force(source, now=timezone.now())
        base = {"based_on": published.revision_id if published else None}
        return import_page(request, source, ImportForm(source=source, initial=base))
    form = ImportForm(request.POST, request.FILES, source=source)
    if not form.is_valid():
        return import_page(request, source, form, status=422)
    mine = current_draft(source, request.user)
    try:
        draft = take_in(request, source, form)
    except ImportRefusedError as error:
        return import_page(request, source, form, refused=error, status=422)
    stays = f" Draft {mine.number} of yours stays open." if mine else ""
    messages.success(request, f"Draft {draft.number} holds your file. Look at it before you ask for approval.{stays}")
    if draft.based_on is not None:
        compare = reverse("scheduling:mapping_compare", args=[source.key])
        return redirect(f"{compare}?a={draft.based_on.number}&b={draft.number}")
    return redirect("scheduling:mapping_revision", source.key, draft.number)


def may_import(request: HttpRequest, source: Source) -> bool:
    """Whether the person may open drafts of a source."""
    return has_role(request.user, *IMPORTERS, source=source)


@transaction.atomic
def take_in(request: HttpRequest, source: Source, form: ImportForm) -> MappingRevision:
    """Import the file of a valid form, with its audit row. Raises ImportRefusedError."""
    said = form.cleaned_data
    draft = import_revision(
        source,
        decode(said["file"].read()),
        title=said["title"],
        actor=request.user,  # type: ignore[arg-type]  # signed in: the view is guarded
        now=timezone.now(),
        based_on=said["based_on"],
    )
    audited_read(request, subject_kind=KIND, subject=draft.pk, action=AuditAction.CHANGED, detail={"verb": "import"})
    return draft


def import_page(
    request: HttpRequest,
    source: Source,
    form: ImportForm,
    *,
    refused: ImportRefusedError | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the form, with the problems of a refused file and the draft that edits go into until then."""
    mine, published = current_draft(source, request.user), in_force(source, now=timezone.now())
    context = {
        "source": source, "zone": source.zone, "form": form, "refused": refused,
        "mine": draft_line(mine, published.revision if published else None) if mine else None,
    }  # fmt: skip
    return render(request, "scheduling/mapping_import.html", context, status=status)
