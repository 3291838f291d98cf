"""What every sender promises."""

from typing import Protocol

from scheduling.simulator.wire import Delivery


class NotTakenError(Exception):
    """The desk did not take a delivery; it is to be sent again. The text holds no patient data."""


class RefusedError(Exception):
    """The desk said that it will never take this delivery; sending it again is of no use."""


class Sender(Protocol):
    """Gives deliveries of one feed over, one after another."""

    async def send(self, delivery: Delivery) -> None:
        """Return when the desk has stored it; NotTakenError or RefusedError otherwise."""

    async def close(self) -> None:
        """Let go of what is open."""
