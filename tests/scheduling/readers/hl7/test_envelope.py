"""Batches, files of messages, and what intake sees of a message at a glance."""

import pytest

from benchmarks.messages import generate
from scheduling.facts import Problem
from scheduling.readers.hl7.envelope import split
from scheduling.readers.hl7.peek import peek
from scheduling.readers.hl7.reader import read


def message(number, end="\r"):
    return end.join([rf"MSH|^~\&|A|B|C|D|20270302||SIU^S12|M{number}|P|2.5", f"SCH|{number}|{number}", ""]).encode()


ONE, TWO, THREE = message(1), message(2), message(3)
FHS, BHS = b"FHS|^~\\&|A|B\r", b"BHS|^~\\&|A|B\r"


@pytest.mark.parametrize(
    ("body", "messages", "declared", "problems"),
    [
        (ONE, [ONE], None, []),
        (ONE + TWO, [ONE, TWO], None, []),
        (message(1, "\n") + message(2, "\r\n"), [b"MSH|^~\\&|A|B|C|D|20270302||SIU^S12|M1|P|2.5\nSCH|1|1\r",
                                              b"MSH|^~\\&|A|B|C|D|20270302||SIU^S12|M2|P|2.5\r\nSCH|2|2\r"], None, []),
        (b"\x0b" + ONE + b"\x1c\r\x0b" + TWO + b"\x1c\r", [ONE, TWO], None, []),
        (FHS + BHS + ONE + TWO + b"BTS|2\rFTS|1\r", [ONE, TWO], 2, []),
        (BHS + ONE + b"BTS|1\r" + BHS + TWO + THREE + b"BTS|2\r", [ONE, TWO, THREE], 3, []),
        (BHS + ONE + TWO + b"BTS|3\r", [ONE, TWO], 3, [Problem("batch_count", "BTS-1", "3")]),
        (FHS + BHS + ONE + b"BTS|1\rFTS|2\r", [ONE], 1, [Problem("batch_count", "FTS-1", "2")]),
        (FHS + ONE + TWO + b"FTS|2\r", [ONE, TWO], None, []),
        (BHS + ONE + TWO, [ONE, TWO], None, [Problem("batch_count", "BTS-1")]),
        (BHS + ONE + BHS + TWO + b"BTS|1\r", [ONE, TWO], 1, [Problem("batch_count", "BTS-1")]),
        (BHS + ONE + b"BTS\r", [ONE], None, []),
        (BHS + ONE + b"garbage line\rBTS|1\r", [ONE + b"garbage line\r"], 1, []),
        (FHS + BHS + b"BTS|0\rFTS|1\r", [], 0, []),
        (b"hello", [b"hello"], None, []),
        (b"", [b""], None, []),
        (BHS + b"BTS|1\r", [BHS + b"BTS|1\r"], 1, [Problem("batch_count", "BTS-1", "1")]),
    ],
    ids=[
        "one", "two bare", "mixed endings", "framing left in", "file of a batch", "two batches", "row 18: wrong BTS-1",
        "row 18: wrong FTS-1", "FTS-1 counts messages", "row 18: no trailer", "row 18: first batch cut off", "no count",
        "row 18: malformed inside", "empty by its own count", "no MSH at all", "nothing", "batch that lost its message",
    ],
)  # fmt: skip
def test_envelope_is_split(body, messages, declared, problems):
    assert split(body) == (messages, declared, problems)


def test_msh_inside_a_field_splits_nothing():
    body = ONE + b"NTE|1||see MSH|10 and BTS|2\r"

    assert split(body) == ([body], None, [])


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b"MSH|^~\\&|A|B|C|D|2027||SIU^S12|C1|P\rPID|1||7^^^E^MR~8\r", ("C1", "7", "")),
        (b"MSH|^~\\&|A|B|C|D|2027||SIU^S12|C1|P\nPID|1||7\n", ("C1", "7", "")),
        (b"\x0bMSH|^~\\&|A|B|C|D|2027||SIU^S12|C1|P\r", ("C1", "", "")),
        (b"BHS|^~\\&\rMSH|^~\\&|A|B|C|D|2027||SIU^S12|C1|P\rPID|1||7", ("C1", "7", "")),
        (b"MSH!:*/;!A!B!C!D!2027!!SIU:S12!C1!P\rPID!1!!7:::E*8\r", ("C1", "7", "")),
        (b"MSH|^~\\&|A", ("", "", "")),
        (b"MSH", ("", "", "")),
        (b"", ("", "", "")),
        (b"MSH|^~\\&|A|B|C|D|2027||SIU^S12|C\xff1|P\rPID|1", ("C\ufffd1", "", "")),
        (b"MSH|^~\\&|A|B|C|D|2027||ADT^A40|C1|P\rPID|1||7\rMRG|9^^^E~8\r", ("C1", "7", "9")),
        (b"MSH|^~\\&|A|B|C|D|2027||ADT^A40|C1|P\r\nPID|1||7\r\nMRG|9\r\n", ("C1", "7", "9")),
        (b"MSH|^~\\&|A|B|C|D|2027||ADT^A40|C1|P\rMRG|9\rPID|1||7\rMRG\r", ("C1", "7", "")),
    ],
    ids=[
        *("plain", "LF", "framing", "in a batch", "custom delimiters", "short", "bare", "nothing", "bad bytes"),
        *("merge", "merge in CRLF", "no id retired"),
    ],
)
def test_peek_sees_control_id_and_patients(body, seen):
    assert peek(body) == seen


def test_peek_agrees_with_the_reader(context):
    for body in generate(60):
        reading = read(body, context)

        assert peek(body) == (reading.control_id, reading.patient and reading.patient.mrn, "")
