"""The live simulator against real sockets and folders: paced, patient with trouble, resumable, clean to stop."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from scheduling.simulator.demo import Position
from scheduling.simulator.live import LiveFeeds
from scheduling.simulator.senders.base import NotTakenError, RefusedError
from scheduling.simulator.senders.folder import FolderSender
from scheduling.simulator.senders.http import HttpSender
from scheduling.simulator.senders.mllp import MllpSender, acknowledgement
from scheduling.simulator.wire import Delivery

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def delivery(number: int, *, feed: str = "a", at: datetime | None = None, name: str = "") -> Delivery:
    body = f"MSH|^~\\&|A|B|C|D|20261124||SIU^S12|NS{number}|P|2.5.1\rSCH|1\r".encode()
    at = at or NOON + timedelta(seconds=number)
    return Delivery(feed, body, at, at, (number,), name or f"event {number}")


class Clock:
    """A clock that stands still unless it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Box:
    """A sender that keeps what it gets, refusing the first ``trouble`` attempts."""

    def __init__(self, trouble: int = 0, then: Callable[[], None] = lambda: None) -> None:
        self.trouble = trouble
        self.then = then
        self.got: list[int] = []
        self.is_closed = False

    async def send(self, delivery: Delivery) -> None:
        if self.trouble:
            self.trouble -= 1
            raise NotTakenError("not now")
        self.got.extend(delivery.truth_event_ids)
        self.then()

    async def close(self) -> None:
        self.is_closed = True


def position(tmp_path) -> Position:
    found = Position(tmp_path / "position.json")
    if found.lively_from is None:
        found.begin(NOON, ["a", "b"], NOON)
    return found


def test_what_is_due_is_caught_up_in_order_and_noted(tmp_path):
    box = Box(trouble=1)
    live = LiveFeeds({"a": box, "b": Box()}, position(tmp_path), Clock(NOON + timedelta(hours=1)))

    asyncio.run(live.run([delivery(n) for n in (1, 2, 3)]))

    assert (box.got, box.is_closed, live.sent) == ([1, 2, 3], True, 3)
    assert Position(tmp_path / "position.json").is_sent("a", NOON + timedelta(seconds=3))


def test_a_second_start_goes_on_after_the_last_delivery_taken(tmp_path):
    clock = Clock(NOON + timedelta(hours=1))
    asyncio.run(LiveFeeds({"a": Box(), "b": Box()}, position(tmp_path), clock).run([delivery(1), delivery(2)]))
    box = Box()

    asyncio.run(LiveFeeds({"a": box, "b": Box()}, position(tmp_path), clock).run([delivery(n) for n in (1, 2, 3)]))

    assert box.got == [3]


def test_what_is_not_due_yet_is_waited_for_and_a_stop_ends_the_wait(tmp_path):
    box = Box()
    live = LiveFeeds({"a": box, "b": Box()}, position(tmp_path), Clock(NOON))

    async def play() -> None:
        asyncio.get_running_loop().call_later(0.2, live.stop.set)
        await live.run([delivery(1, at=NOON + timedelta(milliseconds=50)), delivery(2, at=NOON + timedelta(hours=1))])

    asyncio.run(asyncio.wait_for(play(), 5))

    assert box.got == [1]


def test_a_feed_in_trouble_does_not_stop_the_others(tmp_path):
    stuck = Box(trouble=1000)
    live = LiveFeeds({"a": stuck, "b": (box := Box())}, position(tmp_path), Clock(NOON + timedelta(hours=1)))

    async def play() -> None:
        asyncio.get_running_loop().call_later(0.3, live.stop.set)
        await live.run([delivery(1), delivery(2, feed="b"), delivery(3, at=NOON + timedelta(hours=9))])

    asyncio.run(asyncio.wait_for(play(), 5))

    assert (stuck.got, box.got) == ([], [2])


async def answered_by(answers: list[bytes], attempts: int) -> tuple[list[object], int]:
    """What an MLLP sender makes of a listener's answers (one a connection or message), and how often it connected."""
    connections = 0

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while answers:
            try:
                await reader.readuntil(b"\x1c\r")
            except asyncio.IncompleteReadError:
                break
            answer = answers.pop(0)
            if not answer:
                break
            writer.write(answer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    sender = MllpSender("127.0.0.1", server.sockets[0].getsockname()[1])
    outcomes: list[object] = []
    for _ in range(attempts):
        try:
            await sender.send(delivery(7))
            outcomes.append(None)
        except (NotTakenError, RefusedError) as error:
            outcomes.append(type(error))
    await sender.close()
    server.close()
    return outcomes, connections


def ack(code: str, control_id: str = "NS7") -> bytes:
    return f"\x0bMSH|^~\\&|D|N|A|B|20261124||ACK|1|P|2.5.1\rMSA|{code}|{control_id}\r\x1c\r".encode()


@pytest.mark.parametrize(
    ("answers", "outcomes", "connections"),
    [
        ([ack("AA"), ack("AA")], [None, None], 1),
        ([ack("AE"), ack("AA")], [NotTakenError, None], 2),
        ([ack("AR"), ack("AA")], [RefusedError, None], 1),
        ([b"", ack("AA")], [NotTakenError, None], 2),
        ([ack("AA", "NS6"), ack("AA")], [NotTakenError, None], 2),
    ],
    ids=["taken", "error", "refused", "closed without answer", "late answer to another message"],
)
def test_mllp_sender_believes_only_the_answer_to_its_own_message(answers, outcomes, connections):
    assert asyncio.run(answered_by(list(answers), 2)) == (outcomes, connections)


def test_nobody_listening_is_not_taken():
    async def attempt() -> None:
        await MllpSender("127.0.0.1", 1).send(delivery(1))

    with pytest.raises(NotTakenError):
        asyncio.run(attempt())


def test_acknowledgement_of_something_that_is_none_is_empty():
    assert acknowledgement(b"\x0bhello\x1c\r", "NS1") == ""


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, None), (202, None), (401, NotTakenError), (422, RefusedError), (503, NotTakenError)],
)
def test_http_sender_posts_with_the_token_and_reads_the_status(status, outcome):
    seen: list[tuple[str, str | None, bytes]] = []

    class Intake(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, self.headers["Authorization"], body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Intake)
    Thread(target=server.handle_request, daemon=True).start()
    sender = HttpSender("127.0.0.1", server.server_port, "/intake/a/", "secret")

    async def attempt() -> object:
        try:
            await sender.send(delivery(1))
        except (NotTakenError, RefusedError) as error:
            return type(error)
        finally:
            await sender.close()
        return None

    result = asyncio.run(attempt())
    server.server_close()

    assert result == outcome
    assert seen == [("/intake/a/", "Bearer secret", delivery(1).body)]


def test_folder_sender_leaves_one_whole_file(tmp_path):
    asyncio.run(FolderSender(tmp_path / "drop").send(delivery(1, name="elm.csv")))

    assert {path.name: path.read_bytes() for path in (tmp_path / "drop").iterdir()} == {"elm.csv": delivery(1).body}
