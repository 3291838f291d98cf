"""Signed webhooks: one POST a notice. docs/notices.md tells receivers how to check the signature."""

import contextlib
import hmac
import socket
import ssl
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from threading import Timer
from urllib.parse import urlsplit

import orjson

from exceptions.models.channels import WebhookEndpoint
from exceptions.notices.channels.bodies import BODIES
from exceptions.notices.errors import PermanentNoticeError, TemporaryNoticeError, UnreachableError
from exceptions.notices.outgoing import Outgoing
from exceptions.vocabulary import WebhookStyle

TIMEOUT_SECONDS = 5.0
TIMESTAMP_HEADER = "X-Recovery-Desk-Timestamp"
SIGNATURE_HEADER = "X-Recovery-Desk-Signature"
KEY_HEADER = "Idempotency-Key"
NOT_HTTPS = "Only https, or http on this machine."
# Asked to wait, or out of order: the next notice would fare no better.
_LATER = frozenset({408, 425, 429})


class WebhookChannel:
    """Addresses of other systems; always ready."""

    def is_set_up(self) -> bool:
        """Endpoints bring all that is needed."""
        return True

    def open(self) -> "WebhookSender":
        """Begin a run."""
        return WebhookSender()


class WebhookSender:
    """A connection of its own for each notice: no cookies, no proxies, no redirects, nothing kept."""

    def deliver(self, notice: Outgoing) -> None:
        """Post one notice; see ``Sender.deliver``. The answer's body is never read."""
        if notice.endpoint is None:
            raise PermanentNoticeError("It has no endpoint.")
        body = orjson.dumps(BODIES[WebhookStyle(notice.endpoint.style)](notice))
        status = _post(notice.endpoint, body, notice.key)
        if 200 <= status < 300:
            return
        if status in _LATER or status >= 500:
            raise UnreachableError(f"The endpoint answered {status}.")
        raise PermanentNoticeError(f"The endpoint answered {status}.")

    def close(self) -> None:
        """Nothing is kept."""


def is_allowed(url: str) -> bool:
    """Whether notices may be sent to an address: https anywhere, plain http only to this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a body sent at an epoch second: "v1=" and HMAC-SHA256 of "timestamp.body" in hex."""
    signed = timestamp.encode() + b"." + body
    return f"v1={hmac.new(secret.encode(), signed, 'sha256').hexdigest()}"


def _post(endpoint: WebhookEndpoint, body: bytes, key: str) -> int:
    """Post and return the status; the whole exchange takes ``TIMEOUT_SECONDS``, however slowly bytes come."""
    if not is_allowed(endpoint.url):
        raise PermanentNoticeError(NOT_HTTPS)
    parts = urlsplit(endpoint.url)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    ends = time.monotonic() + TIMEOUT_SECONDS
    timer = Timer(TIMEOUT_SECONDS, _cut, [connection])
    timer.start()
    try:
        connection.request("POST", path, body, _headers(endpoint.secret, body, key))
        return connection.getresponse().status
    except (HTTPException, OSError) as error:
        if time.monotonic() >= ends or isinstance(error, TimeoutError):
            raise UnreachableError(f"No answer within {TIMEOUT_SECONDS:.0f} s.") from error
        if isinstance(error, ssl.SSLCertVerificationError):
            raise UnreachableError("Its certificate does not hold.") from error
        if isinstance(error, OSError) and connection.sock is None:
            raise UnreachableError(f"It cannot be reached ({type(error).__name__}).") from error
        raise TemporaryNoticeError(f"The connection broke ({type(error).__name__}).") from error
    finally:
        timer.cancel()
        connection.close()


def _connection(scheme: str, host: str, port: int | None) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    return HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)


def _cut(connection: HTTPConnection) -> None:
    """End an exchange from outside: a socket's own timeout begins anew with every byte."""
    with contextlib.suppress(OSError, AttributeError):  # it has just ended, or not begun
        connection.sock.shutdown(socket.SHUT_RDWR)


def _headers(secret: str, body: bytes, key: str) -> dict[str, str]:
    timestamp = str(int(time.time()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "recovery-desk",
        KEY_HEADER: key,
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: sign(secret, timestamp, body),
    }
