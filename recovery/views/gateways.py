"""What gateways post: how messages fared, what people wrote back. Signed; 200 once it is committed (I1)."""

from collections.abc import Callable
from typing import TypeVar

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.services.audit import record_denied
from config.web.signed_post import SIGNATURE_HEADER, TIMESTAMP_HEADER, is_signed
from recovery.outreach.gateways import GATEWAYS, LOCAL
from recovery.outreach.reading_posts import MOST_BYTES, UnreadablePostError, read_reply, read_statuses
from recovery.services.apply_reply import apply_reply
from recovery.services.take_reply import take_reply
from recovery.services.take_statuses import take_statuses
from scheduling.transports.http import RequestRefusedError, read_body
from scheduling.transports.rates import RateLimiter

log = structlog.get_logger(__name__)
Read = TypeVar("Read")

# Per process: a stranger who guesses signatures is slowed down.
denials_of_addresses = RateLimiter(per_second=0.2, burst=20)
NOT_STORED = "It could not be stored. Send it again."


@csrf_exempt  # gateways are programs with a secret; there is no cookie to misuse
@require_POST
def statuses(request: HttpRequest, gateway: str) -> JsonResponse:
    """Take how messages fared. 400 what cannot be read, 401, 404, 411, 413, 429, 503 while it cannot be stored."""

    def take(body: bytes) -> JsonResponse:
        taken = take_statuses(_read(read_statuses, body), now=timezone.now())
        return JsonResponse({"known": taken.known, "unknown": taken.unknown})

    return _answered(request, gateway, take)


@csrf_exempt
@require_POST
def replies(request: HttpRequest, gateway: str) -> JsonResponse:
    """Take one reply; refused as ``statuses`` refuses. What follows from it is done at once where that is possible."""

    def take(body: bytes) -> JsonResponse:
        stored = take_reply(_read(read_reply, body), gateway=gateway, now=timezone.now())
        _apply(stored.reply_id)
        return JsonResponse({"taken": stored.is_new})

    return _answered(request, gateway, take)


def _answered(request: HttpRequest, gateway: str, take: Callable[[bytes], JsonResponse]) -> JsonResponse:
    try:
        return take(_signed_body(request, gateway))
    except RequestRefusedError as refusal:
        return JsonResponse({"error": refusal.sentence}, status=refusal.status, headers=refusal.headers)
    except (DatabaseError, InterfaceError):
        log.exception("gateway post without a database", gateway=gateway)
        return JsonResponse({"error": NOT_STORED}, status=503, headers={"Retry-After": "5"})


def _signed_body(request: HttpRequest, gateway: str) -> bytes:
    """The body, if the gateway signed it. Raises RequestRefusedError."""
    if gateway not in GATEWAYS or gateway == LOCAL or not settings.OUTREACH_SECRET:
        raise RequestRefusedError(404, "There is no such gateway.")
    body = read_body(request, limit=MOST_BYTES)
    timestamp, signature = request.headers.get(TIMESTAMP_HEADER, ""), request.headers.get(SIGNATURE_HEADER, "")
    if not is_signed(settings.OUTREACH_SECRET, timestamp, signature, body, now=timezone.now()):
        if denials_of_addresses.seconds_to_wait(request.META.get("REMOTE_ADDR", "")):
            raise RequestRefusedError(429, "Too many posts without a valid signature.", Retry_After="60")
        record_denied(request, subject_kind="recovery.outbound", detail={"reason": "signature"})
        raise RequestRefusedError(401, "The post must be signed with this gateway's secret.")
    return body


def _read(reader: Callable[[bytes], Read], body: bytes) -> Read:
    try:
        return reader(body)
    except UnreadablePostError as error:
        raise RequestRefusedError(400, str(error)) from error


def _apply(reply_id: int) -> None:
    """The reply is stored and acknowledged whatever happens here; a sweep takes up what was left."""
    try:
        apply_reply(reply_id, now=timezone.now())
    except Exception:
        log.exception("reply not applied", reply=reply_id)
