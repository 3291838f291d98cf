"""Slow down guessing: failed sign-ins are counted per name and per address (ASVS 6.3.1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from accounts.errors import SignInThrottledError
from accounts.models import SignInFailure

WINDOW = timedelta(minutes=5)
PER_NAME = 5
PER_ADDRESS = 20


@dataclass(frozen=True)
class Attempt:
    """A try that was counted before its password is looked at; ``left`` tries remain if it fails."""

    rows: tuple[SignInFailure, ...]
    left: int


def key(kind: str, value: str) -> bytes:
    """Digest what was typed, so that a mistyped password in the name field is not kept."""
    return salted_hmac(f"desk.sign-in.{kind}", value, algorithm="sha256").digest()


def count_attempt(name: str, address: str, *, now: datetime) -> Attempt:
    """Count a try as failed in advance; ``forgive_attempt`` takes it back.

    Counting first bounds a burst of parallel tries exactly: each sees the rows of the others.
    Raises SignInThrottledError, without counting, when the name or the address is over its limit.
    """
    limits = {key("name", name.lower()): PER_NAME, key("address", address): PER_ADDRESS}
    rows = [SignInFailure.objects.create(key=digest, failed_at=now) for digest in limits]
    left = PER_NAME
    for digest, limit in limits.items():
        times = failures(digest, now=now)
        left = min(left, limit - len(times))
        if len(times) > limit:
            SignInFailure.objects.filter(pk__in=[row.pk for row in rows]).delete()
            # The oldest failure that still counts against this try leaves the window first.
            raise SignInThrottledError(times[-limit - 1] + WINDOW)
    return Attempt(tuple(rows), left)


def failures(digest: bytes, *, now: datetime) -> list[datetime]:
    """Times of the failures inside the window, oldest first."""
    rows = SignInFailure.objects.filter(key=digest, failed_at__gt=now - WINDOW)
    return list(rows.order_by("failed_at", "pk").values_list("failed_at", flat=True))


def forgive_attempt(attempt: Attempt, name: str, *, now: datetime) -> None:
    """Take a successful try back, with the earlier failures of this name, and drop what no longer counts."""
    SignInFailure.objects.filter(pk__in=[row.pk for row in attempt.rows]).delete()
    SignInFailure.objects.filter(key=key("name", name.lower())).delete()
    forget_failures(now=now)


def forget_failures(*, now: datetime) -> None:
    """Drop what no longer counts; without this a flood of guesses that never succeed would stay for ever."""
    SignInFailure.objects.filter(failed_at__lte=now - WINDOW).delete()
