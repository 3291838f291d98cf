"""What can go wrong between a sender and the inbox."""


class IntakeBusyError(Exception):
    """So much waits to be stored that no more is taken for now; the sender should try again."""


class IntakeClosedError(Exception):
    """The process is stopping and takes nothing any more."""


class TransportSettingsError(Exception):
    """A setting cannot be used; the text is a sentence that names it."""
