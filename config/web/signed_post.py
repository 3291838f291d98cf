"""One signed HTTP POST a message, and the check of one that comes in. docs/notices.md tells others how to sign."""

import contextlib
import hmac
import socket
import ssl
import time
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from threading import Timer
from typing import NamedTuple
from urllib.parse import urlsplit

from config.web.delivery import PermanentDeliveryError, TemporaryDeliveryError, UnreachableError

TIMEOUT_SECONDS = 5.0
TIMESTAMP_HEADER = "X-Recovery-Desk-Timestamp"
SIGNATURE_HEADER = "X-Recovery-Desk-Signature"
KEY_HEADER = "Idempotency-Key"
NOT_HTTPS = "Only https, or http on this machine."
# How far the clock of whoever signed may be away; an older signature may be somebody's copy.
TOLERANCE = timedelta(minutes=5)
# Asked to wait, or out of order: the next message would fare no better.
_LATER = frozenset({408, 425, 429})


class Answered(NamedTuple):
    """The status of an answer, and as much of its body as was asked for."""

    status: int
    body: bytes = b""


def is_allowed(url: str) -> bool:
    """Whether messages may be sent to an address: https anywhere, plain http only to this machine."""
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


def is_signed(secret: str, timestamp: str, signature: str, body: bytes, *, now: datetime) -> bool:
    """Whether a body that came in was signed with the secret within the last minutes; never with an empty secret."""
    if not secret or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        return False
    is_right = hmac.compare_digest(sign(secret, timestamp, body).encode(), signature.encode())
    return is_right and abs(now.timestamp() - int(timestamp)) <= TOLERANCE.total_seconds()


def post(url: str, secret: str, body: bytes, key: str, *, most: int = 0) -> Answered:
    """Post and return the answer, with up to ``most`` bytes of its body (none by default).

    The whole exchange takes ``TIMEOUT_SECONDS``, however slowly bytes come. A connection of its own: no cookies, no
    proxies, no redirects, nothing kept. Raises a DeliveryError for everything but 2xx.
    """
    answered = _exchange(url, _headers(secret, body, key), body, most)
    if 200 <= answered.status < 300:
        return answered
    if answered.status in _LATER or answered.status >= 500:
        raise UnreachableError(f"The endpoint answered {answered.status}.")
    raise PermanentDeliveryError(f"The endpoint answered {answered.status}.")


def _exchange(url: str, headers: dict[str, str], body: bytes, most: int) -> Answered:
    if not is_allowed(url):
        raise PermanentDeliveryError(NOT_HTTPS)
    parts = urlsplit(url)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    ends = time.monotonic() + TIMEOUT_SECONDS
    timer = Timer(TIMEOUT_SECONDS, _cut, [connection])
    timer.start()
    try:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        return Answered(response.status, response.read(most) if most else b"")
    except (HTTPException, OSError) as error:
        if time.monotonic() >= ends or isinstance(error, TimeoutError):
            raise UnreachableError(f"No answer within {TIMEOUT_SECONDS:.0f} s.") from error
        if isinstance(error, ssl.SSLCertVerificationError):
            raise UnreachableError("Its certificate does not hold.") from error
        if isinstance(error, OSError) and connection.sock is None:
            raise UnreachableError(f"It cannot be reached ({type(error).__name__}).") from error
        raise TemporaryDeliveryError(f"The connection broke ({type(error).__name__}).") from error
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
