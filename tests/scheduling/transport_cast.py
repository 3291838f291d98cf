"""A sender's tools for transport tests: messages, a blocking MLLP client, a listener here or a command elsewhere."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from django.conf import settings
from django.db import connection

from scheduling.models import Message
from scheduling.transports.group import GroupCommitter
from scheduling.transports.mllp.directory import Directory
from scheduling.transports.mllp.listener import Listener
from scheduling.transports.mllp.settings import ListenerSettings


def siu(number, *, sender="EPIC", facility="NORTH", more="", pad=0):
    """A booking message; ``pad`` bytes longer in a note."""
    note = f"NTE|1||{'x' * pad}\r" if pad else ""
    return (
        rf"MSH|^~\&|{sender}|{facility}|DESK|HUB|20261124094100||SIU^S12|{number}|P|2.5{more}" + "\r"
        f"SCH|{number}|{number}||||||||||^^30^20261201090000\rPID|1||4711^^^A\r{note}"
    ).encode()


def stored_control_ids():
    """Control ids of all stored messages, sorted."""
    return sorted(Message.objects.values_list("control_id", flat=True))


class Line:
    """A sender's end of an MLLP connection, blocking."""

    def __init__(self, address, context=None):
        plain = socket.create_connection(address, timeout=10)
        self.socket = context.wrap_socket(plain, server_hostname="localhost") if context else plain
        self._rest = b""

    def send(self, *bodies):
        self.socket.sendall(b"".join(b"\x0b" + body + b"\x1c\r" for body in bodies))

    def send_raw(self, data):
        self.socket.sendall(data)

    def answer(self):
        """(MSA-1, MSA-2) of the next acknowledgement; None when the listener closed."""
        while b"\x1c\r" not in self._rest:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                return None
            self._rest += data
        ack, _, self._rest = self._rest.partition(b"\x1c\r")
        fields = ack.split(b"\rMSA|")[1].rstrip(b"\r").split(b"|")
        return fields[0].decode(), fields[1].decode()

    def exchange(self, body):
        self.send(body)
        return self.answer()

    def close(self):
        self.socket.close()


@contextmanager
def running_listener(**given):
    """A listener in this process on a port of its own; yields it once it listens."""
    ready, loops = Event(), []
    committer = GroupCommitter()
    listener = Listener(ListenerSettings(**({"port": 0} | given)), committer, Directory())

    async def serve():
        stop = asyncio.Event()
        await listener.start()
        loops.append((asyncio.get_running_loop(), stop))
        ready.set()
        await stop.wait()
        await listener.stop()

    thread = Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield listener
    finally:
        loop, stop = loops[0]
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        committer.stop()
        assert not thread.is_alive()


def environment():
    """The environment of a process that works on the test database."""
    given = connection.settings_dict
    options = f"?host={given['HOST']}" if given["HOST"].startswith("/") else ""
    host = "" if options else f"{given['HOST']}:{given['PORT'] or 5432}"
    password = f":{given['PASSWORD']}" if given["PASSWORD"] else ""
    url = f"postgres://{given['USER']}{password}@{host}/{given['NAME']}{options}"
    return os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}


@contextmanager
def running_command(*arguments, **environ):
    """A management command in a process of its own, on the test database; killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=Path(settings.BASE_DIR),
        env=environment() | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)


def free_port():
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, seconds=10):
    """Poll until the condition holds; returns its last answer."""
    ends = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < ends:
        time.sleep(0.02)
    return found
