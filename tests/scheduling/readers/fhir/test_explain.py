import orjson
import pytest

from scheduling.readers.fhir.explain import MAX_SENTENCES, explain


@pytest.mark.parametrize(
    ("body", "sentences"),
    [
        (b"{", ["The message is not JSON: unexpected end of data (line 1, column 2)."]),
        (b"{}", ["The message has no resourceType, so it is no FHIR resource."]),
        (
            b'{"resourceType":"RiskEvidenceSynthesis"}',
            ["RiskEvidenceSynthesis is not part of FHIR R4B, so its content is not checked."],
        ),
        (b'{"resourceType":"Patient","id":"p1","gender":"male"}', []),
        (
            b'{"resourceType":"Appointment","status":"booked","participant":[{"status":{"a":1}}],"start":"2026","x":1}',
            [
                "Appointment.participant[0].status: Input should be a valid string",
                "Appointment.start: Instant value string does not match spec regex.",
                "Appointment.x: Extra inputs are not permitted",
            ],
        ),
    ],
    ids=["no json", "no type", "not checked", "valid", "faults"],
)
def test_explain_says_what_is_wrong_without_the_value(body, sentences):
    assert explain(body) == sentences


def test_explain_is_bounded():
    body = orjson.dumps({"resourceType": "Patient"} | {f"x{number}": number for number in range(200)})

    assert len(explain(body)) == MAX_SENTENCES
