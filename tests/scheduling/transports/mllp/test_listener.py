"""The listener on real sockets and a real database."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from scheduling.models import EnvelopeNote, IntakeTally, Message, Waiting
from scheduling.vocabulary import FeedFormat
from tests.scheduling.transport_cast import Line, running_listener, siu, stored_control_ids, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_message_is_stored_byte_for_byte_before_its_answer(make_feed, line):
    feed = make_feed()

    with running_listener() as listener:
        answer = line(listener).exchange(siu("M1"))

        message = Message.objects.get()
        assert answer == ("AA", "M1")
        assert (message.feed_id, bytes(message.body), message.control_id) == (feed.pk, siu("M1"), "M1")
        assert message.transport == "mllp"
        assert list(Waiting.objects.values_list("message_id", flat=True)) == [message.pk]


def test_two_frames_in_one_packet_are_answered_in_order(make_feed, line):
    make_feed()

    with running_listener() as listener:
        sender = line(listener)
        sender.send(*(siu(f"M{number}") for number in range(40)))

        assert [sender.answer() for _ in range(40)] == [("AA", f"M{number}") for number in range(40)]
        assert IntakeTally.objects.values_list("received", flat=True).get() == 40


def test_frame_sent_byte_by_byte_is_one_message(make_feed, line):
    make_feed()

    with running_listener() as listener:
        sender = line(listener)
        for byte in b"\x0b" + siu("M1") + b"\x1c\r":
            sender.send_raw(bytes([byte]))

        assert sender.answer() == ("AA", "M1")


def test_fifty_senders_that_wait_for_each_answer(make_feed):
    make_feed()

    def play(address, number):
        sender = Line(address)
        answers = [sender.exchange(siu(f"S{number}-{turn}")) for turn in range(20)]
        sender.close()
        return answers == [("AA", f"S{number}-{turn}") for turn in range(20)]

    with running_listener() as listener, ThreadPoolExecutor(50) as pool:
        results = list(pool.map(lambda number: play(listener.addresses[0], number), range(50)))

    assert results == [True] * 50
    assert stored_control_ids() == sorted(f"S{number}-{turn}" for number in range(50) for turn in range(20))


def test_batch_gets_one_answer_and_counts_its_messages(make_feed, line):
    make_feed()
    batch = b"BHS|^~\\&|EPIC|NORTH|DESK|HUB|2026||||B7\r" + siu("M1") + siu("M2") + b"BTS|2\r"

    with running_listener() as listener:
        assert line(listener).exchange(batch) == ("AA", "B7")

    assert stored_control_ids() == ["M1", "M2"]


def test_frame_without_msh_is_stored_and_the_line_closed(make_feed, line):
    make_feed()

    with running_listener() as listener:
        assert line(listener).exchange(b"PID|1||4711\r") is None

    assert [bytes(body) for body in Message.objects.values_list("body", flat=True)] == [b"PID|1||4711\r"]


def test_bytes_outside_of_frames_are_stored_with_a_note_and_the_rest_goes_on(make_feed, line):
    make_feed()

    with running_listener() as listener:
        sender = line(listener)
        sender.send_raw(b"hello")

        assert sender.exchange(siu("M1")) == ("AA", "M1")

    assert sorted(bytes(body) for body in Message.objects.values_list("body", flat=True)) == [siu("M1"), b"hello"]
    assert list(EnvelopeNote.objects.values_list("kind", flat=True)) == ["unframed_bytes"]


def test_message_cut_short_is_not_answered_and_not_stored(make_feed, line):
    make_feed()

    with running_listener() as listener:
        sender = line(listener)
        sender.send_raw(b"\x0b" + siu("M1")[:60])
        sender.close()
        assert line(listener).exchange(siu("M2")) == ("AA", "M2")

    assert stored_control_ids() == ["M2"]


def test_message_over_the_limit_is_refused_and_the_line_closed(make_feed, line):
    make_feed(mllp={"max_bytes": 20_000})

    with running_listener() as listener:
        sender = line(listener)
        assert sender.exchange(siu("M1", pad=19_000)) == ("AA", "M1")
        sender.send(siu("M2", pad=400_000))

        assert (sender.answer(), sender.answer()) == (("AR", "M2"), None)

    assert stored_control_ids() == ["M1"]


def test_feeds_own_refusal_code_is_used(make_feed, line):
    make_feed(max_messages=1, mllp={"on_refusal": "AE"})

    with running_listener() as listener:
        sender = line(listener)
        assert sender.exchange(siu("M1") + siu("M2")) == ("AE", "M1")
        assert sender.exchange(siu("M3")) == ("AA", "M3")


def test_sender_decides_the_feed_and_a_stranger_is_refused(make_feed, line):
    north = make_feed("north", mllp={"sending_application": "EPIC", "sending_facility": "NORTH"})
    south = make_feed("south", mllp={"sending_application": "EPIC"})

    with running_listener() as listener:
        sender = line(listener)
        assert sender.exchange(siu("M1")) == ("AA", "M1")
        assert sender.exchange(siu("M2", facility="SOUTH")) == ("AA", "M2")
        assert sender.exchange(siu("M3", sender="LIS")) == ("AR", "M3")
        assert sender.answer() is None

    assert dict(Message.objects.values_list("control_id", "feed_id")) == {"M1": north.pk, "M2": south.pk}


def test_port_decides_the_feed(make_feed, line, unused_port):
    make_feed("any")
    own = make_feed("own-port", mllp={"port": unused_port})

    with running_listener() as listener:
        number = [port for _, port in listener.addresses].index(unused_port)
        assert line(listener, number=number).exchange(siu("M1")) == ("AA", "M1")

    assert Message.objects.get().feed_id == own.pk


def test_enhanced_mode_accepts_with_ca_or_says_nothing(make_feed, line):
    make_feed()

    with running_listener() as listener:
        sender = line(listener)
        assert sender.exchange(siu("M1", more="|||AL|NE")) == ("CA", "M1")
        sender.send(siu("M2", more="|||NE|NE"))
        assert sender.exchange(siu("M3", more="|||AL|AL")) == ("CA", "M3")

    assert stored_control_ids() == ["M1", "M2", "M3"]


def test_idle_sender_is_closed_and_a_dripping_one_too(make_feed, line):
    make_feed()

    with running_listener(idle_seconds=1.0, frame_seconds=1.5) as listener:
        idle, dripping = line(listener), line(listener)
        dripping.send_raw(b"\x0bMSH")
        began = time.monotonic()
        assert idle.answer() is None
        assert 0.9 < time.monotonic() - began < 3
        assert wait_for(lambda: is_gone(dripping, b"|"), 6)


def test_sender_over_the_number_is_closed_at_once(make_feed, line):
    make_feed()

    with running_listener(max_connections=1) as listener:
        first = line(listener)
        assert first.exchange(siu("M1")) == ("AA", "M1")
        assert line(listener).answer() is None
        first.close()
        assert wait_for(lambda: line(listener).exchange(siu("M2")) == ("AA", "M2"))


def is_gone(sender, byte):
    """Whether the other end refuses one byte more."""
    try:
        sender.send_raw(byte)
    except OSError:
        return True
    return False


@pytest.fixture
def refusing_database():
    """Have PostgreSQL refuse messages whose control id begins with BAD."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE scheduling_message ADD CONSTRAINT no_bad CHECK (control_id NOT LIKE 'BAD%')")
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE scheduling_message DROP CONSTRAINT no_bad")


