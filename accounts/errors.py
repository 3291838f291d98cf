"""What can go wrong with people; the sentences are read on screen."""

from datetime import datetime


class SignInThrottledError(Exception):
    """Too many failures lately; ``retry_at`` (aware UTC) is when the next try counts again."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__("Too many tries. Wait before the next one.")
        self.retry_at = retry_at


class SignInRefusedError(Exception):
    """Name and password do not belong together; ``left`` tries remain before a wait."""

    def __init__(self, left: int) -> None:
        super().__init__("That e-mail and password do not match.")
        self.left = left
