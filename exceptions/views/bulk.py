"""One verb for many exceptions: those that were ticked, or all that match, by their exact number."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.guards import needs_role
from accounts.services.audit import record_denied, request_id_of
from config.web.errors import conflict
from config.web.ids import read_id
from exceptions.errors import InvalidMoveError
from exceptions.filters import ordered
from exceptions.forms.moves import FORMS, MoveForm
from exceptions.models import Act, IntegrationException
from exceptions.selectors.acts import act_words, outcome_lines
from exceptions.services.act_on_many import MOST_AT_ONCE, act
from exceptions.verbs import BULK, MOVERS, SUBMIT, WORDS
from exceptions.views.listing import kept_rows, list_context, swap_context
from exceptions.views.requests import is_swap, kept_query, may_move, person_of
from exceptions.vocabulary import Came, Verb

SUBJECT = "exceptions.integrationexception"
NOT_YOURS = "Your role at its place does not allow this."
ALL = "all"
MOST_LINES = 200
MOST_DIGITS = 9


class ChangedNumberError(Exception):
    """What matches is not what the person saw; the text names both numbers."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The exceptions of one act; ``expected`` is the number that matched where all of them were meant."""

    exceptions: list[IntegrationException]
    expected: int | None = None

    @property
    def ids(self) -> frozenset[int]:
        """Their ids."""
        return frozenset(one.pk for one in self.exceptions)

    @property
    def rows(self) -> list[str]:
        """Each as its box sends it: id and version."""
        return [f"{one.pk}.{one.version}" for one in self.exceptions]


@needs_role(*MOVERS)
@require_POST
def act_on_many(request: HttpRequest, verb: str) -> HttpResponse:
    """Do one thing to many exceptions: asks what is missing first, then tells what came of each.

    422 for nothing ticked, too many, or a form that lacks something; 409 when another number matches than was shown.
    """
    if Verb(verb) not in BULK:
        raise Http404
    try:
        chosen = chosen_by(request)
    except ChangedNumberError as error:
        return refused(request, str(error), 409)
    except ValueError as error:
        return refused(request, str(error), 422)
    is_sent = "sent" in request.POST or verb not in SUBMIT
    form = FORMS[Verb(verb)](chosen.exceptions, request.POST if is_sent else None, is_many=True)
    if not is_sent:
        return form_response(request, Verb(verb), chosen, form)
    if not form.is_valid():
        return form_response(request, Verb(verb), chosen, form, status=422)
    return acted(request, Verb(verb), chosen, form)


def acted(request: HttpRequest, verb: Verb, chosen: Chosen, form: MoveForm) -> HttpResponse:
    """Move those that the person may move, refuse the others, and show what came of it."""
    allowed: list[IntegrationException] = []
    barred: list[IntegrationException] = []
    for one in chosen.exceptions:
        (allowed if may_move(request, one, verb) else barred).append(one)
    if barred:
        record_denied(request, subject_kind=SUBJECT, subjects=[one.pk for one in barred])
    if not allowed:
        raise PermissionDenied
    now = timezone.now()
    try:
        done = act(allowed, verb, form.order(now), actor=person_of(request), now=now, request_id=request_id_of(request))
    except InvalidMoveError as error:
        form.add_error(None, str(error))
        return form_response(request, verb, chosen, form, status=422)
    if barred:
        done.asked += len(barred)
        done.outcomes += [[one.pk, Came.REFUSED, NOT_YOURS, one.version, {}] for one in barred]
        done.save()
    if is_swap(request):
        return act_response(request, done, ticked=chosen.ids)
    return redirect(f"{reverse('exceptions:act', args=[done.pk])}{kept_query(request)}")


def chosen_by(request: HttpRequest) -> Chosen:
    """Read which exceptions are meant.

    Raises:
        Http404: one of them is not there, or not for this person; the refusal is recorded.
        ChangedNumberError: all that match were meant, and it is another number now.
        ValueError: none is ticked, or more than may be moved at once; the text is fit for the screen.
    """
    if request.POST.get("scope") == ALL:
        return all_that_match(request)
    asked = dict(read_row(text) for text in request.POST.getlist("row"))
    if not asked:
        raise ValueError("Tick at least one exception first.")
    if len(asked) > MOST_AT_ONCE:
        raise ValueError(f"At most {MOST_AT_ONCE} at once. Tick fewer.")
    visible = IntegrationException.objects.visible_to(request.user).with_places().in_bulk(list(asked))
    if missing := asked.keys() - visible.keys():
        hidden = IntegrationException.objects.filter(pk__in=missing).values_list("pk", flat=True)
        if hidden:
            record_denied(request, subject_kind=SUBJECT, subjects=sorted(hidden))
        raise Http404
    for pk, version in asked.items():
        # As the person saw it: what somebody moved since is refused.
        visible[pk].version = version
    return Chosen([visible[pk] for pk in asked])


