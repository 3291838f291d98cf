"""Add and change webhook endpoints; each change leaves an audit row without address and secret."""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from exceptions.errors import InvalidMoveError, StaleExceptionError
from exceptions.models.channels import WebhookEndpoint
from exceptions.vocabulary import WebhookStyle

KIND = "exceptions.webhookendpoint"
SECRET_BYTES = 32
CHANGED = "Somebody changed this endpoint after you opened it."


@dataclass(frozen=True, slots=True)
class EndpointValues:
    """What people say about an endpoint."""

    name: str
    url: str
    style: WebhookStyle
    most_per_hour: int
    is_active: bool


def values_of(endpoint: WebhookEndpoint) -> EndpointValues:
    """What an endpoint says now."""
    return EndpointValues(
        endpoint.name, endpoint.url, WebhookStyle(endpoint.style), endpoint.most_per_hour, endpoint.is_active
    )


@transaction.atomic
def add_endpoint(values: EndpointValues, *, actor: User, now: datetime, request_id: str = "") -> WebhookEndpoint:
    """Add an endpoint with a new secret; the caller shows it once. Raises InvalidMoveError for a name that exists."""
    try:
        with transaction.atomic():
            endpoint = WebhookEndpoint.objects.create(**asdict(values), secret=secrets.token_urlsafe(SECRET_BYTES))
    except IntegrityError as error:
        raise InvalidMoveError("Another endpoint has this name.") from error
    _note(endpoint, "add", sorted(asdict(values)), actor=actor, now=now, request_id=request_id)
    return endpoint


@transaction.atomic
def change_endpoint(
    endpoint: WebhookEndpoint,
    values: EndpointValues,
    *,
    seen: EndpointValues | None,
    actor: User,
    now: datetime,
    request_id: str = "",
) -> None:
    """Write new values over those that were ``seen``; raises StaleExceptionError where they are others by now."""
    locked = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    before = values_of(locked)
    if before != seen:
        raise StaleExceptionError(CHANGED)
    changed = sorted(name for name, value in asdict(values).items() if value != getattr(before, name))
    if not changed:
        return
    for name in changed:
        setattr(locked, name, getattr(values, name))
    try:
        with transaction.atomic():
            locked.save(update_fields=changed)
    except IntegrityError as error:
        raise InvalidMoveError("Another endpoint has this name.") from error
    _note(locked, "change", changed, actor=actor, now=now, request_id=request_id)


@transaction.atomic
def renew_secret(endpoint: WebhookEndpoint, *, actor: User, now: datetime, request_id: str = "") -> str:
    """Replace the secret; what is sent from now on is signed with the new one, which is returned to be shown once."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(secret=secret)
    _note(endpoint, "renew secret", ["secret"], actor=actor, now=now, request_id=request_id)
    return secret


def _note(endpoint: WebhookEndpoint, verb: str, fields: list[str], **told: Any) -> None:
    record(
        AuditAction.CHANGED,
        subject_kind=KIND,
        subjects=[endpoint.pk],
        detail={"verb": verb, "fields": fields},
        **told,
    )
