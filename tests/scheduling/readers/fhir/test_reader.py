from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.facts import Problem, ReaderContext, Reading, UnreadableMessageError
from scheduling.readers.fhir.common import instant
from scheduling.readers.fhir.peek import peek
from scheduling.readers.fhir.reader import RESOURCES, read

UTC_ZONE = ReaderContext(ZoneInfo("UTC"))
WORDS = (
    *("id", "meta", "status", "start", "participant", "actor", "reference", "appointment", "coding", "code", "text"),
    *("name", "telecom", "period", "link", "other", "type", "contact", "extension", "schedule", "subject", "value"),
)
SCALARS = st.none() | st.booleans() | st.integers(-9, 2**40) | st.floats(allow_nan=False) | st.text(max_size=9)
RESOURCE_LIKE = st.dictionaries(
    st.sampled_from(WORDS),
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
        max_leaves=12,
    ),
    max_size=6,
)
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2**60, 1.5, "", " ", "\x00", "x" * 5_000, [], {}, [[]], [None], [{}], [[{}]], {"": {}}),
    *("Patient/1", "Patient/", "//", "#", "urn:", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-1"),
    *([{"reference": 5}], {"coding": [5, {"code": {}}]}, {"end": []}, [0] * 200, [{"value": "1"}] * 200),
)
CONCEPT = {"coding": [{"system": "s", "code": "c", "display": "d"}], "text": "t"}
NAME = {"use": "official", "family": "f", "given": ["g"], "period": {"end": "2020"}}
FULL = {
    "id": "a1",
    "meta": {"versionId": "1", "lastUpdated": "2026-11-20T10:00:00Z", "security": [{"code": "R"}]},
    "identifier": [{"use": "usual", "system": "s", "value": "v", "type": CONCEPT}],
    "extension": [{"url": "u", "valueCode": "active"}],
    **{key: [CONCEPT] for key in ("reasonCode", "serviceType")},
    **dict.fromkeys(("appointmentType", "cancelationReason"), CONCEPT),
    "status": "free",
    "start": "2026-11-24T09:00:00Z",
    "end": "2026-11-24T09:30:00Z",
    "minutesDuration": 30,
    "comment": "n",
    "description": "d",
    "gender": "male",
    "birthDate": "1980-01-01",
    "active": True,
    "deceasedBoolean": True,
    "deceasedDateTime": "2026-01-01",
    "participantStatus": "accepted",
    "participant": [{"actor": {"reference": "Patient/1", "type": "Patient", "display": "n"}, "status": "accepted"}],
    "appointment": [{"reference": "Appointment/1"}],
    **{key: {"reference": "Patient/1", "identifier": {"value": "1"}} for key in ("actor", "subject", "schedule")},
    "name": [NAME],
    "telecom": [{"system": "phone", "value": "1", "use": "home", "rank": 1, "period": {"end": "2020"}}],
    "communication": [{"language": CONCEPT, "preferred": True}],
    "contact": [{"relationship": [{"text": "mother"}], "name": NAME, "period": {"start": "2020"}}],
    "link": [{"other": {"reference": "Patient/2"}, "type": "replaces"}],
}
SETTINGS = {"appointment_id": ["identifier:x", "identifier", "id"], "portal_extension": "u", "sequence": "versionId"}


def variants(value):
    """Every copy of a JSON value with one part of it, or itself, replaced by something odd."""
    yield from ODD
    if isinstance(value, dict):
        for key in value:
            for variant in variants(value[key]):
                yield value | {key: variant}
    elif isinstance(value, list):
        for variant in variants(value[0]):
            yield [variant]


@pytest.mark.parametrize("kind", sorted(RESOURCES))
def test_reader_takes_something_odd_anywhere(kind):
    context = ReaderContext(ZoneInfo("America/New_York"), profile=SETTINGS)

    for key, value in FULL.items():
        for variant in variants(value):
            body = orjson.dumps(FULL | {"resourceType": kind, key: variant})
            assert read(body, context).trigger == kind
            assert peek(body).control_id == read(body, context).control_id


@given(st.sampled_from(sorted(RESOURCES)), RESOURCE_LIKE)
def test_reader_takes_any_resource_whatever_its_elements_are(kind, elements):
    reading = read(orjson.dumps(elements | {"resourceType": kind}), UTC_ZONE)

    assert reading.trigger == kind


