"""Texts and e-mails to a gateway that takes signed HTTP posts; docs/outreach.md is what its programmers read."""

import orjson
from django.conf import settings

from config.web.delivery import PermanentDeliveryError
from config.web.signed_post import is_allowed, post
from recovery.outreach.gateways.kinds import Message, Receipt
from recovery.outreach.numbers import international
from recovery.vocabulary import OutreachChannel

MOST_OF_ANSWER = 4_096
MOST_OF_ID = 120


class SignedHttpGateway:
    """One address takes both channels, and posts statuses and replies back."""

    channels = frozenset({OutreachChannel.TEXT, OutreachChannel.EMAIL})
    tells_status = True

    def is_set_up(self) -> bool:
        """Whether an address and a secret are set."""
        return bool(settings.OUTREACH_SECRET) and is_allowed(settings.OUTREACH_URL)

    def open(self) -> "SignedHttpSender":
        """Begin a run."""
        return SignedHttpSender()


class SignedHttpSender:
    """A connection of its own for each message."""

    def deliver(self, message: Message) -> Receipt:
        """Post one message; see ``Sender.deliver``."""
        is_text = message.channel == OutreachChannel.TEXT
        to = international(message.to) if is_text else message.to
        if not to:
            raise PermanentDeliveryError("The number is not one that a gateway could reach.")
        said = {"key": message.key, "channel": str(message.channel), "to": to, "body": message.body}
        if not is_text:
            said["subject"] = message.subject
        body = orjson.dumps(said)
        answered = post(settings.OUTREACH_URL, settings.OUTREACH_SECRET, body, message.key, most=MOST_OF_ANSWER)
        return Receipt(_own_id(answered.body))

    def close(self) -> None:
        """Nothing is kept."""


def _own_id(body: bytes) -> str:
    """The gateway's own id of the message, where its answer names one: {"id": "..."}."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    name = said.get("id") if isinstance(said, dict) else None
    return name[:MOST_OF_ID] if isinstance(name, str) else ""
