"""What the listener answers, byte for byte."""

from datetime import UTC, datetime

import pytest

from scheduling.transports.mllp.acknowledgement import AckMode, Answer, Verdict, acknowledge
from scheduling.transports.mllp.header import read_header

NOW = datetime(2026, 11, 24, 15, 41, 7, tzinfo=UTC)
AT = b"20261124154107+0000"
MSH = r"MSH|^~\&|EPIC|NORTH|DESK|HUB|20261124094100||SIU^S12^SIU_S12|M17|P|2.5.1"


def answer_to(message, verdict=Verdict.ACCEPTED, *, mode=AckMode.AUTO, text=""):
    header = read_header(message if isinstance(message, bytes) else message.encode())
    assert header is not None
    return acknowledge(header, Answer(verdict, "D1", text), now=NOW, mode=mode)


def test_accepted_message_is_answered_to_its_sender():
    assert answer_to(f"{MSH}\rSCH|1\r") == (
        b"\x0bMSH|^~\\&|DESK|HUB|EPIC|NORTH|20261124154107+0000||ACK^S12^ACK|D1|P|2.5.1\rMSA|AA|M17\r\x1c\r"
    )


def test_refusal_says_why_without_the_senders_delimiters():
    assert answer_to(f"{MSH}\r", Verdict.REJECTED, text="Too|large & so").endswith(
        b"\rMSA|AR|M17|Too large   so\r\x1c\r"
    )


@pytest.mark.parametrize(
    ("message", "start"),
    [
        (rf"{MSH}||||||8859/1", b"\x0bMSH|^~\\&|DESK|HUB|EPIC|NORTH|" + AT + b"||ACK^S12^ACK|D1|P|2.5.1||||||8859/1\r"),
        ("MSH#*~\\&#A#B#C#D#2026##ADT*A08#7#T#2.3", b"\x0bMSH#*~\\&#C#D#A#B#" + AT + b"##ACK*A08#D1#T#2.3\rMSA#AA#7\r"),
        ("MSH|^~&|A|B", b"\x0bMSH|^~&|||A|B|20261124154107+0000||ACK|D1|P|2.5\rMSA|AA|\r"),
        ("\ufeff" + MSH, b"\x0bMSH|^~\\&|DESK|HUB|EPIC|NORTH|"),
        ("MSH|^~\\&|A^1.2^ISO|B|C|D|2026||SIU^S12|Ä7|P|2.4", b"\x0bMSH|^~\\&|C|D|A^1.2^ISO|B|"),
    ],
    ids=["charset", "own delimiters", "short", "byte order mark", "hierarchic designator"],
)  # fmt: skip
def test_answer_is_written_as_the_sender_writes(message, start):
    assert answer_to(message)[: len(start)] == start


def test_control_id_comes_back_byte_for_byte():
    assert b"\rMSA|AA|\xc47\xff\r" in answer_to(b"MSH|^~\\&|A|B|C|D|2026||SIU^S12|\xc47\xff|P|2.4\rSCH|1\r")


def test_utf_16_is_answered_in_utf_16():
    answer = answer_to(f"{MSH}\r".encode("utf-16-le"))

    assert answer[1:-2].decode("utf-16-le").endswith("\rMSA|AA|M17\r")


def test_batch_is_answered_once_under_its_own_id():
    batch = "FHS|^~\\&|A|B|C|D|2026||||F9\rBHS|^~\\&|A|B|C|D|2026||||B1\r" + MSH + "\rSCH|1\rBTS|1\rFTS|1\r"

    assert answer_to(batch).endswith(b"|ACK^S12^ACK|D1|P|2.5.1\rMSA|AA|F9\r\x1c\r")


@pytest.mark.parametrize(
    ("accept", "application", "verdict", "code"),
    [
        ("", "", Verdict.ACCEPTED, b"AA"),
        ("", "", Verdict.ERROR, b"AE"),
        ("", "", Verdict.REJECTED, b"AR"),
        ("AL", "NE", Verdict.ACCEPTED, b"CA"),
        ("AL", "AL", Verdict.ERROR, b"CE"),
        ("AL", "", Verdict.REJECTED, b"CR"),
        ("NE", "NE", Verdict.ACCEPTED, None),
        ("NE", "AL", Verdict.REJECTED, None),
        ("ER", "NE", Verdict.ACCEPTED, None),
        ("ER", "NE", Verdict.REJECTED, b"CR"),
        ("SU", "NE", Verdict.ACCEPTED, b"CA"),
        ("SU", "NE", Verdict.ERROR, None),
        ("", "AL", Verdict.ACCEPTED, b"AA"),
        ("", "NE", Verdict.ACCEPTED, None),
    ],
)
def test_enhanced_mode_answers_what_was_asked_for(accept, application, verdict, code):
    answer = answer_to(f"{MSH}|||{accept}|{application}\r", verdict)

    assert answer.partition(b"\rMSA|")[2][:2] == (code or b"")


def test_feed_may_insist_on_the_original_mode():
    assert b"\rMSA|AA|M17\r" in answer_to(f"{MSH}|||AL|NE\r", mode=AckMode.ORIGINAL)


@pytest.mark.parametrize("body", [b"", b"hello", b"MSHX", b"PID|MSH|", b"\0\0\0"])
def test_bytes_without_a_header_have_none(body):
    assert read_header(body) is None
