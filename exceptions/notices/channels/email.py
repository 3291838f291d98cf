"""E-mail by SMTP, as EMAIL_URL says. Plain text; a repeat carries the same Message-ID and key."""

import contextlib
from email.utils import parseaddr
from hashlib import sha256
from smtplib import SMTPException, SMTPNotSupportedError, SMTPRecipientsRefused, SMTPResponseException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.urls import reverse

from exceptions.notices.errors import NoticeError, PermanentNoticeError, TemporaryNoticeError, UnreachableError
from exceptions.notices.outgoing import Outgoing, absolute, link_to
from exceptions.notices.sentences import told_words
from exceptions.vocabulary import NoticeKind

KEY_HEADER = "X-Recovery-Desk-Key"
TIMEOUT_SECONDS = 5


class EmailChannel:
    """The mail server of the settings."""

    def is_set_up(self) -> bool:
        """Whether EMAIL_URL names a server."""
        return bool(settings.EMAIL_HOST)

    def open(self) -> "EmailSender":
        """Begin a run."""
        return EmailSender()


class EmailSender:
    """One connection for all e-mails of a run; made anew after it broke."""

    def __init__(self) -> None:
        # Named here rather than taken from EMAIL_BACKEND: what counts as delivered is a server's answer.
        self._backend = EmailBackend(timeout=TIMEOUT_SECONDS)

    def deliver(self, notice: Outgoing) -> None:
        """Send one e-mail; see ``Sender.deliver``."""
        message = write(notice)
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


def _told(error: SMTPException | OSError) -> NoticeError:
    """What a failure means; the server's words may quote an address, so only its code is kept."""
    codes = [error.smtp_code] if isinstance(error, SMTPResponseException) else []
    if isinstance(error, SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    if isinstance(error, SMTPNotSupportedError) or any(500 <= code < 600 for code in codes):
        return PermanentNoticeError(f"The mail server refused it ({max(codes, default='unsupported')}).")
    if codes:
        return TemporaryNoticeError(f"The mail server put it off ({codes[0]}).")
    return TemporaryNoticeError(f"The connection to the mail server broke ({type(error).__name__}).")


def write(notice: Outgoing) -> EmailMessage:
    """Write the e-mail of a notice or digest."""
    return EmailMessage(
        subject=notice.subject,
        body=_body(notice),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[notice.address],
        headers={
            "Message-ID": message_id(notice.key),
            KEY_HEADER: notice.key,
            "Auto-Submitted": "auto-generated",
        },
    )


def message_id(key: str) -> str:
    """The Message-ID of a key: the same for every try, and nobody else's."""
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    domain = sender.rpartition("@")[2] or urlsplit(absolute("/")).hostname or "localhost"
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def _body(notice: Outgoing) -> str:
    lines: list[str] = []
    for told in notice.told:
        lines += [told_words(told), link_to(told.exception_id), ""]
    if notice.more:
        lines += [f"And {notice.more:,} more:", link_to(None), ""]
    wishes = absolute(reverse("notices:settings"))
    why = (
        "These waited and go out together."
        if notice.kind == NoticeKind.DIGEST
        else "You get this because you answer for it, or did."
    )
    return "\n".join([*lines, "-- ", why, f"What is sent to you, and when: {wishes}", ""])
