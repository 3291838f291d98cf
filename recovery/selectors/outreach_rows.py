"""What the pages of messages and replies print. Restricted people are masked (I12)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.urls import reverse

from config.web.masking import tail
from config.web.rows import Row
from recovery.contacting.deadlines import honour_by
from recovery.models import Outbound, Reply
from recovery.selectors.rows import patient_name
from recovery.vocabulary import OutboundState, OutreachChannel, ReplyMeaning

LATELY = timedelta(days=7)
HIDDEN = "Restricted"
UTC = ZoneInfo("UTC")
TONES = {
    OutboundState.FAILED: "held",
    OutboundState.REFUSED: "warn",
    OutboundState.EXPIRED: "warn",
    OutboundState.SENDING: "idle",
}
LABELS = {"": "Waiting", "sent": "Sent", "stopped": "Stopped", "failed": "Not delivered"}


def message_splits(now: datetime) -> dict[str, Q]:
    """The ways to cut the outbox; settled ones of the last days only."""
    lately = Q(settled_at__gt=now - LATELY)
    return {
        "": Q(state__in=[OutboundState.WAITING, OutboundState.SENDING]),
        "sent": Q(state__in=[OutboundState.SENT, OutboundState.DELIVERED]) & lately,
        "stopped": Q(state=OutboundState.REFUSED) & lately,
        "failed": Q(state__in=[OutboundState.FAILED, OutboundState.EXPIRED]) & lately,
    }


def reply_splits(now: datetime) -> dict[str, Q]:
    """Replies that wait for somebody, and those of the last days that do not."""
    return {"": Q(handled_at__isnull=True), "done": Q(handled_at__gt=now - LATELY)}


@dataclass(frozen=True, slots=True)
class MessageRow(Row):
    """One text or e-mail."""

    pk: int
    word: str
    tone: str
    channel: str
    to: str
    who: str
    url: str
    subject: str
    body: str
    problem: str
    at: datetime
    told: str
    may_reply: bool


@dataclass(frozen=True, slots=True)
class ReplyRow(Row):
    """One reply, with what it answers and what was done; ``honour_by`` is how long it may wait if it opts out."""

    pk: int
    who: str
    sender: str
    url: str
    said: str
    meaning: str
    tone: str
    effect: str
    at: datetime
    is_open: bool
    handled: str
    handled_at: datetime | None
    honour_by: date | None
    patient_id: int | None


def message_rows(messages: Iterable[Outbound], *, is_local: bool) -> list[MessageRow]:
    """Rows of messages that came with attempt, patient and item; ``is_local``: a reply may be written for them."""
    return [_message_row(one, is_local) for one in messages]


def reply_rows(replies: Iterable[Reply]) -> list[ReplyRow]:
    """Rows of replies that came with message, attempt, patient and handler."""
    return [_reply_row(one) for one in replies]


def _message_row(message: Outbound, is_local: bool) -> MessageRow:  # noqa: FBT001 - of all rows alike
    state, attempt = OutboundState(message.state), message.attempt
    is_masked = attempt.patient.is_restricted
    is_out = state in (OutboundState.SENT, OutboundState.DELIVERED)
    return MessageRow(
        message.pk,
        state.label,
        TONES.get(state, ""),
        OutreachChannel(attempt.channel).label,
        HIDDEN if is_masked else tail(attempt.value),
        _name(message, is_masked),
        reverse("recovery:item", args=[attempt.item_id]) if attempt.item_id is not None else "",
        message.subject,
        HIDDEN if is_masked else message.body,
        message.problem,
        message.settled_at or message.send_after,
        _tries(message),
        is_local and is_out and not is_masked,
    )


def _tries(message: Outbound) -> str:
    return f"{message.tries} tries" if message.tries > 1 else ""


def _name(message: Outbound, is_masked: bool) -> str:  # noqa: FBT001
    return HIDDEN if is_masked else patient_name(message.attempt.patient)


def _reply_row(reply: Reply) -> ReplyRow:
    message = reply.outbound
    is_masked = message is not None and message.attempt.patient.is_restricted
    meaning = ReplyMeaning(reply.meaning)
    item_id = message.attempt.item_id if message is not None else None
    return ReplyRow(
        reply.pk,
        _name(message, is_masked) if message is not None else "Not known",
        HIDDEN if is_masked else tail(reply.value),
        reverse("recovery:item", args=[item_id]) if item_id is not None else "",
        HIDDEN if is_masked else reply.body,
        meaning.label,
        "warn" if meaning == ReplyMeaning.ASK and reply.handled_at is None else "",
        reply.effect,
        reply.received_at,
        reply.handled_at is None,
        _handler(reply),
        reply.handled_at,
        honour_by(reply.received_at, reply.source.zone if reply.source else UTC) if reply.handled_at is None else None,
        message.attempt.patient_id if message is not None else None,
    )


def _handler(reply: Reply) -> str:
    if reply.handled_at is None:
        return ""
    return str(reply.handled_by) if reply.handled_by is not None else "The desk"
