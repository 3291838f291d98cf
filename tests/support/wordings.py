"""Approved wordings, as two people make them."""

from datetime import datetime

from recovery.models import MessageTemplate
from recovery.vocabulary import OutreachChannel, Topic
from tests.support.desk import LONG_AGO

BODY = "{practice}: a time is free {day} {time}. Call {phone}. Reply STOP to end texts."


def approve_text(
    language: str,
    *,
    topic: Topic = Topic.REBOOK,
    channel: OutreachChannel = OutreachChannel.TEXT,
    body: str = BODY,
    at: datetime = LONG_AGO,
) -> MessageTemplate:
    """One wording in use since ``at``."""
    return MessageTemplate.objects.create(
        topic=topic, channel=channel, language=language, version=1, body=body, written_at=at, approved_at=at
    )
