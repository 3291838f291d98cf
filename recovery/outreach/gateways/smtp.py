"""E-mails to patients through the desk's own mail server (EMAIL_URL)."""

from django.conf import settings
from django.core.mail import EmailMessage

from config.web.mail import MailConnection, has_mail_server, keyed_headers
from recovery.outreach.gateways.kinds import Message, Receipt
from recovery.vocabulary import OutreachChannel


class SmtpGateway:
    """A mail server says whether it took an e-mail, and nothing after that."""

    channels = frozenset({OutreachChannel.EMAIL})
    tells_status = False

    def is_set_up(self) -> bool:
        """Whether EMAIL_URL names a server."""
        return has_mail_server()

    def open(self) -> "SmtpSender":
        """Begin a run."""
        return SmtpSender()


class SmtpSender:
    """All e-mails of a run over one connection."""

    def __init__(self) -> None:
        self._mail = MailConnection()

    def deliver(self, message: Message) -> Receipt:
        """Send one e-mail; see ``Sender.deliver``."""
        letter = EmailMessage(
            subject=message.subject,
            body=message.body,
            from_email=settings.OUTREACH_FROM,
            to=[message.to],
            headers=keyed_headers(message.key),
        )
        self._mail.send(letter)
        return Receipt()

    def close(self) -> None:
        """Say goodbye to the server."""
        self._mail.close()
