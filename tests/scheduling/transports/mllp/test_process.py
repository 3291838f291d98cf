"""The listener as a process: killed at random, stopped, started twice on one port."""

import random
import signal
import time
from threading import Event, Thread

import pytest

from scheduling.models import IntakeTally, Message
from tests.scheduling.transport_cast import Line, free_port, running_command, siu, stored_control_ids, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 3
SENDERS = 8


class Sender(Thread):
    """Sends numbered messages, each until it is answered, and keeps what it was told."""

    def __init__(self, number, port, stop):
        super().__init__(daemon=True)
        self.number, self.port, self.stop = number, port, stop
        self.accepted = []

    def run(self):
        line, turn = None, 0
        while not self.stop.is_set():
            try:
                line = line or Line(("127.0.0.1", self.port))
                answer = line.exchange(siu(f"S{self.number}-{turn}"))
            except OSError:
                answer = None
            if answer is None:
                line = None
                time.sleep(0.02)
                continue
            assert answer == ("AA", f"S{self.number}-{turn}")
            self.accepted.append(answer[1])
            turn += 1


def is_listening(port):
    try:
        Line(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def test_what_was_acknowledged_survives_kill_9(make_feed):
    make_feed()
    port, stop = free_port(), Event()
    senders = [Sender(number, port, stop) for number in range(SENDERS)]
    chance = random.Random(11)

    for turn in range(ROUNDS):
        with running_command("mllp", "--host", "127.0.0.1", "--port", str(port)) as process:
            assert wait_for(lambda: is_listening(port), 20), process.stderr.read() if process.poll() else "too slow"
            if turn == 0:
                for sender in senders:
                    sender.start()
            before = sum(len(sender.accepted) for sender in senders)
            assert wait_for(lambda: sum(len(sender.accepted) for sender in senders) > before + 50)  # noqa: B023
            time.sleep(chance.random() / 2)
            process.send_signal(signal.SIGKILL)
            process.wait(10)
    stop.set()
    for sender in senders:
        sender.join(15)

    accepted = {control_id for sender in senders for control_id in sender.accepted}
    stored = stored_control_ids()
    assert len(accepted) > 50 * ROUNDS
    assert accepted <= set(stored)
    assert sum(IntakeTally.objects.values_list("received", flat=True)) == len(stored) == Message.objects.count()


def test_sigterm_ends_the_listener_cleanly_and_two_may_share_a_port(make_feed):
    make_feed()
    port = free_port()
    command = ("mllp", "--host", "127.0.0.1", "--port", str(port), "--reuse-port")

    with running_command(*command) as first, running_command(*command) as second:
        assert first.stdout.readline() == second.stdout.readline() == f"Listening for MLLP on 127.0.0.1 port {port}.\n"
        line = Line(("127.0.0.1", port))
        assert line.exchange(siu("M1")) == ("AA", "M1")
        for process in (first, second):
            process.send_signal(signal.SIGTERM)
        assert [first.wait(10), second.wait(10)] == [0, 0]
        assert line.answer() is None


def test_taken_port_is_one_sentence(make_feed):
    port = free_port()
    command = ("mllp", "--host", "127.0.0.1", "--port", str(port))

    with running_command(*command) as first:
        first.stdout.readline()
        with running_command(*command) as second:
            assert second.wait(20) == 1
            assert second.stderr.read().startswith("CommandError: Cannot listen for MLLP")
