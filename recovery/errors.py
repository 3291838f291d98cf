"""What can stop an act at the queue; people read the sentences."""

from datetime import datetime

from recovery.vocabulary import NextStep


class RecoveryError(Exception):
    """An act that was refused; the text is fit for the screen."""


class InvalidActError(RecoveryError):
    """Something the act needs is missing or out of bounds."""


class UndecidedError(InvalidActError):
    """Somebody else has to agree or decide first; ``step`` is whose turn it is."""

    def __init__(self, sentence: str, step: NextStep) -> None:
        super().__init__(sentence)
        self.step = step


class GuardRefusedError(RecoveryError):
    """The world is not as the act needs it (I5): ``code`` for the log, the sentence says what changed and when.

    ``until`` is when the clock alone lifts it; None means that something has to change first.
    """

    def __init__(
        self, code: str, sentence: str, *, changed_at: datetime | None = None, until: datetime | None = None
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.changed_at = changed_at
        self.until = until
