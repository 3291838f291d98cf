"""The message lab: a pasted, uploaded or stored message through every stage, and nothing stored."""

from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.guards import get_visible_or_404
from accounts.scope import has_role
from accounts.services.audit import audited_read, record_denied
from accounts.zones import zone_of
from config.web.errors import error_page
from scheduling.lab.bodies import MOST_BYTES, MOST_TEXT, bytes_of, text_of
from scheduling.lab.comparing import differences
from scheduling.lab.examples import example
from scheduling.lab.forms import LabForm, MemoryOnlyUpload
from scheduling.lab.own_stages import TO_COME
from scheduling.lab.running import Request, read_only, run_lab
from scheduling.lab.stages import stages_to_come
from scheduling.models import Feed, MappingRevision, Message
from scheduling.selectors.lab_page import LAB_ROLES, LabPage, lab_feeds, lab_page, lab_revisions
from scheduling.selectors.mapping_pages import visible_sources
from scheduling.views.mapping_compare import asked_number
from scheduling.views.messages import KIND, open_message
from scheduling.vocabulary import FeedFormat

KEYS = [
    {"key": "p", "label": "Go to the message to paste it"},
    {"key": "n", "label": "Run the message"},
    {"key": "Ctrl Enter", "label": "Run it while typing"},
    {"key": "[", "label": "Stage before"},
    {"key": "]", "label": "Next stage"},
]
TOO_LARGE = f"The file is larger than {MOST_BYTES // 1024 // 1024} MB, which is more than intake takes."
TOO_LONG = "That is too long to be pasted. Put it in a file and choose the file."
CHANGED, IN_FORCE = "the message before your change", "what is in force"
IN_FORCE_BEFORE = f"{CHANGED}, by {IN_FORCE}"
NOTHING = "Paste a message, choose a file or load an example."


@dataclass(slots=True)
class Chosen:
    """What a page of the lab shows around its stages."""

    feed: Feed | None = None
    revision: MappingRevision | None = None
    stored: Message | None = None
    form: LabForm = field(default_factory=LabForm)
    error: str = ""
    note: str = ""
    page: LabPage | None = None
    is_example: bool = False


@csrf_exempt  # checked by ``_pasted``: the upload handler must be in place before the body is read
@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def message_lab(request: HttpRequest) -> HttpResponse:
    """Show the lab, run a stored message (``?message=``), or by POST run what was pasted or uploaded."""
    if request.method == "POST":
        if "message" in request.GET:  # a stored message is opened, never brought
            return HttpResponseNotAllowed(["GET", "HEAD"])
        request.upload_handlers = [MemoryOnlyUpload(request)]
        try:
            request.POST  # noqa: B018 - read here, where a body that is too long can still be answered with a sentence
        except RequestDataTooBig:
            return error_page(request, 400, text=TOO_LONG)
        answer: HttpResponse = _pasted(request)
        return answer
    stored = asked_number(request, "message")
    return _stored(request, stored) if stored is not None else _empty(request)


def _empty(request: HttpRequest) -> HttpResponse:
    """The lab before anything is run."""
    _needs_lab_role(request)
    key = request.GET.get("feed", "")
    feed = _feed(request, key) if key else lab_feeds(request.user).first()
    chosen = Chosen(feed)
    _choose_revision(request, chosen, request.GET.get("revision", ""))
    return _response(request, chosen)


def _stored(request: HttpRequest, pk: int) -> HttpResponse:
    """A stored message as the message page allows it; who sees the page may see what the message did."""
    message, fate = open_message(request, pk)
    audited_read(request, subject_kind=KIND, subject=message.pk, patients=fate.patients, detail={"page": "lab"})
    chosen = Chosen(message.feed, stored=message)
    _choose_revision(request, chosen, request.GET.get("revision", ""))
    chosen.page = _run(request, chosen, bytes(message.body), chosen.revision)
    if chosen.revision:
        chosen.page = _beside(request, chosen, bytes(message.body), IN_FORCE)
    return _response(request, chosen)


@csrf_protect
def _pasted(request: HttpRequest) -> HttpResponse:
    """A message that somebody brings: read, shown and forgotten."""
    _needs_lab_role(request)
    feed = _feed(request, request.POST.get("feed", ""))
    chosen = Chosen(feed, form=LabForm(request.POST, request.FILES))
    _choose_revision(request, chosen, request.POST.get("revision", ""))
    if request.POST.get("verb") == "example":
        text = example(FeedFormat(feed.format), timezone.now())
        chosen.form, chosen.is_example = LabForm(initial={"text": text}), True
        return _response(request, chosen)
    data = _given(request, chosen)
    if data is None:
        return _response(request, chosen, status=422)
    chosen.page = _run(request, chosen, data, chosen.revision)
    first = chosen.form.initial["before"]
    if first and first != chosen.form.initial["text"]:
        beside = IN_FORCE_BEFORE if chosen.revision else CHANGED
        chosen.page = _beside(request, chosen, bytes_of(first, FeedFormat(feed.format)), beside)
    elif chosen.revision:
        chosen.page = _beside(request, chosen, data, IN_FORCE)
    return _response(request, chosen)


