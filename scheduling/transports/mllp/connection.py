"""One sender's connection: frames in, acknowledgements out in the same order, never one before its commit (I1)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from uuid import uuid4

import structlog
from django.utils import timezone

from scheduling.facts import Problem, UnreadableMessageError
from scheduling.services.intake import Arrival
from scheduling.transports.errors import IntakeBusyError
from scheduling.transports.group import GroupCommitter
from scheduling.transports.mllp.acknowledgement import AckMode, Answer, Verdict, acknowledge
from scheduling.transports.mllp.directory import Directory
from scheduling.transports.mllp.framing import Deframer, Piece, PieceKind
from scheduling.transports.mllp.header import Header, read_header
from scheduling.transports.mllp.routing import MllpFeed, choose
from scheduling.transports.mllp.settings import ListenerSettings
from scheduling.vocabulary import Transport

log = structlog.get_logger(__name__)

READ_BYTES = 64 * 1024
BUSY_SECONDS = 0.005
SEE_OFF_SECONDS = 2.0
UNKNOWN_SENDER = "This sending application and facility are not known here."


@dataclass(slots=True)
class Reply:
    """What is owed for one piece: a stored message's answer, or a refusal that is known at once."""

    header: Header | None = None
    feed: MllpFeed | None = None
    stored: "asyncio.Future[Arrival] | None" = None
    refused: str = ""
    closes: bool = False


