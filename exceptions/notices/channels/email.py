"""E-mail by SMTP, as EMAIL_URL says. Plain text; a repeat carries the same Message-ID and key."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from config.web.mail import MailConnection, has_mail_server, keyed_headers
from exceptions.notices.outgoing import Outgoing, absolute, link_to
from exceptions.notices.sentences import told_words
from exceptions.vocabulary import NoticeKind


class EmailChannel:
    """The mail server of the settings."""

    def is_set_up(self) -> bool:
        """Whether EMAIL_URL names a server."""
        return has_mail_server()

    def open(self) -> "EmailSender":
        """Begin a run."""
        return EmailSender()


class EmailSender:
    """All e-mails of a run."""

    def __init__(self) -> None:
        self._mail = MailConnection()

    def deliver(self, notice: Outgoing) -> None:
        """Send one e-mail; see ``Sender.deliver``."""
        self._mail.send(write(notice))

    def close(self) -> None:
        """Say goodbye to the server."""
        self._mail.close()


def write(notice: Outgoing) -> EmailMessage:
    """Write the e-mail of a notice or digest."""
    return EmailMessage(
        subject=notice.subject,
        body=_body(notice),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[notice.address],
        headers=keyed_headers(notice.key),
    )


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