def test_line_closes_without_an_answer_when_storing_fails(make_feed, line, refusing_database):
    make_feed()

    with running_listener() as listener:
        sender = line(listener)
        sender.send(siu("M1"), siu("BAD"), siu("M3"))

        assert [sender.answer(), sender.answer()] == [("AA", "M1"), None]

    assert stored_control_ids() == ["M1", "M3"]


def test_feed_may_ask_for_ae_when_storing_fails(make_feed, line, refusing_database):
    make_feed(mllp={"on_store_failure": "AE"})

    with running_listener() as listener:
        sender = line(listener)
        sender.send(siu("BAD"), siu("M2"))

        assert [sender.answer(), sender.answer()] == [("AE", "BAD"), ("AA", "M2")]


def test_listener_goes_on_after_postgres_ended_its_connections(make_feed, line):
    make_feed()

    with running_listener() as listener:
        sender = line(listener)
        assert sender.exchange(siu("M1")) == ("AA", "M1")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert sender.exchange(siu("M2")) == ("AA", "M2")

    assert stored_control_ids() == ["M1", "M2"]


def test_stop_answers_what_was_received(make_feed, line):
    make_feed()

    with running_listener() as listener:
        sender = line(listener)
        sender.exchange(siu("M0"))
        sender.send(*(siu(f"M{number}", pad=500) for number in range(1, 30)))
        first = sender.answer()

    answers = [first]
    while answers[-1] is not None:
        answers.append(sender.answer())
    assert {control_id for _, control_id in answers[:-1]} <= set(stored_control_ids())
    assert first == ("AA", "M1")


def test_feed_of_another_format_is_none_of_the_listeners(make_feed, line):
    make_feed("api", FeedFormat.FHIR, transport="mllp")

    with running_listener() as listener:
        assert line(listener).exchange(siu("M1")) == ("AR", "M1")
