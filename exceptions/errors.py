"""What can stop a move; people read the sentences."""


class ExceptionMoveError(Exception):
    """A move that was refused; the text is fit for the screen."""


class StaleExceptionError(ExceptionMoveError):
    """Someone or something was faster."""


class LiveHoldError(ExceptionMoveError):
    """Visits are still held, so the exception stays (I4)."""


class InvalidMoveError(ExceptionMoveError):
    """Something the move needs is missing or out of bounds."""
