"""A notice as a channel sends it: whom, what, and the key it goes under."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse

from exceptions.models import IntegrationException, Notice
from exceptions.models.channels import WebhookEndpoint
from exceptions.notices.sentences import About, Told, digest_subject, subject
from exceptions.vocabulary import Channel, NoticeKind, Severity

# What is left of a digest is on the page of notices.
MOST_TOLD = 50


class Outgoing(NamedTuple):
    """One notice on its way. ``told`` are its lines: one, or a digest's, ``more`` of which were left out.

    ``address`` is the person's, empty for an endpoint; ``claimed_until`` names the claim that may settle it.
    """

    notice_id: int
    key: str
    kind: NoticeKind
    channel: Channel
    address: str
    endpoint: WebhookEndpoint | None
    about: About | None
    subject: str
    told: tuple[Told, ...]
    more: int
    created_at: datetime
    tries: int
    claimed_until: datetime

    @property
    def target(self) -> str:
        """What rests when it cannot be reached: the mail server, or one endpoint."""
        return str(self.channel) if self.endpoint is None else f"{self.channel} {self.endpoint.pk}"


def link_to(exception_id: int | None) -> str:
    """The absolute address of an exception, or of the person's notices."""
    path = reverse("notices:list") if exception_id is None else reverse("exceptions:detail", args=[exception_id])
    return absolute(path)


def absolute(path: str) -> str:
    """An address as people reach the desk from outside."""
    return f"{settings.DESK_URL.rstrip('/')}{path}"


def about_of(exception: IntegrationException) -> About:
    """What a sentence may know of an exception that was loaded with source and clinic."""
    return About(
        exception.pk,
        exception.check_id,
        Severity(exception.severity),
        exception.source.name,
        exception.clinic.name if exception.clinic else "",
        exception.live_count,
    )


def outgoing(ids: Sequence[int]) -> list[Outgoing]:
    """Load claimed notices in the order of their ids; two queries, one without digests."""
    places = ("person", "endpoint", "exception__source", "exception__clinic")
    rows = {row.pk: row for row in Notice.objects.filter(pk__in=ids).select_related(*places)}
    members = _members([row.pk for row in rows.values() if row.kind == NoticeKind.DIGEST])
    return [_outgoing(rows[number], members.get(number, ())) for number in ids if number in rows]


def _members(digests: Sequence[int]) -> dict[int, list[Notice]]:
    found: dict[int, list[Notice]] = defaultdict(list)
    if digests:
        listed = Notice.objects.filter(digest__in=digests).order_by("-is_urgent", "id")
        for member in listed.only("digest_id", "exception_id", "sentence"):
            found[member.digest_id or 0].append(member)
    return found


def _outgoing(row: Notice, members: Sequence[Notice]) -> Outgoing:
    is_digest = row.kind == NoticeKind.DIGEST
    told = grouped(members) if is_digest else [Told(row.exception_id, row.sentence, 1)]
    about = about_of(row.exception) if row.exception else None
    return Outgoing(
        row.pk,
        row.key,
        NoticeKind(row.kind),
        Channel(row.channel),
        (row.person.email or row.person.get_username()) if row.person else "",
        row.endpoint,
        about,
        digest_subject(told) if is_digest else subject(NoticeKind(row.kind), about),
        tuple(told[:MOST_TOLD]),
        max(0, len(told) - MOST_TOLD),
        row.created_at,
        row.tries,
        row.claimed_until or row.created_at,
    )


def grouped(members: Iterable[Notice]) -> list[Told]:
    """One line an exception, in the order given: its last sentence, and how many notices there were."""
    lines: dict[tuple[int | None, str], Told] = {}
    for member in members:
        # Notices about no exception have nothing in common but that.
        key = (member.exception_id, "" if member.exception_id else member.sentence)
        before = lines.get(key)
        lines[key] = Told(member.exception_id, member.sentence, 1 + (before.times if before else 0))
    return list(lines.values())
