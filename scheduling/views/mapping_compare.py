"""Two revisions of one source side by side."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.guards import get_visible_or_404
from accounts.models import Source
from scheduling.selectors.mapping_compare import choose_revisions, compare_page


@login_required
@require_GET
def mapping_compare(request: HttpRequest, key: str) -> HttpResponse:
    """Compare revision ``a`` with revision ``b``; without numbers the newest with what it was made from."""
    source: Source = get_visible_or_404(Source.objects.all(), request, key=key)
    old_number, new_number = (asked_number(request, name) for name in ("a", "b"))
    revisions, old, new = choose_revisions(source, old_number, new_number)
    if (old_number is not None and old is None) or (new_number is not None and new is None):
        raise Http404
    context = {
        "source": source,
        "zone": source.zone,
        "revisions": revisions,
        "page": compare_page(old, new) if old and new else None,
    }
    return render(request, "scheduling/mapping_compare.html", context)


def asked_number(request: HttpRequest, name: str) -> int | None:
    """The number of an address's parameter, None where it is not given; 404 for what is no number."""
    text = request.GET.get(name, "")
    if not text:
        return None
    if not (text.isdecimal() and len(text) < 10):
        raise Http404
    return int(text)
