"""Texts and e-mails to patients: where each stands; in the demonstration also an answer in the patient's place."""

from functools import partial
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.guards import get_visible_or_404, needs_role
from accounts.scope import has_any_role
from accounts.services.audit import audited_list
from config.web.asking import MOST_OF_SPLIT, capped, how_many
from config.web.menus import Split
from config.web.navigation import answers_with_rail
from config.web.paging import keyset_page
from recovery.forms_outreach import ReplyForm
from recovery.models import Outbound, Reply
from recovery.outreach.gateways import LOCAL, chosen_gateways, has_local
from recovery.outreach.reading_posts import ReplyPost
from recovery.selectors.outreach_rows import LABELS, message_rows, message_splits
from recovery.services.apply_reply import apply_reply
from recovery.services.take_reply import take_reply
from recovery.views.queue import WORKERS
from recovery.vocabulary import OutreachChannel


@needs_role(*WORKERS)
@require_GET
def message_list(request: HttpRequest) -> HttpResponse:
    """List messages of the person's clinics by where they stand."""
    return _page(request, request.GET.get("split", ""))


@needs_role(*WORKERS)
@require_POST
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer in a patient's place, the way a gateway would; only where the demonstration's gateway carries messages."""
    message: Outbound = get_visible_or_404(Outbound.objects.select_related("attempt__patient"), request, pk=pk)
    form = ReplyForm(request.POST)
    if not is_local_message(message) or message.attempt.patient.is_restricted:
        raise Http404
    if not form.is_valid():
        return _page(request, "sent", problem="Write what the patient answers, in 160 characters.", status=422)
    post = ReplyPost(uuid4().hex, message.attempt.value, form.cleaned_data["text"], message.key)
    stored = take_reply(post, gateway=LOCAL, now=timezone.now())
    apply_reply(stored.reply_id, now=timezone.now())
    effect = Reply.objects.values_list("effect", flat=True).get(pk=stored.reply_id)
    messages.success(request, f"The reply came in. {effect}".strip())
    return redirect(f"{reverse('outreach:messages')}?split=sent")


def is_local_message(message: Outbound) -> bool:
    """Whether the demonstration's gateway carries this channel."""
    return chosen_gateways().get(OutreachChannel(message.attempt.channel)) == LOCAL


def _page(request: HttpRequest, asked: str, *, problem: str = "", status: int = 200) -> HttpResponse:
    cuts = message_splits(timezone.now())
    split = asked if asked in cuts else ""
    mine = Outbound.objects.visible_to(request.user)
    listed = mine.filter(cuts[split]).select_related("attempt__patient")
    page = keyset_page(listed, order=("-id",), cursor=request.GET.get("after", ""))
    questions = {f"split {name}": how_many(mine.filter(cut), MOST_OF_SPLIT) for name, cut in cuts.items()}
    found = answers_with_rail(request, partial(has_any_role, request.user), questions)
    counts = {name: capped(found[f"split {name}"], MOST_OF_SPLIT) for name in cuts}
    audited_list(
        request,
        subject_kind="recovery.outbound",
        subjects=[row.pk for row in page.rows],
        patients=[row.attempt.patient_id for row in page.rows],
    )
    url = reverse("outreach:messages")
    context = {
        "page": page,
        "rows": message_rows(page.rows, is_local=has_local()),
        "total": counts[split],
        "splits": [
            Split(label, f"{url}?split={name}" if name else url, name == split, counts[name])
            for name, label in LABELS.items()
        ],
        "split": split,
        "is_off": not chosen_gateways(),
        "is_local": has_local(),
        "problem": problem,
    }
    return render(request, "recovery/messages.html", context, status=status)