@given(st.binary(max_size=200) | RESOURCE_LIKE.map(orjson.dumps))
def test_reader_reads_nothing_else(body):
    with pytest.raises(UnreadableMessageError) as error:
        read(body, UTC_ZONE)

    assert error.value.reason in {"not_json", "not_a_resource", "no_resource_type"}
    assert error.value.sentence.endswith(".")
    assert peek(body).patient_key == ""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"MSH|^~\\&|", "not_json"),
        (b'{"resourceType":"Appointment"', "not_json"),
        (b'{"resourceType":"Appointment","id":"\xff"}', "not_json"),
        (b'{"a":' * 5_000, "not_json"),
        (b'{"resourceType":"Patient","x":' + b"[" * 5_000 + b"]" * 5_000 + b"}", "not_json"),
        (b'["Appointment"]', "not_a_resource"),
        (b"null", "not_a_resource"),
        (b'{"message_type":"SIU"}', "no_resource_type"),
        (b'{"resourceType":["Appointment"]}', "no_resource_type"),
        (b'{"resourceType":"Appointmnt"}', "unknown_resource_type"),
        (b'{"resourceType":"Bundle","entry":[]}', "nested_bundle"),
    ],
    ids=[
        *("empty", "hl7", "cut off", "not utf-8", "deep and open", "deep", "array", "null", "vendor json"),
        *("type is a list", "misspelt", "bundle"),
    ],
)
def test_reader_refuses_what_is_no_resource(body, reason):
    with pytest.raises(UnreadableMessageError) as error:
        read(body, UTC_ZONE)

    assert error.value.reason == reason


@pytest.mark.parametrize(
    ("meta", "profile", "expected"),
    [
        ({}, {}, ("", None, None, [])),
        ({"versionId": "7"}, {}, ("Slot/s1/7", None, None, [])),
        ({"versionId": 7}, {"sequence": "versionId"}, ("Slot/s1/7", None, 7, [])),
        ({"versionId": "W8"}, {"sequence": "versionId"}, ("Slot/s1/W8", None, None, [])),
        (
            {"lastUpdated": "2026-11-20T10:00:00Z"},
            {},
            ("Slot/s1/2026-11-20T10:00:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC), None, []),
        ),
        (
            {"lastUpdated": "2026-11-20T10:00:00Z"},
            {"source_time": "none"},
            ("Slot/s1/2026-11-20T10:00:00Z", None, None, []),
        ),
        (
            {"lastUpdated": "2026-11-20"},
            {},
            ("Slot/s1/2026-11-20", None, None, [Problem("date_only", "meta.lastUpdated", "2026-11-20")]),
        ),
    ],
    ids=["no meta", "version", "sequence", "version does not count", "updated", "clock not trusted", "date only"],
)
def test_reader_takes_order_from_meta(meta, profile, expected):
    body = orjson.dumps({"resourceType": "Slot", "id": "s1", "_deleted": True, "meta": meta})

    reading = read(body, ReaderContext(ZoneInfo("UTC"), profile=profile))

    problems = [problem for problem in reading.problems if problem.kind != "slot_deleted"]
    assert (reading.control_id, reading.source_at, reading.sequence, problems) == expected


def test_reader_notes_a_resource_it_has_no_use_for():
    reading = read(b'\xef\xbb\xbf{"resourceType":"Observation","id":"o1"}', UTC_ZONE)

    assert reading == Reading("", "Observation", None, skipped=["Observation is not used"])


def test_reader_lets_the_last_of_two_equal_keys_stand():
    body = b'{"resourceType":"Appointment","id":"a1","status":"booked","status":"cancelled"}'

    assert read(body, UTC_ZONE).appointments[0].signals.filler_status == "cancelled"


def test_reader_takes_nuls_out_of_texts():
    body = b'{"resourceType":"Appointment","id":"a\\u00001","status":"boo\\u0000ked"}'

    (fact,) = read(body, UTC_ZONE).appointments

    assert (fact.external_id, fact.signals.filler_status) == ("a1", "booked")


def test_reader_takes_an_endless_id_for_none():
    body = orjson.dumps({"resourceType": "Appointment", "id": "a" * 256})

    reading = read(body, UTC_ZONE)

    assert [problem.kind for problem in reading.problems] == ["no_appointment_id"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, (None, "")),
        ("2026-03-08T02:30:00-05:00", (datetime(2026, 3, 8, 7, 30, tzinfo=UTC), "")),
        ("2026-11-01T01:30:00-04:00", (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "")),
        ("2026-11-01T01:30:00-05:00", (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "")),
        ("2026-11-01T01:30:00", (None, "time_without_zone")),
        ("2026-11-01", (None, "date_only")),
        ("2026-11", (None, "bad_time")),
        ("2026-02-30T10:00:00Z", (None, "bad_time")),
        ("0001-01-01T00:00:00+14:00", (None, "bad_time")),
        (20261101, (None, "bad_time")),
    ],
    ids=[
        "absent",
        "in a gap",
        "first pass",
        "second pass",
        "no zone",
        "day",
        "month",
        "no such day",
        "too early",
        "number",
    ],
)
def test_instant_is_a_moment_only_with_its_offset(value, expected):
    assert instant(value) == expected