def all_that_match(request: HttpRequest) -> Chosen:
    """The first ``MOST_AT_ONCE`` of what the address asks for, in its order, if it is the number that was shown."""
    expected = request.POST.get("expected", "")
    if not expected.isdecimal() or len(expected) > MOST_DIGITS:
        raise ValueError("This list has no number. Tick the exceptions instead.")
    rows = kept_rows(request, timezone.now())
    found = rows.count()
    if found != int(expected):
        raise ChangedNumberError(
            f"{int(expected):,} matched when you looked, {found:,} match now. Nothing was done. Look again."
        )
    if not found:
        raise ValueError("Nothing matches.")
    listed, order = ordered(rows.with_places(), request.GET.get("sort", ""))
    return Chosen(list(listed.order_by(*order)[:MOST_AT_ONCE]), found)


def read_row(text: str) -> tuple[int, int]:
    """Read what a ticked box sends, id and version; raises ValueError."""
    pk, _, version = text.partition(".")
    if not (read_id(pk) and read_id(version)):
        raise ValueError("This form cannot be read. Load the page again.")
    return read_id(pk), read_id(version)


def form_response(
    request: HttpRequest, verb: Verb, chosen: Chosen, form: MoveForm, *, status: int = 200
) -> HttpResponse:
    """Ask for what a verb needs, naming how many it will be done to."""
    kinds: dict[str, int] = {}
    for one in chosen.exceptions:
        kinds[one.kind.title] = kinds.get(one.kind.title, 0) + 1
    context = {
        "many_form": form,
        "many_verb": verb,
        "many_label": WORDS[verb][0].rstrip("…"),
        "many_submit": SUBMIT[verb],
        "chosen": chosen,
        "kinds": sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0])),
        "most_at_once": MOST_AT_ONCE,
        "query": kept_query(request),
        "shown": request.POST.get("shown", ""),
    }
    if is_swap(request):
        return render(request, "exceptions/_many_form.html", context, status=status)
    return render(request, "exceptions/list.html", list_context(request, ticked=chosen.ids) | context, status=status)


def refused(request: HttpRequest, text: str, status: int) -> HttpResponse:
    """Say in the pane, or on a page, why nothing was done."""
    if is_swap(request):
        context = swap_context(request, (), current=None) | {"text": text}
        return render(request, "exceptions/_swap_refused.html", context, status=status)
    if status == 409:
        return conflict(request, text)
    return render(request, "exceptions/list.html", list_context(request) | {"refusal": text}, status=status)


def act_response(
    request: HttpRequest, done: Act, *, ticked: frozenset[int] = frozenset(), error: str = "", status: int = 200
) -> HttpResponse:
    """Show what came of an act: beside the list, or to htmx the pane with the rows of the page that it changed."""
    lines = outcome_lines(done, request.user)
    context = {
        "act": done,
        "act_text": act_words(done.verb, done.asked, done.done),
        "lines": lines[:MOST_LINES],
        "left_out": len(lines[MOST_LINES:]),
        "error": error,
        "query": kept_query(request),
    }
    if not is_swap(request):
        return render(request, "exceptions/list.html", list_context(request) | context, status=status)
    changed = rows_shown(request, [line.exception for line in lines])
    context |= swap_context(request, changed, current=None, ticked=ticked)
    return render(request, "exceptions/_swap_act.html", context, status=status)


def rows_shown(request: HttpRequest, exceptions: Sequence[IntegrationException]) -> list[IntegrationException]:
    """Those that stand on the page from which the request came: only these can be swapped there."""
    shown = set(request.POST.get("shown", "").split(","))
    return [one for one in exceptions if str(one.pk) in shown]


def read_ticked(request: HttpRequest) -> frozenset[int]:
    """The ids whose boxes are ticked on the page from which the request came."""
    return frozenset(read_id(text.partition(".")[0]) for text in request.POST.getlist("row"))
