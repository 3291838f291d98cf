"""Stubborn senders: each message is sent again until somebody says that it is stored, as interface engines do."""

import socket
import threading
import time
from http.client import HTTPConnection, HTTPException
from typing import Protocol

from scheduling.simulator.senders.mllp import END, START, acknowledgement, control_id


class Sender(Protocol):
    """Takes one message to the desk."""

    def send(self, body: bytes) -> bool:
        """Whether the desk said that it is stored."""


class MllpClient:
    """One MLLP connection, opened anew after any trouble."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._socket: socket.socket | None = None

    def send(self, body: bytes) -> bool:
        """Send and wait for the acknowledgement of this very message."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=10)
            self._socket.sendall(START + body + END)
            answer = b""
            while not answer.endswith(END):
                chunk = self._socket.recv(65536)
                if not chunk:
                    raise ConnectionError
                answer += chunk
        except OSError:
            self._close()
            return False
        return acknowledgement(answer, control_id(body)) in {"AA", "CA"}

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None


class HttpClient:
    """One HTTP connection to a feed's intake."""

    def __init__(self, port: int, feed: str, token: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=20)
        self._path = f"/intake/{feed}/"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}

    def send(self, body: bytes) -> bool:
        """Post and read the answer."""
        try:
            self._connection.request("POST", self._path, body, self._headers)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            self._connection.close()
            return False
        return 200 <= answer.status < 300


def send_all(senders: list[Sender], bodies: list[bytes], *, per_second: float, seconds: float) -> int:
    """Send every body until it is acknowledged; returns how often a message had to be sent again.

    Raises AssertionError when a message is not taken for ``seconds``.
    """
    queue, lock = list(reversed(bodies)), threading.Lock()
    again: list[bytes] = []
    lost: list[bytes] = []

    def work(sender: Sender) -> None:
        pause = len(senders) / per_second
        while True:
            with lock:
                if not queue or lost:
                    return
                body = queue.pop()
            ends = time.monotonic() + seconds
            while not sender.send(body):
                again.append(body)
                time.sleep(0.1)
                if time.monotonic() > ends:
                    lost.append(body)
                    return
            time.sleep(pause)

    threads = [threading.Thread(target=work, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lost == []
    return len(again)
