"""Signed webhooks: one POST a notice. docs/notices.md tells receivers how to check the signature."""

import orjson

from config.web.delivery import PermanentDeliveryError
from config.web.signed_post import post
from exceptions.notices.channels.bodies import BODIES
from exceptions.notices.outgoing import Outgoing
from exceptions.vocabulary import WebhookStyle


class WebhookChannel:
    """Addresses of other systems; always ready."""

    def is_set_up(self) -> bool:
        """Endpoints bring all that is needed."""
        return True

    def open(self) -> "WebhookSender":
        """Begin a run."""
        return WebhookSender()


class WebhookSender:
    """A connection of its own for each notice; nothing is kept."""

    def deliver(self, notice: Outgoing) -> None:
        """Post one notice; see ``Sender.deliver``. The answer's body is never read."""
        if notice.endpoint is None:
            raise PermanentDeliveryError("It has no endpoint.")
        body = orjson.dumps(BODIES[WebhookStyle(notice.endpoint.style)](notice))
        post(notice.endpoint.url, notice.endpoint.secret, body, notice.key)

    def close(self) -> None:
        """Nothing is kept."""
