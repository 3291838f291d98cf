"""Store what somebody wrote back before its gateway hears 200 (I1); a repeat changes nothing."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction

from accounts.models import Source
from recovery.contacting.owners import number_owner
from recovery.models import Attempt, Outbound, Reply
from recovery.outreach.numbers import is_address
from recovery.outreach.reading_posts import ReplyPost
from recovery.outreach.reading_replies import meaning
from scheduling.models import ContactPoint, Patient
from scheduling.selectors.search import ways_to_write

# Who answers later than this answers no message in particular.
ANSWERED_WITHIN = timedelta(days=30)


class Stored(NamedTuple):
    """The reply's row, and whether it is new."""

    reply_id: int
    is_new: bool


def take_reply(post: ReplyPost, *, gateway: str, now: datetime) -> Stored:
    """Store a reply with its meaning and the message that it answers; call it outside of any transaction."""
    key = f"{gateway}:{post.gateway_id}"
    outbound = _answered(post, now)
    patient = _patient(post.value, outbound)
    reply = Reply(
        source=_source(outbound, patient),
        outbound=outbound,
        key=key,
        value=post.value,
        body=post.body,
        received_at=now,
        meaning=meaning(post.body, patient.language if patient is not None else ""),
    )
    try:
        with transaction.atomic():
            reply.save(force_insert=True)
    except IntegrityError:
        return Stored(Reply.objects.only("pk").get(key=key).pk, is_new=False)
    return Stored(reply.pk, is_new=True)


def ways_of(value: str) -> list[str]:
    """How the number or address may be written in what sources sent."""
    value = value.strip()
    return [value, value.lower()] if is_address(value) else [value, *ways_to_write(value)]


def _answered(post: ReplyPost, now: datetime) -> Outbound | None:
    """The message that is answered: the one that was named, else the last that went to them."""
    sent = Outbound.objects.handed_over().select_related("attempt__clinic__source")
    ways = ways_of(post.value)
    if post.answers:
        named = sent.filter(key=post.answers).first() or sent.filter(gateway_id=post.answers).first()
        # Whoever names another person's message answers no message of theirs.
        if named is not None and named.attempt.value in ways:
            return named
    recent = Attempt.objects.filter(number_owner__in=[number_owner(one) for one in ways], at__gt=now - ANSWERED_WITHIN)
    return sent.filter(attempt__in=recent).order_by("-attempt__at", "-pk").first()


def _patient(value: str, outbound: Outbound | None) -> Patient | None:
    if outbound is not None:
        return Patient.objects.filter(pk=outbound.attempt.patient_id).first()
    point = ContactPoint.objects.filter(value__in=ways_of(value)).select_related("patient__source").first()
    return point.patient if point is not None else None


def _source(outbound: Outbound | None, patient: Patient | None) -> Source | None:
    if outbound is not None and outbound.attempt.clinic is not None:
        return outbound.attempt.clinic.source
    return patient.source if patient is not None else None
