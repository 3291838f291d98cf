"""What makes a message unreadable, its header, its charset; and that nothing else can break the reader."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.messages import generate
from scheduling.facts import Problem, ReaderContext, Reading, UnreadableMessageError
from scheduling.readers.hl7.envelope import split
from scheduling.readers.hl7.peek import peek
from scheduling.readers.hl7.profile import read_profile
from scheduling.readers.hl7.reader import read

MSH = r"MSH|^~\&|BOOKER|EASTSIDE|RDESK|HUB|20270302081500||ADT^A08|C-7|P|2.5"
PID = "PID|1||40021^^^EAST^MR||Fernsby^Zoë"


def reading_of(body, context):
    return read(body, context)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no_msh"),
        (b"\r\n\r\n", "no_msh"),
        (b"PID|1||7", "no_msh"),
        (b'{"resourceType": "Appointment"}', "no_msh"),
        (b"Notes about MSH|^~\\&|", "no_msh"),
        (b"MSH", "short_msh"),
        (b"MSH|", "short_msh"),
        (b"MSH|^~\\&", "short_msh"),
        (b"MSH\rPID|1||7", "short_msh"),
        (b"MSH|^~\\&\rPID|1||7", "short_msh"),
        (b"MSH||A|B", "bad_delimiters"),
        (b"MSH|||||", "bad_delimiters"),
        (b"MSH|BOOKER|EASTSIDE|", "bad_delimiters"),
        (b"MSH|^^^^|A|B", "bad_delimiters"),
        (b"MSH|^~\\&amp;|A|B", "bad_delimiters"),
        (b"MSHX^~\\&XAXB", "bad_delimiters"),
        (b"MSH ^~\\& A B", "bad_delimiters"),
    ],
)
def test_message_without_usable_msh_is_unreadable(body, reason, context):
    with pytest.raises(UnreadableMessageError) as refusal:
        read(body, context)

    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    "frame",
    ["\x0b{}\x1c\r", "\r\n\r\n{}\r\n", "\ufeff{}", "\x0b\x0b {}\x1c\x1c", "FHS|^~\\&|A\rBHS|^~\\&|A\r{}\rBTS|1\r"],
    ids=["MLLP", "blank lines", "byte order mark", "doubled framing", "batch header"],
)
def test_what_stands_around_the_message_is_no_part_of_it(frame, context):
    reading = reading_of(frame.format(f"{MSH}\r{PID}").encode(), context)

    assert (reading.control_id, reading.patient.given) == ("C-7", "Zoë")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-16"])
def test_utf_16_message_is_read(codec, context):
    reading = reading_of(f"{MSH}\r{PID}".encode(codec), context)

    assert (reading.control_id, reading.patient.given) == ("C-7", "Zoë")


@pytest.mark.parametrize(
    ("msh_18", "codec", "problems"),
    [
        ("", "utf-8", []),
        ("UNICODE UTF-8", "utf-8", []),
        ("8859/1", "latin-1", []),
        ("WINDOWS-1252", "cp1252", []),
        ("8859/15", "iso8859-15", []),
        ("UNICODE UTF-8", "latin-1", [Problem("bad_charset", "MSH-18", "UNICODE UTF-8")]),
        ("8859/1", "utf-8", [Problem("bad_charset", "MSH-18", "8859/1")]),
        ("", "latin-1", [Problem("bad_charset", "MSH-18", "")]),
        ("ASCII", "utf-8", [Problem("bad_charset", "MSH-18", "ASCII")]),
        ("ISO IR 999", "cp1252", [Problem("bad_charset", "MSH-18", "ISO IR 999")]),
    ],
    ids=[
        "unsaid", "UTF-8", "Latin-1", "Windows", "Latin-9", "says UTF-8, is Latin-1", "says Latin-1, is UTF-8",
        "unsaid Latin-1", "says ASCII, is UTF-8", "unknown name",
    ],
)  # fmt: skip
def test_row_20_charset_that_lies_is_told_and_the_bytes_decide(msh_18, codec, problems, context):
    reading = reading_of(f"{MSH}||||||{msh_18}\r{PID}".encode(codec), context)

    assert (reading.patient.given, reading.problems) == ("Zoë", problems)


def test_row_20_name_in_shift_jis_survives_bytes_that_look_like_delimiters(context):
    reading = reading_of(f"{MSH}||||||ISO IR13\rPID|1||7^^^E^MR||ポ表^能".encode("shift-jis"), context)

    assert (reading.patient.family, reading.patient.given) == ("ポ表", "能")


@pytest.mark.parametrize(
    ("msh_10", "msh_13", "read_as"),
    [
        ("C-7", "42", ("C-7", 42, [])),
        (" C-7 ", "", ("C-7", None, [])),
        ("C-7", "x", ("C-7", None, [])),
        ("", "0", ("", 0, [Problem("no_control_id", "MSH-10")])),
    ],
    ids=["both", "spaces", "sequence that is no number", "no control id"],
)
def test_header_fields(msh_10, msh_13, read_as, context):
    body = rf"MSH|^~\&|A|B|C|D|20270302081500||ADT^A01|{msh_10}|P|2.5|{msh_13}".encode()

    reading = reading_of(body, context)

    assert (reading.control_id, reading.sequence, reading.problems) == read_as


def test_second_message_in_the_same_body_is_left_and_told(context):
    reading = reading_of(f"{MSH}\r{PID}\r{MSH}\rPID|1||9".encode(), context)

    assert (reading.patient.mrn, reading.problems) == ("40021", [Problem("second_message", "MSH")])


def test_nul_characters_are_dropped(context):
    assert reading_of(f"{MSH}\r{PID}".replace("Zoë", "Z\0oë").encode(), context).patient.given == "Zoë"


@pytest.mark.parametrize(
    "profile",
    [{"clinic_from": ["AIL"]}, {"appointment_id": ["SCH-99"]}, {"source_time": "EVN-2.77"}, {"patient_id": ["XYZ-1"]}],
    ids=["no field", "no such field", "no such component", "no such segment"],
)
def test_setting_that_names_no_field_is_refused(profile):
    with pytest.raises(ValueError, match="names no field"):
        read_profile(profile)


PROFILES = [{}, {"status_from": ["AIS-10"], "clinic_from": ["PV1-39", "AIL-3.4"], "time_formats": ["%d/%m/%Y"]}]
A40 = r"MSH|^~\&|A|B|C|D|20270302||ADT^A40|1|P|2.5"
SEEDS = [
    *generate(24),
    f"{MSH}\r{PID}|A&B|19700101|F|||||(303)555-0101X4~^NET^Internet^a@b.cd|~~|en||||||||||||||2027|Y\rMRG|3~4".encode(),
    f"{A40}\rEVN|A40\rPID|1||1^^^E^MR\rMRG|2^^^E^MR\rPID|1||1^^^E^MR\rMRG|1^^^E^MR".encode(),
    b"MSH|^~\\&|A|B|C|D|20270302||SIU^S23|1|P|2.5\rSCH|1|2|||||||30|m|^^^202703021000\rSCH|3|4\rAIP|1||7",
]
PIECES = [piece for seed in SEEDS for piece in seed.replace(b"\n", b"\r").split(b"\r")]
PIECES += [b"", b"\x0b", b"\xff\xfe", b"MSH|", b"mrg|1", b" PID|1||7", b"PIDX|", b"SCH"]
REASONS = {"no_msh", "short_msh", "bad_delimiters"}


def outcome(body, context):
    """A Reading, or the reason for which there is none."""
    try:
        return read(body, context)
    except UnreadableMessageError as refusal:
        return refusal.reason


def assert_read_or_refused(body, context):
    started = time.perf_counter()
    for part in split(body)[0]:
        found = outcome(part, context)
        assert isinstance(found, Reading) or found in REASONS
    assert [type(each) for each in peek(body)] == [str, str, str]
    assert time.perf_counter() - started < 1.0


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.sampled_from(SEEDS),
    flips=st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), max_size=30),
    cut=st.integers(0, 2_000),
    profile=st.sampled_from(PROFILES),
)
def test_damaged_message_is_read_or_refused(seed, flips, cut, profile, context):
    damaged = bytearray(seed)
    for position, value in flips:
        damaged[position % len(damaged)] = value

    assert_read_or_refused(bytes(damaged[: cut or None]), ReaderContext(context.zone, context.clinic_zones, profile))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES), max_size=30), st.sampled_from([b"\r", b"\n", b"\r\n", b"|", b"^"]))
def test_spliced_segments_are_read_or_refused(context, pieces, end):
    assert_read_or_refused(end.join(pieces), context)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from([b"", b"MSH", b"MSH|^~\\&|", b"MSH|^~\\&|||||||SIU^S12|1\rSCH|"]))
def test_any_bytes_are_read_or_refused(context, tail, head):
    assert_read_or_refused(head + tail, context)


@pytest.mark.parametrize(
    "body",
    [
        MSH.encode() + b"\rNTE|1||" + b"x" * 1_000_000,
        MSH.encode() + b"\rPID|" * 200_000,
        MSH.encode() + b"\rPID|1||7||||||||||" + b"~" * 1_000_000,
        MSH.encode() + b"\rPID|1||7||" + b"^" * 1_000_000,
        MSH.encode() + b"\rPID|1||7||||||||" + b" " * 200_000 + b"x@" * 50_000,
        MSH.encode() + b"\rPID|1||7||" + b"\\X" * 300_000,
        MSH.encode() + b"\r" * 1_000_000,
        (MSH.encode() + b"\r") * 5_000,
    ],
    ids=["text", "segments", "repetitions", "components", "address", "escapes", "blank lines", "messages"],
)
def test_huge_message_is_read_in_bounded_time(body, context):
    started = time.perf_counter()

    reading = reading_of(body, context)

    assert (reading.control_id, time.perf_counter() - started < 1.0) == ("C-7", True)
