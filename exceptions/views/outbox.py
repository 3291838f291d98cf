"""For administrators: what waits to leave the desk, what did not get there, and another chance for it."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.guards import needs_role
from accounts.scope import has_any_role
from accounts.services.audit import request_id_of
from accounts.vocabulary import Role
from config.web.asking import MOST_OF_SPLIT, capped, how_many
from config.web.ids import read_id
from config.web.menus import Split
from config.web.navigation import answers_with_rail
from config.web.paging import keyset_page
from exceptions.notices.channels import CHANNELS
from exceptions.selectors.notice_rows import outbox_of, outbox_rows, outbox_splits, waiting_since
from exceptions.services.send_again import send_again
from exceptions.views.requests import person_of
from exceptions.vocabulary import Channel

LABELS = {"": "Waiting", "failed": "Given up", "sent": "Sent", "dropped": "Not needed"}


@needs_role(Role.ADMIN)
@require_GET
def outbox(request: HttpRequest) -> HttpResponse:
    """List e-mails and webhooks by where they stand; three queries."""
    now = timezone.now()
    mine, cuts = outbox_of(request.user), outbox_splits(now)
    split = request.GET.get("split", "")
    split = split if split in cuts else ""
    listed = mine.filter(cuts[split]).select_related("person", "endpoint")
    page = keyset_page(listed, order=("-id",), cursor=request.GET.get("after", ""))
    asked = {f"split {name}": how_many(mine.filter(cut), MOST_OF_SPLIT) for name, cut in cuts.items()}
    found = answers_with_rail(request, partial(has_any_role, request.user), asked)
    counts = {name: capped(found[f"split {name}"], MOST_OF_SPLIT) for name in cuts}
    url = reverse("notices:outbox")
    context = {
        "page": page,
        "rows": outbox_rows(page.rows),
        "total": counts[split],
        "failed": counts["failed"],
        "splits": [
            Split(label, f"{url}?split={name}" if name else url, name == split, counts[name])
            for name, label in LABELS.items()
        ],
        "split": split,
        "since": waiting_since(now),
        "has_mail": CHANNELS[Channel.EMAIL].is_set_up(),
    }
    return render(request, "exceptions/outbox.html", context)


@needs_role(Role.ADMIN)
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Send given-up notices again: the one that ``notice`` names, else all of the last days."""
    now = timezone.now()
    chosen = outbox_of(request.user).filter(outbox_splits(now)["failed"])
    if asked := request.POST.get("notice", ""):
        chosen = chosen.filter(pk=read_id(asked))
        if not chosen.exists():
            raise Http404
    number = send_again(chosen, actor=person_of(request), now=now, request_id=request_id_of(request))
    messages.success(request, f"{number:,} {'notice goes' if number == 1 else 'notices go'} out again.")
    return redirect(f"{reverse('notices:outbox')}?split=failed")
