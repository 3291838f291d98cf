"""A mail server and a web server that really listen, for what leaves the desk.

with mail_server() as mail:      # mail.url for EMAIL_URL; mail.letters are parsed messages
with web_server() as web:        # web.url; web.posts are what came; web.answers what to say next
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import environ
import orjson
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


@dataclass
class Mail:
    """What a mail server got and how it answers; ``answer`` None takes everything."""

    letters: list[EmailMessage] = field(default_factory=list)
    answer: Callable[[EmailMessage], str | None] = lambda _: None
    greet: Callable[[], None] = lambda: None
    port: int = 0

    @property
    def url(self) -> str:
        """For EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_EHLO(self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]) -> Any:  # noqa: N802
        self.greet()
        session.host_name = hostname
        return responses

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        letter = message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default)
        refused = self.answer(letter)
        if refused is None:
            self.letters.append(letter)
        return refused or "250 Taken"

    @property
    def keys(self) -> list[str]:
        """The keys of the letters, in the order they came."""
        return [str(letter["X-Recovery-Desk-Key"]) for letter in self.letters]


@contextmanager
def mail_server(port: int = 0) -> Iterator[Mail]:
    """Listen on a free port of this machine until the block ends."""
    mail = Mail(port=port or _free_port())
    controller = Controller(mail, hostname="127.0.0.1", port=mail.port)
    controller.start()
    try:
        yield mail
    finally:
        controller.stop()


def send_mail_to(mail: Mail, settings: Any) -> None:
    """Have the desk send its mail to a server, for the length of a test with pytest-django's ``settings``."""
    for name, value in environ.Env.email_url_config(mail.url).items():
        setattr(settings, name, value or "")


class Post(NamedTuple):
    """One POST that came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        """The body as JSON."""
        return orjson.loads(self.body)


@dataclass
class Web:
    """What a web server got; ``answers`` are taken from the front, then it is 204.

    An answer is a status, or a function that writes to the handler by itself.
    """

    posts: list[Post] = field(default_factory=list)
    answers: list[int | Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    port: int = 0

    @property
    def url(self) -> str:
        """For an endpoint."""
        return f"http://127.0.0.1:{self.port}/hook?team=7"

    @property
    def keys(self) -> list[str]:
        """The keys of the posts, in the order they came."""
        return [post.headers["idempotency-key"] for post in self.posts]


@contextmanager
def web_server() -> Iterator[Web]:
    """Listen on a free port of this machine until the block ends."""
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            web.posts.append(Post(self.path, headers, body))
            answer = web.answers.pop(0) if web.answers else 204
            if callable(answer):
                with contextlib.suppress(OSError):
                    answer(self)
                return
            self.send_response(answer)
            for name, value in web.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        web.port = server.server_port
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield web
        finally:
            server.shutdown()


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Answer a byte at a time for much longer than anyone should wait."""
    for _ in range(60):
        handler.wfile.write(b"H")
        handler.wfile.flush()
        time.sleep(0.5)


def endless_body(handler: BaseHTTPRequestHandler) -> None:
    """Answer 200 and then a body that does not end while somebody reads."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while True:
        handler.wfile.write(b"x" * 65536)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
