"""What of a raw message a person sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.web.masking import Part, dots, mask_hl7, tail

MESSAGE = (
    "MSH|^~\\&|LKVRIS|LKV|RD|NFH|20261124091404||SIU^S15|88240|P|2.4\r"
    "SCH||771204|||||CHG|MRKNEE|30|MIN|^^30^202611241115|Smith^Jo|5550142||||||||||||ZZ9\r"
    "PID|1||L-22071\\T\\64^^^LKV||Halloway^Wren||19610402|F\r"
    "ZPI|secret of a Z segment\r"
)


def shown(lines):
    return "\n".join("".join(part.text for part in line) for line in lines)


def test_names_numbers_and_dates_of_patients_are_masked():
    text = shown(mask_hl7(MESSAGE))

    for secret in ("Halloway", "Wren", "L-22071", "19610402", "Smith", "5550142", "secret"):
        assert secret not in text
    for kept in ("LKVRIS", "771204", "MRKNEE", "ZZ9", "202611241115", "PID|1||"):
        assert kept in text


def test_the_shape_of_a_masked_field_stays():
    assert "•" * 8 + "^" + "•" * 4 in shown(mask_hl7(MESSAGE))


def test_a_culprit_is_marked_where_it_stands_as_a_whole_value():
    lines = mask_hl7("AIL|1||MR2^ZZ9^LKV|ZZ99|ZZ9", culprits=frozenset({"ZZ9"}))

    assert [part.text for part in lines[0] if part.kind == "culprit"] == ["ZZ9", "ZZ9"]


def test_a_culprit_inside_patient_data_stays_masked():
    lines = mask_hl7("PID|1||ZZ9", culprits=frozenset({"ZZ9"}))

    assert lines == [[Part("PID", "name"), Part("|"), Part("1"), Part("|"), Part("|"), Part("•••", "masked")]]


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n"], ids=["CR", "LF", "CRLF"])
def test_any_line_ending_separates_segments(ending):
    assert len(mask_hl7(MESSAGE.replace("\r", ending))) == 4


def test_a_separator_of_its_own_is_honoured():
    text = shown(mask_hl7("MSH#^~\\&#A\rPID#1##secret"))

    assert text == "MSH#^~\\&#A\nPID#1##••••••"


@given(st.text(max_size=300))
def test_no_text_breaks_the_mask(text):
    mask_hl7(text)


@given(st.text(alphabet="abcdefgh^", min_size=1, max_size=40))
def test_nothing_of_a_patients_name_passes(name):
    assert not set(shown(mask_hl7(f"PID|1||1||{name}"))[6:]) & set("abcdefgh")


@pytest.mark.parametrize(
    ("text", "masked"), [("3125550142", "••••••0142"), ("0142", "••••"), ("", "")], ids=["long", "short", "empty"]
)
def test_tail_keeps_the_last_digits_of_a_number(text, masked):
    assert tail(text) == masked


def test_dots_keep_separators():
    assert dots("a^b~c") == "•^•~•"
