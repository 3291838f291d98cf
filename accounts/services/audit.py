"""Write the audit trail (I11)."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import AuditEntry, Clinic, User
from accounts.vocabulary import AuditAction

# Denials of the request that is being answered; None outside a request.
_denials: ContextVar[list[AuditEntry] | None] = ContextVar("audit_denials", default=None)


def record(  # noqa: PLR0913 - the columns of a row
    action: AuditAction,
    *,
    actor: Any,
    subject_kind: str,
    subjects: Iterable[int | str],
    patients: Iterable[int] = (),
    clinic: Clinic | int | None = None,
    detail: Mapping[str, Any] | None = None,
    now: datetime,
    request_id: str = "",
) -> None:
    """Write one audit row in the current transaction; ``actor`` None (or a stranger) means no known person.

    ``subjects`` are ids of ``subject_kind`` ("recovery.item"), ``patients`` the patient row ids that were
    shown or changed. ``detail`` holds field names, counts and reasons, never patient data.
    """
    entry(
        action,
        actor=actor,
        subject_kind=subject_kind,
        subjects=subjects,
        patients=patients,
        clinic=clinic,
        detail=detail,
        now=now,
        request_id=request_id,
    ).save(force_insert=True)


def entry(  # noqa: PLR0913 - the columns of a row
    action: AuditAction,
    *,
    actor: Any,
    subject_kind: str,
    subjects: Iterable[int | str],
    patients: Iterable[int] = (),
    clinic: Clinic | int | None = None,
    detail: Mapping[str, Any] | None = None,
    now: datetime,
    request_id: str = "",
) -> AuditEntry:
    """Build an audit row without writing it; see ``record``."""
    return AuditEntry(
        at=now,
        actor_id=actor.pk if isinstance(actor, User) or getattr(actor, "is_authenticated", False) else None,
        action=action,
        subject_kind=subject_kind,
        subjects=list(subjects),
        patients=sorted(set(patients)),
        clinic_id=clinic.pk if isinstance(clinic, Clinic) else clinic,
        detail=dict(detail or {}),
        request_id=request_id,
    )


def audited_read(
    request: HttpRequest,
    *,
    subject_kind: str,
    subject: int | str,
    patients: Iterable[int] = (),
    clinic: Clinic | int | None = None,
    action: AuditAction = AuditAction.READ,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Record that the person of a request saw one thing."""
    record(
        action,
        actor=request.user,
        subject_kind=subject_kind,
        subjects=[subject],
        patients=patients,
        clinic=clinic,
        detail=detail,
        now=timezone.now(),
        request_id=request_id_of(request),
    )


def audited_list(
    request: HttpRequest,
    *,
    subject_kind: str,
    subjects: Iterable[int | str],
    patients: Iterable[int] = (),
    action: AuditAction = AuditAction.LISTED,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Record the rows of a list that were shown: one audit row with all ids, bounded by the page.

    An empty list shows nobody, so it leaves no row.
    """
    shown = list(subjects)
    if not shown:
        return
    record(
        action,
        actor=request.user,
        subject_kind=subject_kind,
        subjects=shown,
        patients=patients,
        detail=detail,
        now=timezone.now(),
        request_id=request_id_of(request),
    )


def record_denied(
    request: HttpRequest,
    *,
    subject_kind: str,
    subjects: Iterable[int | str] = (),
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Record a refusal so that it survives the rollback of what was refused.

    The row is kept aside and written by ``writing_denials`` (accounts.middleware) once the view and
    its transactions are over, before the answer leaves: if it cannot be written, the request fails.
    """
    refused = entry(
        AuditAction.DENIED,
        actor=request.user,
        subject_kind=subject_kind,
        subjects=subjects,
        detail={"path": request.path, "method": request.method, **(detail or {})},
        now=timezone.now(),
        request_id=request_id_of(request),
    )
    waiting = _denials.get()
    if waiting is None:
        refused.save(force_insert=True)
    else:
        waiting.append(refused)


@contextmanager
def writing_denials() -> Iterator[None]:
    """Collect the denials of a block and write them when it ends, however it ends."""
    waiting: list[AuditEntry] = []
    token = _denials.set(waiting)
    try:
        yield
    finally:
        _denials.reset(token)
        if waiting:
            AuditEntry.objects.bulk_create(waiting)


def request_id_of(request: HttpRequest) -> str:
    """The id that log lines and audit rows of a request share."""
    return str(getattr(request, "request_id", ""))
