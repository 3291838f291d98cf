"""What every channel that leaves the desk can do."""

from typing import Protocol

from exceptions.notices.outgoing import Outgoing


class Sender(Protocol):
    """Sends notices one after the other; made for one run of the outbox and closed after it."""

    def deliver(self, notice: Outgoing) -> None:
        """Hand one notice over; returns when the other side has taken it.

        Raises:
            UnreachableError: nothing can go there now.
            TemporaryDeliveryError: this one may go later.
            PermanentDeliveryError: it will never go.
        """

    def close(self) -> None:
        """Let go of connections."""


class ChannelKind(Protocol):
    """One way out of the desk."""

    def is_set_up(self) -> bool:
        """Whether anything can be sent this way; without it notices wait for it until their deadline."""

    def open(self) -> Sender:
        """Begin a run; nothing is connected yet."""
