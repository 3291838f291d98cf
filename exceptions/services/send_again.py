"""Give notices another chance that were given up: a person has repaired what stood in their way."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.services.audit import record
from accounts.vocabulary import AuditAction
from exceptions.models import Notice
from exceptions.notices.querysets import NoticeQuerySet
from exceptions.notices.timing import deadline
from exceptions.vocabulary import NoticeKind, NoticeState

MOST_AT_ONCE = 1_000


@transaction.atomic
def send_again(notices: NoticeQuerySet, *, actor: User, now: datetime, request_id: str = "") -> int:
    """Put given-up notices back into the outbox under their old keys, the oldest first; return how many.

    Their tries begin anew. What has been closed meanwhile is dropped by the sender, as ever.
    """
    chosen = notices.given_up().order_by("id").select_for_update(of=("self",))
    found = {notice.pk: notice for notice in chosen[:MOST_AT_ONCE]}
    for notice in found.values():
        notice.state, notice.tries, notice.problem = NoticeState.WAITING, 0, ""
        notice.send_after, notice.deadline_at = now, deadline(NoticeKind(notice.kind), now)
        notice.settled_at = None
    fields = ["state", "tries", "problem", "send_after", "deadline_at", "settled_at"]
    Notice.objects.bulk_update(found.values(), fields)
    record(
        AuditAction.CHANGED,
        actor=actor,
        subject_kind="exceptions.notice",
        subjects=list(found),
        detail={"verb": "send again"},
        now=now,
        request_id=request_id,
    )
    return len(found)
