"""An MLLP client that waits for each acknowledgement before it sends the next message."""

import asyncio

from scheduling.simulator.senders.base import NotTakenError, RefusedError
from scheduling.simulator.wire import Delivery

START, END = b"\x0b", b"\x1c\r"
ACK_WITHIN = 15.0
MAX_ACK = 64 * 1024
TAKEN, REFUSED = {"AA", "CA"}, {"AR", "CR"}


class MllpSender:
    """One connection, opened when needed and dropped at the first trouble."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, delivery: Delivery) -> None:
        """Send one message and wait for its acknowledgement."""
        try:
            answer = await asyncio.wait_for(self._exchange(delivery.body), ACK_WITHIN)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            await self.close()
            raise NotTakenError(f"No acknowledgement from {self.host}:{self.port} ({type(error).__name__}).") from error
        code = acknowledgement(answer, control_id(delivery.body))
        if code in REFUSED:
            raise RefusedError(f"The listener answered {code}.")
        if code not in TAKEN:
            await self.close()
            raise NotTakenError(f"The listener answered {code or 'something else'}.")

    async def _exchange(self, body: bytes) -> bytes:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port, limit=MAX_ACK)
        self._writer.write(START + body + END)
        await self._writer.drain()
        return await self._reader.readuntil(END)

    async def close(self) -> None:
        """Drop the connection; the next message opens another."""
        writer, self._reader, self._writer = self._writer, None, None
        if writer is not None:
            writer.close()
            try:
                await asyncio.wait_for(writer.wait_closed(), 2)
            except (OSError, TimeoutError):
                return


def control_id(body: bytes) -> str:
    """MSH-10 of a message."""
    fields = body.partition(b"\r")[0].split(b"|")
    return fields[9].decode() if len(fields) > 9 else ""


def acknowledgement(frame: bytes, wanted: str) -> str:
    """MSA-1 of a framed answer; "" when it answers another message (a late ACK) or none."""
    for segment in frame.strip(START + END).split(b"\r"):
        fields = segment.split(b"|")
        if fields[0] == b"MSA" and len(fields) > 2 and fields[2].decode(errors="replace") == wanted:
            return fields[1].decode(errors="replace")
    return ""
