"""``POST /intake/<feed>/``: senders that speak HTTP. Answers 202 when everything is committed (I1), never before."""

from concurrent.futures import Future
from functools import lru_cache
from math import ceil
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.services.audit import record_denied
from scheduling.facts import UnreadableMessageError
from scheduling.services.intake import Arrival
from scheduling.transports.errors import IntakeBusyError, IntakeClosedError
from scheduling.transports.feeds import FeedEntry, load_feed
from scheduling.transports.group import GroupCommitter
from scheduling.transports.http import RequestRefusedError, bearer_token, check_type, read_body, too_large
from scheduling.transports.legibility import envelope_fault
from scheduling.transports.rates import RateLimiter
from scheduling.transports.tokens import is_token
from scheduling.vocabulary import Transport

log = structlog.get_logger(__name__)

ROOM_SECONDS = 5.0
STORE_SECONDS = 30.0
IDS_SHOWN = 10_000
# Per process. A catching-up sender that waits for each answer stays far below; a run-away loop does not.
requests_of_feeds = RateLimiter(per_second=500, burst=2000)
denials_of_addresses = RateLimiter(per_second=0.2, burst=20)


@lru_cache(maxsize=1)
def intake_committer() -> GroupCommitter:
    """This process's committer, shared by all its threads."""
    return GroupCommitter()


@csrf_exempt  # senders are programs with a token; there is no cookie to misuse
@require_POST
def receive(request: HttpRequest, key: str) -> JsonResponse:
    """Store a body and answer 202 with its message ids.

    400 what cannot be read (stored all the same, where there is anything to store), 401, 404, 411, 413, 415, 429, and
    503 with Retry-After while it cannot be stored.
    """
    try:
        feed = authorised_feed(request, key)
        check_type(request, feed.format)
        arrival = split_body(feed, read_body(request, limit=feed.max_bytes))
        fault = envelope_fault(arrival.envelope, feed.format)
        store_and_wait(arrival)
    except RequestRefusedError as refusal:
        return JsonResponse({"error": refusal.sentence}, status=refusal.status, headers=refusal.headers)
    except (DatabaseError, InterfaceError):
        log.exception("intake without a database", feed=key)
        return JsonResponse({"error": NOT_STORED}, status=503, headers={"Retry-After": "5"})
    return answer(arrival, fault)


NOT_STORED = "It could not be stored. Send it again."


def authorised_feed(request: HttpRequest, key: str) -> FeedEntry:
    """The feed of the address, if the request has its token. Raises RequestRefusedError 404, 401 or 429."""
    feed = load_feed(key)
    if feed is None:
        raise RequestRefusedError(404, "There is no such feed.")
    if not is_token(feed.token_hash, bearer_token(request)):
        if denials_of_addresses.seconds_to_wait(request.META.get("REMOTE_ADDR", "")):
            raise RequestRefusedError(429, "Too many requests without a valid token.", Retry_After="60")
        record_denied(request, subject_kind="scheduling.feed", subjects=[feed.id], detail={"reason": "token"})
        raise RequestRefusedError(401, "This feed's bearer token is needed.", WWW_Authenticate="Bearer")
    if seconds := requests_of_feeds.seconds_to_wait(feed.key):
        raise RequestRefusedError(429, "Too many requests for this feed.", Retry_After=str(ceil(seconds)))
    return feed


def split_body(feed: FeedEntry, body: bytes) -> Arrival:
    """The body as messages. Raises RequestRefusedError 400 or 413."""
    try:
        return feed.arrive(body, transport=Transport.HTTP, now=timezone.now())
    except UnreadableMessageError as error:
        if error.reason == "too_large":
            raise too_large(feed.max_bytes) from error
        raise RequestRefusedError(400, error.sentence) from error


def store_and_wait(arrival: Arrival) -> None:
    """Return when the arrival is committed. Raises RequestRefusedError 503, with what it was in the log."""
    try:
        stored: Future[Arrival] = intake_committer().submit(arrival, wait=ROOM_SECONDS)
        stored.result(STORE_SECONDS)
    except (IntakeBusyError, IntakeClosedError) as error:
        raise RequestRefusedError(503, str(error), Retry_After="1") from error
    except Exception as error:
        log.exception("body could not be stored")
        raise RequestRefusedError(503, NOT_STORED, Retry_After="5") from error


def answer(arrival: Arrival, fault: str) -> JsonResponse:
    """Say what was stored; the first 10,000 ids are named."""
    ids = arrival.message_ids
    said: dict[str, Any] = {"received": len(ids), "message_ids": ids[:IDS_SHOWN]}
    return JsonResponse({"error": fault, **said} if fault else said, status=400 if fault else 202)
