"""What of a raw message is shown; pure."""

import orjson
import pytest

from scheduling.selectors.message_lines import csv_cells, message_lines
from scheduling.vocabulary import FeedFormat


def text_of(lines):
    return "\n".join("".join(part.text for part in line) for line in lines)


def shown(body, feed_format=FeedFormat.FHIR, *, culprits=frozenset(), is_open=False):
    return text_of(message_lines(body, feed_format, culprits=culprits, is_open=is_open))


PATIENT = {
    "resourceType": "Patient",
    "id": "N-1",
    "identifier": [{"system": "urn:x", "value": "N-1"}],
    "name": [{"family": "Quill"}],
    "gender": "female",
    "birthDate": "1980-01-02",
    "telecom": [{"value": "3125550142"}],
    "address": [{"city": "Northfield"}],
    "extension": [{"url": "race", "valueString": "Martian"}],
    "unheardOf": "secret",
}


@pytest.mark.parametrize("secret", ["N-1", "Quill", "1980-01-02", "3125550142", "Northfield", "Martian", "secret"])
def test_of_a_patient_only_harmless_elements_are_shown(secret):
    contained = {"resourceType": "Appointment", "status": "booked", "contained": [PATIENT]}

    assert secret not in shown(orjson.dumps(PATIENT))
    assert secret not in shown(orjson.dumps(contained))
    assert secret in shown(orjson.dumps(PATIENT), is_open=True)
    assert "female" in shown(orjson.dumps(PATIENT))


@pytest.mark.parametrize(
    ("element", "is_shown"),
    [
        ({"participant": [{"actor": {"reference": "Patient/77", "display": "X77"}}]}, False),
        ({"participant": [{"actor": {"reference": "https://x.example/fhir/Patient/77"}}]}, False),
        ({"participant": [{"actor": {"reference": "Practitioner/77"}}]}, True),
        ({"serviceType": [{"text": "77", "coding": [{"code": "77"}]}]}, True),
        ({"description": "77"}, False),
        ({"comment": "77"}, False),
        ({"cancelationReason": {"text": "77"}}, False),
        ({"status": "77"}, True),
        ({"extension": [{"valueString": "77"}]}, False),
    ],
)
def test_an_element_that_may_name_a_patient_is_masked(element, is_shown):
    assert ("77" in shown(orjson.dumps({"resourceType": "Appointment"} | element))) == is_shown


def test_a_mask_has_the_length_of_what_it_hides():
    assert '"comment": "•••••"' in shown(b'{"comment":"Quill"}')


@pytest.mark.parametrize("body", [b'{"name": "Quill', b"\xff\xfeQuill", b"", b"[]", b"null", b'"Quill"'])
@pytest.mark.parametrize("feed_format", list(FeedFormat))
def test_odd_bytes_are_shown_without_a_word_and_never_raise(body, feed_format):
    text = shown(body, feed_format)

    assert "Quill" not in text or body == b'"Quill"'


def test_a_culprit_is_underlined_where_it_stands():
    lines = message_lines(b'{"status":"ZZ9"}', FeedFormat.FHIR, culprits=frozenset({"ZZ9"}), is_open=False)

    assert [part.text for line in lines for part in line if part.kind == "culprit"] == ['"ZZ9"']


def test_the_open_hl7_message_keeps_every_character():
    body = b"MSH|^~\\&|A|B\rPID|1||N-1||Quill^Ada\r"

    assert shown(body, FeedFormat.HL7V2, is_open=True) == "MSH|^~\\&|A|B\nPID|1||N-1||Quill^Ada"


def test_columns_that_no_setting_names_are_masked():
    body = b"#desk kind=delta patient=N-1\nappointment_id,mrn,shoe\nV1,N-1,44,extra\n"

    cells = csv_cells(body, {"csv": {"columns": {"patient_id": "mrn"}}}, is_open=False)

    assert [(column, part.text) for column, part in cells] == [
        ("appointment_id", "V1"), ("mrn", "•••"), ("shoe", "••"), ("column 4", "•••••"),
    ]  # fmt: skip
