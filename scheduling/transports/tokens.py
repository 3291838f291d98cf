"""Bearer tokens of feeds: shown once, kept as SHA-256, compared in constant time."""

from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe

from django.db import transaction

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from scheduling.models import Feed

BYTES = 32


def hash_token(token: str) -> str:
    """What ``Feed.token_hash`` holds for a token. A random token of 32 bytes needs no salt and no slow hash."""
    return sha256(token.encode()).hexdigest()


def is_token(token_hash: str, token: str) -> bool:
    """Whether a token is the one behind the hash; a feed without a hash has no token at all."""
    return compare_digest(token_hash, hash_token(token)) and bool(token_hash)


@transaction.atomic
def rotate_token(feed: Feed, *, actor: User | None, now: datetime) -> str:
    """Give the feed a new token and return it, the only time it can be seen; the old one ends at once."""
    token = token_urlsafe(BYTES)
    Feed.objects.filter(pk=feed.pk).update(token_hash=hash_token(token))
    record(
        AuditAction.CHANGED,
        actor=actor,
        subject_kind="scheduling.feed",
        subjects=[feed.pk],
        detail={"field": "token_hash"},
        now=now,
    )
    return token
