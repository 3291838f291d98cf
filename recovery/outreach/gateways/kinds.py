"""What every gateway can do, and what it is given."""

from datetime import datetime
from typing import NamedTuple, Protocol

from recovery.vocabulary import OutreachChannel


class Message(NamedTuple):
    """One text or e-mail on its way. ``key`` is the same for every try; ``claimed_until`` names the claim."""

    outbound_id: int
    key: str
    channel: OutreachChannel
    to: str
    subject: str
    body: str
    tries: int
    claimed_until: datetime


class Receipt(NamedTuple):
    """What a gateway says on taking a message: its own id, and whether it knows already that it arrived."""

    gateway_id: str = ""
    is_delivered: bool = False


class Sender(Protocol):
    """Hands messages over one after the other; made for one run of the outbox and closed after it."""

    def deliver(self, message: Message) -> Receipt:
        """Hand one message over; returns when the gateway has taken it.

        Raises:
            UnreachableError: nothing can go there now.
            TemporaryDeliveryError: this one may go later.
            PermanentDeliveryError: it will never go.
        """

    def close(self) -> None:
        """Let go of connections."""


class Gateway(Protocol):
    """One way out of the desk to patients. ``tells_status``: it says later how each message fared."""

    channels: frozenset[OutreachChannel]
    tells_status: bool

    def is_set_up(self) -> bool:
        """Whether the settings name all that it needs."""

    def open(self) -> Sender:
        """Begin a run; nothing is connected yet."""
