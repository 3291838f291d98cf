"""Tokens of those who may post scores of a source's visits: shown once, kept as a digest."""

from datetime import datetime
from secrets import token_urlsafe

from django.db import transaction

from accounts.models import Source, User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from recovery.models import RiskSender
from scheduling.transports.tokens import BYTES, hash_token

SUBJECT = "recovery.risksender"


@transaction.atomic
def give_risk_token(source: Source, *, actor: User | None, now: datetime) -> str:
    """Make a new token for a source's sender of scores and return it, the only time it can be seen.

    The one before ends at once.
    """
    token = token_urlsafe(BYTES)
    values = {"token_hash": hash_token(token), "made_at": now, "made_by": actor}
    RiskSender.objects.update_or_create(source=source, defaults=values)
    record(
        AuditAction.CHANGED,
        actor=actor,
        subject_kind=SUBJECT,
        subjects=[source.pk],
        detail={"field": "token_hash"},
        now=now,
    )
    return token
