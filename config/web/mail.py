"""A mail server that really answers: one connection for a run, and what its refusals mean."""

import contextlib
from email.utils import parseaddr
from hashlib import sha256
from smtplib import SMTPException, SMTPNotSupportedError, SMTPRecipientsRefused, SMTPResponseException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from config.web.delivery import DeliveryError, PermanentDeliveryError, TemporaryDeliveryError, UnreachableError

KEY_HEADER = "X-Recovery-Desk-Key"
TIMEOUT_SECONDS = 5


def has_mail_server() -> bool:
    """Whether EMAIL_URL names a server."""
    return bool(settings.EMAIL_HOST)


class MailConnection:
    """One connection for all e-mails of a run; made anew after it broke."""

    def __init__(self) -> None:
        # Named here rather than taken from EMAIL_BACKEND: what counts as delivered is a server's answer.
        self._backend = EmailBackend(timeout=TIMEOUT_SECONDS)

    def send(self, message: EmailMessage) -> None:
        """Hand one e-mail over; raises a DeliveryError."""
        self._connect()
        try:
            self._backend.send_messages([message])
        except (SMTPException, OSError) as error:
            self._drop()
            raise _told(error) from error

    def close(self) -> None:
        """Say goodbye to the server."""
        with contextlib.suppress(SMTPException, OSError):
            self._backend.close()

    def _connect(self) -> None:
        try:
            self._backend.open()
        except (SMTPException, OSError) as error:
            self._drop()
            raise UnreachableError(f"The mail server cannot be used ({type(error).__name__}).") from error

    def _drop(self) -> None:
        """Forget a connection of which nobody knows how it stands."""
        self.close()
        self._backend.connection = None


def _told(error: SMTPException | OSError) -> DeliveryError:
    """What a failure means; the server's words may quote an address, so only its code is kept."""
    codes = [error.smtp_code] if isinstance(error, SMTPResponseException) else []
    if isinstance(error, SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    if isinstance(error, SMTPNotSupportedError) or any(500 <= code < 600 for code in codes):
        return PermanentDeliveryError(f"The mail server refused it ({max(codes, default='unsupported')}).")
    if codes:
        return TemporaryDeliveryError(f"The mail server put it off ({codes[0]}).")
    return TemporaryDeliveryError(f"The connection to the mail server broke ({type(error).__name__}).")


def keyed_headers(key: str) -> dict[str, str]:
    """The headers by which a repeat is known: the same for every try."""
    return {"Message-ID": message_id(key), KEY_HEADER: key, "Auto-Submitted": "auto-generated"}


def message_id(key: str) -> str:
    """The Message-ID of a key: the same for every try, and nobody else's."""
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    domain = sender.rpartition("@")[2] or urlsplit(settings.DESK_URL).hostname or "localhost"
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{domain}>"
