"""Causes that are taken away from the pane itself: a code gets its clinic, failed messages are processed again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.guards import get_visible_or_404
from accounts.models import Clinic
from accounts.services.audit import record_denied, request_id_of
from exceptions.forms.fixes import ClinicOfCodeForm
from exceptions.models import IntegrationException
from exceptions.selectors.fixes import PROCESSING_FAILED, UNKNOWN_CLINIC, failed_of, may_mend
from exceptions.services.move_exception import Order, move_exception
from exceptions.views.pages import pane_response
from exceptions.views.requests import kept_query, person_of
from exceptions.vocabulary import Verb
from scheduling.services.clinic_codes import TakenCodeError, give_code
from scheduling.services.failed_messages import MOST_AT_ONCE, process_again

SUBJECT = "exceptions.integrationexception"
NONE_FAILED = "None of its messages is failed any more. Somebody was faster, or they went through."


@login_required
@require_POST
def name_clinic(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which clinic an unknown code is: its visits are looked at again, and released by themselves."""
    exception = mendable(request, pk, UNKNOWN_CLINIC)
    form = ClinicOfCodeForm(exception, request.POST)
    if not form.is_valid():
        return pane_response(request, exception, error=str(form.errors["clinic"][0]), status=422)
    clinic: Clinic = form.cleaned_data["clinic"]
    try:
        with transaction.atomic():
            visits = give_code(
                clinic, exception.raw, actor=person_of(request), now=timezone.now(), request_id=request_id_of(request)
            )
            note(request, exception, f"The code is {clinic}. {told(visits, 'visit is', 'visits are')} looked at again.")
    except TakenCodeError as error:
        return pane_response(request, exception, error=str(error), status=409)
    messages.success(request, f"{exception.raw} is {clinic}. Its visits are looked at again by themselves.")
    return redirect(f"{exception.get_absolute_url()}{kept_query(request)}")


@login_required
@require_POST
def process_failed(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the exception's failed messages back into the inbox; a second press finds none."""
    exception = mendable(request, pk, PROCESSING_FAILED)
    if exception.feed is None:
        return pane_response(request, exception, error=NONE_FAILED, status=409)
    failed = list(failed_of(exception).order_by("message_id").values_list("message_id", flat=True)[:MOST_AT_ONCE])
    with transaction.atomic():
        back = process_again(
            exception.feed, failed, actor=person_of(request), now=timezone.now(), request_id=request_id_of(request)
        )
        if back:
            note(request, exception, f"{told(len(back), 'message is', 'messages are')} processed again.")
    if not back:
        return pane_response(request, exception, error=NONE_FAILED, status=409)
    messages.success(request, f"{told(len(back), 'message waits', 'messages wait')} to be processed again.")
    return redirect(f"{exception.get_absolute_url()}{kept_query(request)}")


def mendable(request: HttpRequest, pk: int, check: str) -> IntegrationException:
    """An exception of one kind that the person may mend: else 404, or 403 with a denied audit row."""
    rows = IntegrationException.objects.with_places().filter(check_id=check)
    exception: IntegrationException = get_visible_or_404(rows, request, pk=pk)
    if not may_mend(person_of(request), exception):
        record_denied(request, subject_kind=SUBJECT, subjects=[pk])
        raise PermissionDenied
    return exception


def note(request: HttpRequest, exception: IntegrationException, text: str) -> None:
    """Keep what was done in the exception's history, in the transaction that does it."""
    move_exception(
        exception,
        Verb.COMMENT,
        Order(reason=text),
        actor=person_of(request),
        now=timezone.now(),
        request_id=request_id_of(request),
    )


def told(number: int, one: str, many: str) -> str:
    """Say number and words: "1 visit is", "12 visits are"."""
    return f"{number:,} {one if number == 1 else many}"
