"""Why a notice could not be sent. The text is kept beside the notice: a class of problem, never what a server said."""


class NoticeError(Exception):
    """Sending went wrong; the text is fit for the screen."""


class TemporaryNoticeError(NoticeError):
    """It may go through later."""


class UnreachableError(TemporaryNoticeError):
    """Where it was to go cannot take anything now, so that nothing else need be tried there for a while."""


class PermanentNoticeError(NoticeError):
    """It will never go through as it is."""
