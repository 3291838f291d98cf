"""Sign in, sign out, end sessions."""

from datetime import datetime
from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.errors import SignInRefusedError, SignInThrottledError
from accounts.models import DeskSession, User
from accounts.services.audit import record, request_id_of
from accounts.services.throttling import count_attempt, forgive_attempt
from accounts.vocabulary import AuditAction
from config.web.requests import browser_of, client_address


def sign_in(request: HttpRequest, *, name: str, password: str, now: datetime) -> User:
    """Sign a person in by e-mail address.

    Raises SignInThrottledError before looking at the password when there were too many failures,
    SignInRefusedError when name and password do not match or the person is disabled. Both leave an audit row.
    """
    address = client_address(request)
    try:
        attempt = count_attempt(name, address, now=now)
    except SignInThrottledError:
        record_failure(request, address, reason="throttled", now=now)
        raise
    user = authenticate(request, username=name.lower(), password=password)
    if not isinstance(user, User):
        record_failure(request, address, reason="no match", now=now)
        raise SignInRefusedError(attempt.left)
    forgive_attempt(attempt, name, now=now)
    login(request, user)
    request.session["signed_in_at"] = request.session["seen_at"] = now.timestamp()
    request.session["browser"] = browser_of(request)
    record(
        AuditAction.SIGNED_IN,
        actor=user,
        subject_kind="accounts.user",
        subjects=[user.pk],
        detail={"address": address, "browser": request.session["browser"]},
        now=now,
        request_id=request_id_of(request),
    )
    return user


def record_failure(request: HttpRequest, address: str, *, reason: str, now: datetime) -> None:
    """Leave an audit row of a failed sign-in; what was typed is not kept, it may be a password."""
    record(
        AuditAction.SIGN_IN_FAILED,
        actor=None,
        subject_kind="accounts.user",
        subjects=[],
        detail={"address": address, "reason": reason},
        now=now,
        request_id=request_id_of(request),
    )


def sign_out(request: HttpRequest, *, now: datetime) -> None:
    """End this session because the person asked for it."""
    record(
        AuditAction.SIGNED_OUT,
        actor=request.user,
        subject_kind="accounts.user",
        subjects=[request.user.pk or 0],
        detail={"reason": "asked"},
        now=now,
        request_id=request_id_of(request),
    )
    logout(request)


def end_other_sessions(request: HttpRequest) -> int:
    """End the person's sessions in other browsers (ASVS 7.4.3); returns how many there were."""
    others = DeskSession.objects.filter(user=request.user.pk).exclude(session_key=request.session.session_key or "")
    return end_sessions_of(others, actor=request.user, request=request)


def end_sessions_of(sessions: QuerySet[DeskSession], *, actor: Any, request: HttpRequest) -> int:
    """Delete session rows, with one audit row that says whose and how many."""
    people = sorted(set(sessions.exclude(user=None).values_list("user_id", flat=True)))
    ended, _ = sessions.delete()
    if ended:
        record(
            AuditAction.SIGNED_OUT,
            actor=actor,
            subject_kind="accounts.user",
            subjects=people,
            detail={"reason": "ended by a person", "sessions": ended},
            now=timezone.now(),
            request_id=request_id_of(request),
        )
    return ended
