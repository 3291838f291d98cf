"""What the page of webhook endpoints prints: each with how it went in the last day, one with its last notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Count, Max, Q

from exceptions.models import Notice, WebhookEndpoint
from exceptions.notices.querysets import GIVEN_UP, UNSETTLED
from exceptions.vocabulary import NoticeState

DAY = timedelta(days=1)
SHOWN = 20
TONES = {NoticeState.FAILED: "held", NoticeState.EXPIRED: "warn"}


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """One endpoint in the list; the path of its address is a secret of many receivers, so only the host is shown."""

    endpoint: WebhookEndpoint
    is_current: bool
    sent: int
    given_up: int
    waiting: int
    last_at: datetime | None

    @property
    def host(self) -> str:
        """The machine that is told."""
        return urlsplit(self.endpoint.url).hostname or ""


@dataclass(frozen=True, slots=True)
class Result:
    """How one notice to an endpoint went."""

    notice: Notice

    @property
    def tone(self) -> str:
        """How bad that is."""
        return TONES.get(NoticeState(self.notice.state), "")

    @property
    def at(self) -> datetime:
        """When it was settled, else when it is due."""
        return self.notice.settled_at or self.notice.send_after


def endpoint_rows(*, current: int | None, now: datetime) -> list[EndpointRow]:
    """All endpoints by name with their last 24 hours; two queries."""
    recent = Notice.objects.filter(endpoint__isnull=False, created_at__gt=now - DAY)
    told: dict[int, dict[str, Any]] = {
        row["endpoint"]: dict(row)
        for row in recent.values("endpoint").annotate(
            sent=Count("id", filter=Q(state=NoticeState.SENT)),
            given_up=Count("id", filter=Q(state__in=GIVEN_UP)),
            waiting=Count("id", filter=Q(state__in=UNSETTLED)),
            last_at=Max("settled_at", filter=Q(state=NoticeState.SENT)),
        )
    }
    return [
        EndpointRow(
            endpoint,
            endpoint.pk == current,
            **{name: told.get(endpoint.pk, {}).get(name, 0) for name in ("sent", "given_up", "waiting")},
            last_at=told.get(endpoint.pk, {}).get("last_at"),
        )
        for endpoint in WebhookEndpoint.objects.all()
    ]


def last_results(endpoint: WebhookEndpoint) -> Sequence[Result]:
    """The newest notices to an endpoint; one query."""
    newest = Notice.objects.filter(endpoint=endpoint).order_by("-created_at", "-id")[:SHOWN]
    return [Result(notice) for notice in newest]


def steps_that_tell(endpoint: WebhookEndpoint) -> list[str]:
    """The names of the policies with a step that tells this endpoint."""
    named = endpoint.escalationstep_set.order_by("policy__name").values_list("policy__name", flat=True)
    return list(named.distinct())
