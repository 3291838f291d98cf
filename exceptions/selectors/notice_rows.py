"""What the page of notices and the outbox print."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q
from django.urls import reverse

from accounts.scope import clinic_scope_q, has_role
from accounts.vocabulary import Role
from config.web.rows import Row
from exceptions.models import IntegrationException, Notice
from exceptions.notices.querysets import GIVEN_UP, UNSETTLED, NoticeQuerySet
from exceptions.vocabulary import Channel, NoticeKind, NoticeState

HIDDEN = "You no longer see this."
LATELY = timedelta(days=7)
TONES = {NoticeState.FAILED: "held", NoticeState.EXPIRED: "warn", NoticeState.SENDING: "idle"}


@dataclass(frozen=True, slots=True)
class NoticeRow(Row):
    """One notice of the person who looks; ``url`` is empty where they do not see the exception (any more)."""

    pk: int
    sentence: str
    url: str
    kind: str
    at: datetime
    is_unread: bool
    is_urgent: bool


def with_seen(notices: NoticeQuerySet, user: Any) -> NoticeQuerySet:
    """Notices, each with whether a person may see what it is about: in the same statement."""
    seen = IntegrationException.objects.visible_to(user).filter(pk=OuterRef("exception"))
    return notices.annotate(is_seen=Exists(seen))


def notice_rows(notices: Iterable[Notice]) -> list[NoticeRow]:
    """Rows of notices ``with_seen``; a sentence about what is out of scope is not shown (I13)."""
    return [_row(notice) for notice in notices]


def _row(notice: Notice) -> NoticeRow:
    is_seen: bool = notice.exception_id is None or notice.is_seen  # type: ignore[attr-defined]  # annotated
    url = reverse("exceptions:detail", args=[notice.exception_id]) if is_seen and notice.exception_id else ""
    return NoticeRow(
        notice.pk,
        notice.sentence if is_seen else HIDDEN,
        url,
        NoticeKind(notice.kind).label,
        notice.created_at,
        notice.read_at is None,
        notice.is_urgent,
    )


@dataclass(frozen=True, slots=True)
class OutboxRow(Row):
    """One notice on its way out, or one that did not get there."""

    pk: int
    channel: str
    recipient: str
    sentence: str
    url: str
    word: str
    tone: str
    at: datetime
    tries: int
    problem: str
    may_send_again: bool


def outbox_of(user: Any) -> NoticeQuerySet:
    """What leaves the desk about exceptions that an administrator administers; digests need a grant everywhere."""
    scope = clinic_scope_q(user, "exception__clinic", "exception__source", roles=[Role.ADMIN])
    leaving = Notice.objects.filter(channel__in=[Channel.EMAIL, Channel.WEBHOOK])
    return leaving.filter(scope) if has_role(user, Role.ADMIN) else leaving.none()


def outbox_splits(now: datetime) -> Mapping[str, Q]:
    """The ways to cut the outbox; settled ones of the last days only."""
    lately = Q(settled_at__gt=now - LATELY)
    return {
        "": Q(state__in=UNSETTLED),
        "failed": Q(state__in=GIVEN_UP) & lately,
        "sent": Q(state__in=[NoticeState.SENT, NoticeState.BUNDLED]) & lately,
        "dropped": Q(state=NoticeState.DROPPED) & lately,
    }


def outbox_rows(notices: Iterable[Notice]) -> list[OutboxRow]:
    """Rows of the outbox; the person or endpoint is loaded with each."""
    return [_outbox_row(notice) for notice in notices]


def _outbox_row(notice: Notice) -> OutboxRow:
    state = NoticeState(notice.state)
    url = reverse("exceptions:detail", args=[notice.exception_id]) if notice.exception_id else ""
    return OutboxRow(
        notice.pk,
        Channel(notice.channel).label,
        str(notice.person or notice.endpoint),
        notice.sentence,
        url,
        state.label,
        TONES.get(state, ""),
        notice.settled_at or notice.send_after,
        notice.tries,
        notice.problem,
        state in GIVEN_UP,
    )


def waiting_since(now: datetime) -> datetime | None:
    """Since when the oldest due notice of the whole outbox waits; None when nothing is late. One query."""
    due = Notice.objects.due(now).filter(channel__in=[Channel.EMAIL, Channel.WEBHOOK])
    found: datetime | None = due.aggregate(first=Min("send_after"))["first"]
    return found
