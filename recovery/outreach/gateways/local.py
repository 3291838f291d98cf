"""The gateway of the demonstration: messages stay in the desk, where their page shows them and answers for patients."""

from recovery.outreach.gateways.kinds import Message, Receipt
from recovery.vocabulary import OutreachChannel


class LocalGateway:
    """Everything arrives at once, and nothing leaves this machine."""

    channels = frozenset({OutreachChannel.TEXT, OutreachChannel.EMAIL})
    tells_status = True

    def is_set_up(self) -> bool:
        """It needs nothing."""
        return True

    def open(self) -> "LocalSender":
        """Begin a run."""
        return LocalSender()


class LocalSender:
    """Takes everything."""

    def deliver(self, message: Message) -> Receipt:
        """Say that it arrived; the outbox itself is what the page shows."""
        return Receipt(f"local-{message.outbound_id}", is_delivered=True)

    def close(self) -> None:
        """Nothing is kept."""
