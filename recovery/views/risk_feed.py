"""``POST /scores/<source>/``: a table of scores from whoever predicts. Answers 200 once it is committed, never before.

Scores are no messages of a feed: they change no visit, so they pass neither the inbox nor its ledger (decision 0014).
"""

import structlog
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.models import Source
from accounts.services.audit import record_denied, request_id_of
from recovery.errors import InvalidActError
from recovery.models import RiskSender
from recovery.risk.reading import MOST_BYTES
from recovery.services.import_risk import import_risk
from recovery.services.risk_tokens import SUBJECT
from scheduling.transports.http import RequestRefusedError, bearer_token, check_type, read_body
from scheduling.transports.rates import RateLimiter
from scheduling.transports.tokens import is_token
from scheduling.vocabulary import FeedFormat

log = structlog.get_logger(__name__)

NOT_STORED = "It could not be stored. Send it again."
# Per process: a stranger who guesses tokens is slowed down.
denials_of_addresses = RateLimiter(per_second=0.2, burst=20)


@csrf_exempt  # senders are programs with a token; there is no cookie to misuse
@require_POST
def receive(request: HttpRequest, key: str) -> JsonResponse:
    """Keep every score of the table and answer with their number.

    400 what is no such table, 422 with the lines that are wrong (then nothing is kept), 401, 404, 411, 413, 415, 429,
    and 503 with Retry-After while it cannot be stored.
    """
    try:
        source = _authorised_source(request, key)
        check_type(request, FeedFormat.CSV)
        body = read_body(request, limit=MOST_BYTES)
        taken = import_risk(source, body, actor=None, now=timezone.now(), request_id=request_id_of(request))
    except RequestRefusedError as refusal:
        return JsonResponse({"error": refusal.sentence}, status=refusal.status, headers=refusal.headers)
    except InvalidActError as error:
        return JsonResponse({"error": str(error)}, status=400)
    except (DatabaseError, InterfaceError):
        log.exception("scores without a database", source=key)
        return JsonResponse({"error": NOT_STORED}, status=503, headers={"Retry-After": "5"})
    if taken.errors:
        lines = [{"line": one.line, "column": one.column, "error": one.sentence} for one in taken.errors]
        return JsonResponse({"error": "Nothing was kept. Mend these lines.", "lines": lines}, status=422)
    return JsonResponse({"added": taken.added, "known": taken.known})


def _authorised_source(request: HttpRequest, key: str) -> Source:
    """The source of the address, if the request has its sender's token. Raises RequestRefusedError 404, 401 or 429."""
    sender = RiskSender.objects.select_related("source").filter(source__key=key).first()
    if sender is None:
        raise RequestRefusedError(404, "Nobody may send scores here.")
    if not is_token(sender.token_hash, bearer_token(request)):
        if denials_of_addresses.seconds_to_wait(request.META.get("REMOTE_ADDR", "")):
            raise RequestRefusedError(429, "Too many requests without a valid token.", Retry_After="60")
        record_denied(request, subject_kind=SUBJECT, subjects=[sender.pk], detail={"reason": "token"})
        raise RequestRefusedError(401, "The sender's bearer token is needed.", WWW_Authenticate="Bearer")
    return sender.source
