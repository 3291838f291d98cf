"""For auditors and administrators: the trail, and who may do what where."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.filters import AuditFilter
from accounts.guards import get_visible_or_404, needs_role
from accounts.models import AuditEntry, DeskSession, User
from accounts.querysets import PersonQuerySet
from accounts.scope import has_role
from accounts.selectors import AuditRow, audit_export_rows, people_rows, person_card
from accounts.services.audit import audited_list, audited_read
from accounts.services.sessions import end_sessions_of
from accounts.vocabulary import OVERSEERS, AuditAction, Role
from config.web.exports import csv_response
from config.web.links import with_query
from config.web.paging import bounded_count, keyset_page
from config.web.partials import render_page


@needs_role(*OVERSEERS)
@require_GET
def audit_trail(request: HttpRequest) -> HttpResponse:
    """List audit rows, newest first; ``entry`` in the query opens one beside the list."""
    visible = AuditEntry.objects.visible_to(request.user).select_related("actor", "clinic__source")
    filters = AuditFilter(request.GET, queryset=visible)
    page = keyset_page(filters.qs, order=("-at", "-id"), cursor=request.GET.get("after", ""))
    asked = request.GET.get("entry", "")
    rows = [AuditRow(entry, f"?{query_of(request, entry.pk)}", str(entry.pk) == asked) for entry in page.rows]
    context = {
        "filters": filters,
        "page": page,
        "rows": rows,
        "total": bounded_count(filters.qs),
        "splits": filters.splits(request),
        "chosen": next((row for row in rows if row.is_current), None),
        "menus": filters.menus(request),
        "export_url": f"export/{with_query(request, entry=None)}",
    }
    audited_list(request, subject_kind="accounts.auditentry", subjects=[entry.pk for entry in page.rows])
    return render_page(request, "accounts/audit.html", "accounts/_audit_list.html", context)


@needs_role(*OVERSEERS)
@require_GET
def audit_export(request: HttpRequest) -> StreamingHttpResponse:
    """Send exactly the filtered rows as CSV; the export is itself in the trail."""
    filters = AuditFilter(request.GET, queryset=AuditEntry.objects.visible_to(request.user))
    asked = {name: value for name, value in request.GET.items() if name in filters.filters}
    audited_read(
        request,
        subject_kind="accounts.auditentry",
        subject="export",
        action=AuditAction.EXPORTED,
        detail={"filter": asked, "rows": str(bounded_count(filters.qs))},
    )
    header, rows = audit_export_rows(filters.qs)
    return csv_response(f"audit-{timezone.now():%Y%m%d-%H%M}", header, rows)


def query_of(request: HttpRequest, entry: int) -> str:
    """The address of the same page of the list with one row open."""
    query = request.GET.copy()
    query["entry"] = str(entry)
    return query.urlencode()


@needs_role(*OVERSEERS)
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """List people with their roles and scope; ``person`` in the query opens one beside the list."""
    card = None
    if asked := request.GET.get("person", ""):
        pk = int(asked) if asked.isdecimal() else 0
        card = person_card(get_visible_or_404(PersonQuerySet(User), request, pk=pk), viewer=request.user)
        audited_read(request, subject_kind="accounts.user", subject=card.person.pk)
    context = {"rows": people_rows(request), "card": card, "may_end": has_role(request.user, Role.ADMIN)}
    return render(request, "accounts/people.html", context)


@needs_role(Role.ADMIN)
@require_POST
def end_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign another person out everywhere (ASVS 7.4.5)."""
    person: User = get_visible_or_404(PersonQuerySet(User), request, pk=pk)
    ended = end_sessions_of(DeskSession.objects.filter(user=person), actor=request.user, request=request)
    messages.success(request, f"{person} is signed out of {ended} {'browser' if ended == 1 else 'browsers'}.")
    return redirect(f"{reverse('people')}?person={person.pk}")
