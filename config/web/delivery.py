"""Why something could not be handed over to another system.

The text is kept beside what was to be sent: a class of problem, never what a server said.
"""


class DeliveryError(Exception):
    """Sending went wrong; the text is fit for the screen."""


class TemporaryDeliveryError(DeliveryError):
    """It may go through later."""


class UnreachableError(TemporaryDeliveryError):
    """Where it was to go cannot take anything now, so that nothing else need be tried there for a while."""


class PermanentDeliveryError(DeliveryError):
    """It will never go through as it is."""
