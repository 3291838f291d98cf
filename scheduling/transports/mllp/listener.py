"""The MLLP listener: accepts senders, watches their time limits, and stops without losing what was received."""

import asyncio
import socket
from collections.abc import Iterable

import structlog

from scheduling.transports.group import GroupCommitter
from scheduling.transports.mllp.connection import Connection
from scheduling.transports.mllp.directory import Directory
from scheduling.transports.mllp.settings import ListenerSettings
from scheduling.transports.mllp.tls import tls_context

log = structlog.get_logger(__name__)

WATCH_SECONDS = 0.5
HANDSHAKE_SECONDS = 10
BACKLOG = 256
_KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))


class Listener:
    """Listens on its own port and on those that feeds ask for. ``addresses`` are the (host, port) it got."""

    def __init__(self, settings: ListenerSettings, committer: GroupCommitter, directory: Directory) -> None:
        self.settings, self.committer, self.directory = settings, committer, directory
        self.addresses: list[tuple[str, int]] = []
        self._servers: list[asyncio.Server] = []
        self._connections: dict[Connection, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Read the feeds and listen. Raises OSError for a port that cannot be had, TransportSettingsError for TLS."""
        await self.directory.renew()
        context = tls_context(self.settings)
        for port in sorted({self.settings.port} | self.directory.ports):
            server = await asyncio.start_server(
                self._serve,
                self.settings.host,
                port,
                backlog=BACKLOG,
                ssl=context,
                ssl_handshake_timeout=HANDSHAKE_SECONDS if context else None,
                reuse_port=self.settings.reuse_port or None,
            )
            self._servers.append(server)
            self.addresses += [listening.getsockname()[:2] for listening in server.sockets]
        self._tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self.directory.keep_renewing())]

    async def stop(self) -> None:
        """Accept no more, store and answer what was received, then close; not longer than ``stop_seconds``."""
        for server in self._servers:
            server.close()
        for connection in self._connections:
            connection.hang_up()
        if self._connections:
            _, late = await asyncio.wait(self._connections.values(), timeout=self.settings.stop_seconds)
            _cancel(late)
        _cancel(self._tasks)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= self.settings.max_connections:
            log.warning("mllp connection refused: too many are open", most=self.settings.max_connections)
            writer.close()
            return
        _keep_alive(writer)
        port = writer.get_extra_info("sockname")[1]
        connection = Connection(
            reader, writer, port=port, directory=self.directory, committer=self.committer, settings=self.settings
        )
        task = asyncio.current_task()
        if task is not None:
            self._connections[connection] = task
        try:
            await connection.serve()
        except OSError as error:  # the line broke; whatever was not answered is sent again
            connection.log.info("mllp line broke", error=type(error).__name__)
        except Exception:  # one sender's trouble is nobody else's
            connection.log.exception("mllp connection failed")
        finally:
            self._connections.pop(connection, None)
            writer.close()

    async def _watch(self) -> None:
        """Hang up on those whose time is over."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for connection in list(self._connections):
                if connection.deadline is not None and loop.time() > connection.deadline:
                    connection.log.info("mllp connection closed: time is over", writing=connection.is_writing)
                    connection.hang_up()


def _cancel(tasks: Iterable["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    """Have the kernel find out about senders that are gone without a word."""
    line = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if option := getattr(socket, name, None):  # not every system has all of them
            line.setsockopt(socket.IPPROTO_TCP, option, value)
