"""What can stop an act at the queue; people read the sentences."""

from datetime import datetime


class RecoveryError(Exception):
    """An act that was refused; the text is fit for the screen."""


class InvalidActError(RecoveryError):
    """Something the act needs is missing or out of bounds."""


class GuardRefusedError(RecoveryError):
    """The world is not as the act needs it (I5): ``code`` for the log, the sentence says what changed and when."""

    def __init__(self, code: str, sentence: str, *, changed_at: datetime | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.changed_at = changed_at