def _given(request: HttpRequest, chosen: Chosen) -> bytes | None:
    """The bytes to run, and the form as it is shown again; None with the error's sentence."""
    handler = request.upload_handlers[0]
    form = chosen.form
    if isinstance(handler, MemoryOnlyUpload) and handler.is_too_large:
        chosen.error = TOO_LARGE
    if not form.is_valid() or chosen.error or chosen.feed is None:
        chosen.error = chosen.error or next((str(errors[0]) for errors in form.errors.values()), NOTHING)
        return None
    text, file = form.data_of()
    data = file if file is not None else bytes_of(text, FeedFormat(chosen.feed.format))
    if not data.strip():
        chosen.error = NOTHING
        return None
    shown = text_of(data) if file is not None else text
    first = form.cleaned_data["before"] if file is None and request.POST.get("verb") != "start" else ""
    # A text that is too long to be sent twice stands beside nothing.
    chosen.form = LabForm(initial={"text": shown, "before": (first or shown) if len(shown) <= MOST_TEXT else ""})
    return data


def _beside(request: HttpRequest, chosen: Chosen, data: bytes, beside: str) -> LabPage:
    """The page of the run that was made, beside another by what is in force."""
    assert chosen.page is not None  # noqa: S101 - both callers have run it
    other = _run(request, chosen, data, None)
    return replace(chosen.page, beside=beside, was=differences(other.stages, chosen.page.stages))


def _run(request: HttpRequest, chosen: Chosen, data: bytes, revision: MappingRevision | None) -> LabPage:
    """Every stage, in one transaction in which nothing can be written; without a revision by what is in force."""
    assert chosen.feed is not None  # noqa: S101 - both callers have one
    now = timezone.now()
    number = request.POST.get("number", "")
    asked = Request(
        chosen.feed,
        data,
        request.user,
        now,
        chosen.stored.received_at if chosen.stored else now,
        int(number) if number.isdecimal() and len(number) < 8 else 1,
        chosen.stored,
        revision,
    )
    with read_only() as cursor:
        return lab_page(request, run_lab(cursor, asked))


def _needs_lab_role(request: HttpRequest) -> None:
    if not has_role(request.user, *LAB_ROLES):
        record_denied(request, subject_kind="page", detail={"needs": sorted(LAB_ROLES)})
        raise PermissionDenied


def _feed(request: HttpRequest, key: str) -> Feed:
    """The feed to read as: 404 for one out of sight, 403 where the person has another role."""
    feed: Feed = get_visible_or_404(Feed.objects.select_related("source"), request, key=key)
    if not lab_feeds(request.user).filter(pk=feed.pk).exists():
        record_denied(request, subject_kind="scheduling.feed", subjects=[feed.pk], detail={"needs": sorted(LAB_ROLES)})
        raise PermissionDenied
    return feed


def _choose_revision(request: HttpRequest, chosen: Chosen, pk: str) -> None:
    """Choose a revision by its id, none for what is in force; 404 for one out of sight.

    One of another source is left aside with a note: the feed was changed after it was chosen.
    """
    if not pk or chosen.feed is None:
        return
    in_sight = MappingRevision.objects.select_related("source").filter(source__in=visible_sources(request.user))
    found = in_sight.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 16 else None
    if found is None:
        raise Http404
    if found.source_id == chosen.feed.source_id:
        chosen.revision = found
    else:
        chosen.note = f"Revision {found.number} is of {found.source}, so what is in force was used."


def _response(request: HttpRequest, chosen: Chosen, *, status: int = 200) -> HttpResponse:
    """Render the page; no browser and no proxy keeps it."""
    may_bring = has_role(request.user, *LAB_ROLES)
    feeds = list(lab_feeds(request.user)) if may_bring and chosen.stored is None else []
    context: dict[str, Any] = {
        "chosen": chosen,
        "page": chosen.page,
        "form": chosen.form,
        "feeds": feeds,
        "revisions": lab_revisions([chosen.feed.source_id]) if chosen.feed else [],
        "to_come": [*TO_COME, *stages_to_come()],
        "may_bring": may_bring,
        "zone": chosen.page.zone if chosen.page else zone_of(request.user),
        "page_keys": KEYS,
    }
    response = render(request, "scheduling/lab.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
