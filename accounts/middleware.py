"""What happens around every page: request id, denials, session time-outs, caching."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import structlog
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone

from accounts.services.audit import record, request_id_of, writing_denials
from accounts.vocabulary import AuditAction
from config.web import live

GetResponse = Callable[[HttpRequest], HttpResponse]
# How often the time of last use is written down; the idle limit is exact to this.
TOUCH_SECONDS = 30


class RequestIdMiddleware:
    """Gives a request an id of ours, binds it to its log lines and sends it back."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with X-Request-ID; an id sent by the client is not trusted."""
        request.request_id = str(uuid4())  # type: ignore[attr-defined]  # read back by request_id_of
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id_of(request))
        response = self.get_response(request)
        response["X-Request-ID"] = request_id_of(request)
        return response


class DenialMiddleware:
    """Writes the refusals of a request after its own transactions are over (I11)."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer once every refusal is in the trail."""
        with writing_denials():
            return self.get_response(request)


class SessionLimitsMiddleware:
    """Ends sessions that were idle or open for too long (ASVS 7.3.1, 7.3.2)."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Sign an expired session out, note a live one's use, and keep pages of people out of caches."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        structlog.contextvars.bind_contextvars(user_id=request.user.pk)
        now = timezone.now()
        if reason := expiry(request, now):
            return end_session(request, reason=reason, now=now)
        is_poll = request.path.startswith(live.PREFIX)
        if not is_poll and now.timestamp() - request.session.get("seen_at", 0) >= TOUCH_SECONDS:
            request.session["seen_at"] = now.timestamp()
        response = self.get_response(request)
        response.setdefault("Cache-Control", "no-store")
        return response


def expiry(request: HttpRequest, now: datetime) -> str:
    """Say why a session is over: "idle", "absolute" or "" when it is not.

    A session without our times (made by another way in than our sign-in page) begins now.
    """
    session = request.session
    session.setdefault("signed_in_at", now.timestamp())
    session.setdefault("seen_at", now.timestamp())
    if now.timestamp() - session["signed_in_at"] >= settings.SESSION_ABSOLUTE_SECONDS:
        return "absolute"
    if now.timestamp() - session["seen_at"] >= settings.SESSION_IDLE_SECONDS:
        return "idle"
    return ""


def expires_at(request: HttpRequest) -> datetime:
    """Return when the session ends if nothing happens, aware UTC."""
    idle = request.session["seen_at"] + settings.SESSION_IDLE_SECONDS
    absolute = request.session["signed_in_at"] + settings.SESSION_ABSOLUTE_SECONDS
    return datetime.fromtimestamp(min(idle, absolute), tz=UTC)


def end_session(request: HttpRequest, *, reason: str, now: datetime) -> HttpResponse:
    """Sign out, leave an audit row, and send to the sign-in page (401 for a poll, which has nowhere to go)."""
    record(
        AuditAction.SIGNED_OUT,
        actor=request.user,
        subject_kind="accounts.user",
        subjects=[request.user.pk or 0],
        detail={"reason": reason},
        now=now,
        request_id=request_id_of(request),
    )
    logout(request)
    if request.path.startswith(live.PREFIX):
        return HttpResponse(status=401)
    if request.headers.get("HX-Request"):
        # htmx would swap the sign-in page into a pane; this makes the browser go there.
        return HttpResponse(status=401, headers={"HX-Redirect": settings.LOGIN_URL})
    query = QueryDict(mutable=True)
    if request.method == "GET":
        query["next"] = request.get_full_path()
    query["ended"] = reason
    return HttpResponseRedirect(f"{settings.LOGIN_URL}?{query.urlencode(safe='/')}")
