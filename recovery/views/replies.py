"""Replies that need a person: read, say what was meant, next."""

from functools import partial
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.guards import get_visible_or_404, needs_role
from accounts.models import User
from accounts.scope import has_any_role
from accounts.services.audit import audited_list, request_id_of
from config.web.asking import MOST_OF_SPLIT, capped, how_many
from config.web.menus import Split
from config.web.navigation import answers_with_rail
from config.web.paging import keyset_page
from recovery.errors import RecoveryError
from recovery.forms_outreach import AnswerForm
from recovery.models import Reply
from recovery.selectors.outreach_rows import reply_rows, reply_splits
from recovery.services.answer_reply import answer_reply
from recovery.views.queue import WORKERS
from recovery.vocabulary import ReplyAnswer

WITH = ("outbound__attempt__patient", "handled_by", "source")
LABELS = {"": "To answer", "done": "Answered"}


@needs_role(*WORKERS)
@require_GET
def reply_list(request: HttpRequest) -> HttpResponse:
    """List replies of the person's clinics: what waits first come first, what was answered newest first."""
    return _page(request, request.GET.get("split", ""))


@needs_role(*WORKERS)
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what a reply meant; 422 without an answer, 409 when somebody was faster."""
    reply: Reply = get_visible_or_404(Reply.objects.all(), request, pk=pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, "", problem="Choose what they meant.", status=422)
    try:
        done = answer_reply(
            reply.pk,
            ReplyAnswer(form.cleaned_data["answer"]),
            actor=cast("User", request.user),
            now=timezone.now(),
            request_id=request_id_of(request),
        )
    except RecoveryError as error:
        return _page(request, "", problem=str(error), status=409)
    messages.success(request, done.effect)
    return redirect("outreach:replies")


def _page(request: HttpRequest, asked: str, *, problem: str = "", status: int = 200) -> HttpResponse:
    now = timezone.now()
    cuts = reply_splits(now)
    split = asked if asked in cuts else ""
    mine = Reply.objects.visible_to(request.user)
    order = ("-handled_at", "-id") if split else ("received_at", "id")
    page = keyset_page(mine.filter(cuts[split]).select_related(*WITH), order=order, cursor=request.GET.get("after", ""))
    questions = {f"split {name}": how_many(mine.filter(cut), MOST_OF_SPLIT) for name, cut in cuts.items()}
    found = answers_with_rail(request, partial(has_any_role, request.user), questions)
    counts = {name: capped(found[f"split {name}"], MOST_OF_SPLIT) for name in cuts}
    rows = reply_rows(page.rows)
    audited_list(
        request,
        subject_kind="recovery.reply",
        subjects=[row.pk for row in rows],
        patients=[row.patient_id for row in rows if row.patient_id is not None],
    )
    url = reverse("outreach:replies")
    context = {
        "page": page,
        "rows": rows,
        "total": counts[split],
        "splits": [
            Split(label, f"{url}?split={name}" if name else url, name == split, counts[name])
            for name, label in LABELS.items()
        ],
        "split": split,
        "answers": ReplyAnswer.choices,
        "problem": problem,
    }
    return render(request, "recovery/replies.html", context, status=status)
