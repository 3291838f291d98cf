"""Results: the numbers of a period, one of them with its definition beside them, and the same as a file."""

from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.guards import needs_role
from accounts.scope import has_any_role
from accounts.services.audit import audited_read
from accounts.vocabulary import AuditAction
from config.web.exports import Sheet, sheets_as_csv, xlsx_response
from config.web.links import with_query
from recovery.filters_results import READERS, ResultsFilter
from recovery.metrics.periods import PeriodError
from recovery.navigation import WORKERS
from recovery.selectors.results import read_results
from recovery.selectors.results_page import figure_groups, figure_pane, sheets_of

SUBJECT = "recovery.results"
Writer = Callable[[str, Sequence[Sheet]], HttpResponseBase]


@needs_role(*READERS)
@require_GET
def results(request: HttpRequest) -> HttpResponse:
    """Show every figure of the filtered view; ``figure`` in the query opens one. 422 where the days make no period."""
    filters = ResultsFilter(request, timezone.now())
    context = {
        "menus": filters.menus(request), "now": filters.now, "error": "", "groups": [],
        "pane": None, "may_open": has_any_role(request.user, WORKERS), "query": with_query(request, figure=None),
        "scope": None,
    }  # fmt: skip
    try:
        scope = filters.scope()
    except PeriodError as error:
        return render(request, "recovery/results.html", context | {"error": str(error)}, status=422)
    if scope.places:
        found = read_results(scope)
        groups = figure_groups(request, found)
        context |= {"groups": groups, "pane": figure_pane(groups, found)}
    return render(request, "recovery/results.html", context | {"scope": scope})


@needs_role(*READERS)
@require_GET
def results_csv(request: HttpRequest) -> HttpResponseBase:
    """Send exactly the filtered view as CSV; the export is itself in the trail."""
    return _exported(request, sheets_as_csv, "csv")


@needs_role(*READERS)
@require_GET
def results_xlsx(request: HttpRequest) -> HttpResponseBase:
    """Send exactly the filtered view as a workbook; the export is itself in the trail."""
    return _exported(request, xlsx_response, "xlsx")


def _exported(request: HttpRequest, write: Writer, kind: str) -> HttpResponseBase:
    filters = ResultsFilter(request, timezone.now())
    try:
        scope = filters.scope()
    except PeriodError as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    found = read_results(scope)
    sheets = sheets_of(found, filters.words(scope))
    asked = {name: value for name, value in request.GET.items() if name in filters.filters}
    rows = {sheet.name: len(sheet.rows) for sheet in sheets}
    audited_read(
        request, subject_kind=SUBJECT, subject="export", action=AuditAction.EXPORTED,
        detail={"as": kind, "filter": asked, "rows": rows},
    )  # fmt: skip
    return write(f"results-{scope.period.first:%Y%m%d}-{scope.period.last:%Y%m%d}", sheets)