class Connection:
    """Serves one sender. ``deadline`` (loop time) is when the listener's watch gives up on it; None while we work."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        port: int,
        directory: Directory,
        committer: GroupCommitter,
        settings: ListenerSettings,
    ) -> None:
        self.reader, self.writer, self.port = reader, writer, port
        self.directory, self.committer, self.settings = directory, committer, settings
        self.deframer = Deframer(directory.max_bytes)
        self.deadline: float | None = None
        self.is_writing = False
        self.log = log.bind(port=port, peer=str((writer.get_extra_info("peername") or ("",))[0]))
        self._clock = asyncio.get_running_loop().time
        self._begun_at: float | None = None

    async def serve(self) -> None:
        """Answer until the sender goes, is told to go, or sends what ends the stream."""
        is_open = True
        while is_open:
            data = await self._read()
            pieces = self.deframer.feed(data) if data else self.deframer.finish()
            is_open = await self._answer(pieces) and bool(data) and not self.deframer.is_dead
            if data and self.deframer.is_dead:
                await self._see_off()

    def hang_up(self) -> None:
        """Take no more from the sender; what has been received is still stored and answered."""
        if self.is_writing and self.deadline is not None and self._clock() > self.deadline:
            self.writer.transport.abort()  # it does not read its acknowledgements
        elif not self.reader.at_eof():
            cast("asyncio.Transport", self.writer.transport).pause_reading()
            self.reader.feed_eof()

    async def _read(self) -> bytes:
        now = self._clock()
        if self.deframer.is_unfinished:
            # Counted from the message's first byte, so that a sender cannot hold a place by dripping.
            self._begun_at = self._begun_at or now
            self.deadline = self._begun_at + self.settings.frame_seconds
        else:
            self._begun_at = None
            self.deadline = now + self.settings.idle_seconds
        data = await self.reader.read(READ_BYTES)
        self.deadline = None
        return data

    async def _see_off(self) -> None:
        """Let a sender that is still sending read its refusal: closing on unread bytes would destroy it on its way."""
        if self.writer.can_write_eof():
            self.writer.write_eof()
        self.deadline = self._clock() + SEE_OFF_SECONDS
        while await self.reader.read(READ_BYTES):
            pass

    async def _answer(self, pieces: Sequence[Piece]) -> bool:
        """Store the pieces together and answer them in order; False when the connection is to be closed."""
        if not pieces:
            return True
        replies: list[Reply] = []
        for piece in pieces:
            replies.append(await self._take(piece))
            if replies[-1].closes:
                break
        stays_open = True
        for reply in replies:
            if stays_open:
                stays_open = await self._write(reply) and not reply.closes
            elif reply.stored is not None:
                reply.stored.cancel()  # stored or not, nobody will be told; the sender sends it again
        await self._drain()
        return stays_open

    async def _take(self, piece: Piece) -> Reply:
        match piece.kind:
            case PieceKind.FRAME:
                return await self._take_frame(piece.body)
            case PieceKind.TOO_LARGE:
                header = read_header(piece.body)
                feed = choose(self.directory.feeds, self.port, header)
                self.log.warning("mllp message over the size limit", feed=feed and feed.entry.key)
                return Reply(header, feed, refused=f"A message may have {self.deframer.limit} bytes.", closes=True)
            case PieceKind.CUT:
                self.log.warning("mllp message cut short; its sender got no answer", bytes=len(piece.body))
                return Reply()
            case _:
                return await self._take_stray(piece)

    async def _take_frame(self, body: bytes) -> Reply:
        header = read_header(body)
        feed = choose(self.directory.feeds, self.port, header)
        if feed is None:
            self.log.warning("mllp sender is not known; refused", bytes=len(body), has_header=header is not None)
            return Reply(header, refused=UNKNOWN_SENDER, closes=True)
        if len(body) > feed.max_bytes:
            self.log.warning("mllp message over the size limit", feed=feed.entry.key, bytes=len(body))
            return Reply(header, feed, refused=f"A message may have {feed.max_bytes} bytes.", closes=True)
        try:
            arrival = feed.entry.arrive(body, transport=Transport.MLLP, now=timezone.now())
        except UnreadableMessageError as error:
            self.log.warning("mllp envelope refused", feed=feed.entry.key, reason=error.reason)
            return Reply(header, feed, refused=error.sentence)
        # Without a header there is nobody to answer: stored, rejected when it is read, closed.
        return Reply(header, feed, stored=await self._submit(arrival), closes=header is None)

    async def _take_stray(self, piece: Piece) -> Reply:
        """Account for bytes outside of any frame: stored without an answer, with a note on the envelope."""
        feed, is_flood = choose(self.directory.feeds, self.port, None), piece.kind is PieceKind.FLOOD
        self.log.warning("mllp bytes outside of a frame", bytes=len(piece.body), feed=feed and feed.entry.key)
        if feed is None:
            return Reply(closes=is_flood)
        arrival = feed.entry.arrive(piece.body, transport=Transport.MLLP, now=timezone.now())
        arrival.envelope.problems.append(Problem("unframed_bytes", "MLLP"))
        return Reply(None, feed, stored=await self._submit(arrival), closes=is_flood)

    async def _submit(self, arrival: Arrival) -> "asyncio.Future[Arrival]":
        while True:
            try:
                return asyncio.wrap_future(self.committer.submit(arrival))
            except IntakeBusyError:
                await asyncio.sleep(BUSY_SECONDS)  # not reading meanwhile is what slows the sender down

    async def _write(self, reply: Reply) -> bool:
        """Write what is owed, once it is committed; False when storing failed and the connection must close."""
        verdict, text = Verdict.ACCEPTED, ""
        if reply.stored is not None:
            try:
                await reply.stored
            except Exception:  # whatever it is, the message is not stored
                self.log.exception("mllp message could not be stored")
                if reply.feed is None or not reply.feed.answers_failure:
                    return False
                verdict, text = Verdict.ERROR, "It could not be stored. Send it again."
        elif reply.refused:
            verdict, text = (reply.feed.refusal if reply.feed else Verdict.REJECTED), reply.refused
        else:
            return True
        if reply.header is not None:
            mode = reply.feed.mode if reply.feed else AckMode.AUTO
            answer = Answer(verdict, uuid4().hex[:20], text)
            self.writer.write(acknowledge(reply.header, answer, now=timezone.now(), mode=mode))
        return True

    async def _drain(self) -> None:
        self.is_writing, self.deadline = True, self._clock() + self.settings.answer_seconds
        await self.writer.drain()
        self.is_writing, self.deadline = False, None
