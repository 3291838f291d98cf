"""Plan a maintenance window, or end one early; the recheck at its end is escalation's. Each leaves an audit row."""

from datetime import datetime

from django.db import transaction

from accounts.models import Clinic, Source, User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from exceptions.errors import InvalidMoveError, StaleExceptionError
from exceptions.models import MaintenanceWindow
from exceptions.models.routing import LONGEST_WINDOW
from scheduling.models import Feed

KIND = "exceptions.maintenancewindow"


@transaction.atomic
def plan_window(  # noqa: PLR0913 - what a window says, and who says it
    *,
    name: str,
    source: Source,
    feed: Feed | None,
    clinic: Clinic | None,
    starts_at: datetime,
    ends_at: datetime,
    actor: User,
    now: datetime,
    request_id: str = "",
) -> MaintenanceWindow:
    """Write a window that ends; one that starts in the past starts now. Raises InvalidMoveError for one without sense.

    Times are UTC. ``feed`` and ``clinic`` are of the source.
    """
    starts_at = max(starts_at, now)
    if not starts_at < ends_at <= starts_at + LONGEST_WINDOW:
        raise InvalidMoveError(f"A window ends, {LONGEST_WINDOW.days} days after it starts at the latest.")
    if any(place is not None and place.source_id != source.pk for place in (feed, clinic)):
        raise InvalidMoveError("This feed or clinic belongs to another source.")
    window = MaintenanceWindow.objects.create(
        name=name.strip(),
        source=source,
        feed=feed,
        clinic=clinic,
        starts_at=starts_at,
        ends_at=ends_at,
        made_by=actor,
        made_at=now,
    )
    _note(window, "plan", actor=actor, now=now, request_id=request_id)
    return window


@transaction.atomic
def end_window(window: MaintenanceWindow, *, actor: User, now: datetime, request_id: str = "") -> None:
    """End a running window now, call a planned one off; raises StaleExceptionError for one that is over."""
    changes = {"ended_at": now}
    if window.starts_at > now:
        changes["rechecked_at"] = now  # nothing was silenced, so nothing is looked at again
    ended = MaintenanceWindow.objects.filter(pk=window.pk, ended_at=None, ends_at__gt=now).update(**changes)
    if not ended:
        raise StaleExceptionError("It is over already.")
    _note(window, "end" if window.starts_at <= now else "call off", actor=actor, now=now, request_id=request_id)


def _note(window: MaintenanceWindow, verb: str, *, actor: User, now: datetime, request_id: str) -> None:
    said = {
        "verb": verb,
        "source": window.source_id,
        "feed": window.feed_id,
        "from": window.starts_at.isoformat(),
        "until": window.ends_at.isoformat(),
    }
    record(
        AuditAction.CHANGED,
        actor=actor,
        subject_kind=KIND,
        subjects=[window.pk],
        clinic=window.clinic_id,
        detail=said,
        now=now,
        request_id=request_id,
    )
