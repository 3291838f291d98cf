"""``manage.py mllp``: the MLLP listener."""

import asyncio
import os
import signal
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from scheduling.transports.errors import TransportSettingsError
from scheduling.transports.group import GroupCommitter
from scheduling.transports.mllp.directory import Directory
from scheduling.transports.mllp.listener import Listener
from scheduling.transports.mllp.settings import ListenerSettings, read_settings

# The loop and the committing thread take turns; at Python's 5 ms a commit would wait for the loop again and again.
SWITCH_SECONDS = 0.0005


class Command(BaseCommand):
    """Listens until SIGTERM or SIGINT; then stores and answers what it has received and ends."""

    help = "Receives HL7 v2 over MLLP and acknowledges each message once it is committed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Accept an address; the environment's BIND and MLLP_PORT stand in."""
        parser.add_argument("--host", help="address to listen on (default: BIND or 127.0.0.1)")
        parser.add_argument("--port", type=int, help="port to listen on (default: MLLP_PORT or 2575)")
        parser.add_argument("--reuse-port", action="store_true", help="share the port with other listener processes")

    def handle(self, *args: object, host: str | None, port: int | None, **options: object) -> None:  # noqa: ARG002
        """Run the listener; one sentence if it cannot."""
        sys.setswitchinterval(SWITCH_SECONDS)
        try:
            settings = read_settings(os.environ, host=host, port=port, reuse_port=bool(options["reuse_port"]))
            asyncio.run(self.listen(settings))
        except TransportSettingsError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"Cannot listen for MLLP ({error.strerror}); check BIND and MLLP_PORT.") from error

    async def listen(self, settings: ListenerSettings) -> None:
        """Listen until a signal comes."""
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        committer = GroupCommitter()
        listener = Listener(settings, committer, Directory())
        try:
            await listener.start()
            for host, port in listener.addresses:
                self.stdout.write(f"Listening for MLLP on {host} port {port}.")
                self.stdout.flush()
            await stopping.wait()
        finally:
            await listener.stop()
            await asyncio.to_thread(committer.stop)
