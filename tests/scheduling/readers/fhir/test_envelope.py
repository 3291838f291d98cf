import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.facts import Problem
from scheduling.readers.fhir.envelope import split
from scheduling.readers.shapes import Envelope

PATIENT = {"resourceType": "Patient", "id": "p1"}
SLOT = {"resourceType": "Slot", "id": "s1"}


def split_bundle(*entries, **elements):
    """(messages as JSON, problems) of a Bundle with these entries."""
    envelope = split(orjson.dumps({"resourceType": "Bundle", "entry": list(entries)} | elements))
    return [orjson.loads(message) for message in envelope.messages], envelope.problems


@pytest.mark.parametrize(
    "body",
    [
        b'{"resourceType":"Slot","id":"s1"}',
        b'{\n  "resourceType": "Slot",\r\n  "id": "s1"\n}\n',
        b'\xef\xbb\xbf{"resourceType":"Slot"}',
        b'{"resourceType":"List","title":"\\"Bundle\\""}',
        b'{"resourceType":"Bundle",',
        b"MSH|^~\\&|",
        b"",
    ],
    ids=["one line", "pretty", "with a mark", "mentions a bundle", "broken bundle", "no json", "empty"],
)
def test_split_keeps_a_single_message_byte_for_byte(body):
    assert split(body) == Envelope([body])


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        (b'{"a":1}\n{"a":2}', [b'{"a":1}', b'{"a":2}']),
        (b'\xef\xbb\xbf{"a":1}\r\n\r\n  {"a":2}\r\n', [b'{"a":1}', b'{"a":2}']),
        (b'{"a":1}\n{"a":\n{"a":3}\n', [b'{"a":1}', b'{"a":', b'{"a":3}']),
        (b'{"a":\n{"a":2}\n{"a":3}', [b'{"a":', b'{"a":2}', b'{"a":3}']),
        (b'{"resourceType":"Bundle","entry":[{"resource":{"a":1}}]}\n{"a":2}', [b'{"a":1}', b'{"a":2}']),
        (b'[{"a":1},[],2]', [b'{"a":1}', b"[]", b"2"]),
    ],
    ids=["ndjson", "crlf and blanks", "a broken line", "the first line broken", "a bundle on a line", "array"],
)
def test_split_counts_every_line_and_element(body, messages):
    assert split(body) == Envelope(messages)


def test_split_takes_every_entry_of_a_bundle():
    messages, problems = split_bundle(
        {"resource": PATIENT}, {"resource": SLOT, "request": {"method": "PUT", "url": "Slot/s1"}}, type="transaction"
    )

    assert (messages, problems) == ([PATIENT, SLOT], [])


@pytest.mark.parametrize("entry", [None, 5, {}, {"resource": "x"}, {"request": {"method": "GET", "url": "Slot/1"}}])
def test_split_counts_an_entry_without_resource(entry):
    assert split_bundle(entry, {"resource": SLOT}) == ([entry, SLOT], [])


@pytest.mark.parametrize("entries", [None, {"resource": SLOT}], ids=["null", "object for list"])
def test_split_takes_an_entry_that_is_no_list(entries):
    envelope = split(orjson.dumps({"resourceType": "Bundle", "entry": entries}))

    assert envelope.messages == ([] if entries is None else [orjson.dumps(SLOT)])


@pytest.mark.parametrize(
    ("entry", "bundle", "expected"),
    [
        (
            {
                "request": {"method": "DELETE", "url": "Appointment/a1"},
                "response": {"etag": 'W/"4"', "lastModified": "2026-11-20T10:00:00Z"},
            },
            {"type": "history", "timestamp": "2026-11-22T00:00:00Z"},
            {
                "resourceType": "Appointment",
                "id": "a1",
                "meta": {"versionId": "4", "lastUpdated": "2026-11-20T10:00:00Z"},
                "_deleted": True,
            },
        ),
        (
            {"request": {"method": "DELETE", "url": "https://ehr.example/r4/Appointment/a1/_history/5"}},
            {"type": "transaction", "timestamp": "2026-11-22T00:00:00Z"},
            {
                "resourceType": "Appointment",
                "id": "a1",
                "meta": {"versionId": "5", "lastUpdated": "2026-11-22T00:00:00Z"},
                "_deleted": True,
            },
        ),
        (
            {"request": {"method": "DELETE", "url": "Appointment?identifier=7"}},
            {"type": "transaction"},
            {"resourceType": "Appointment", "id": None, "meta": {}, "_deleted": True},
        ),
    ],
    ids=["history", "absolute, no response", "conditional names none"],
)
def test_split_makes_a_message_of_a_deletion(entry, bundle, expected):
    assert split_bundle(entry, **bundle) == ([expected], [])


def test_split_writes_out_references_inside_the_bundle():
    appointment = {
        "resourceType": "Appointment",
        "id": "a1",
        "participant": [{"actor": {"reference": "urn:uuid:11"}}, {"actor": {"reference": "urn:uuid:99"}}],
    }

    messages, _ = split_bundle(
        {"fullUrl": "urn:uuid:11", "resource": {"resourceType": "Patient"}},
        {"fullUrl": "urn:uuid:12", "resource": appointment},
    )

    actors = [{"actor": {"reference": "Patient/11"}}, {"actor": {"reference": "urn:uuid:99"}}]
    assert messages == [{"resourceType": "Patient", "id": "11"}, appointment | {"participant": actors}]


@pytest.mark.parametrize(
    ("elements", "problems"),
    [
        ({"type": "searchset", "total": 1}, []),
        ({"type": "searchset", "total": 3}, [Problem("batch_count", "Bundle.total", "3 declared, 1 found")]),
        ({"type": "searchset", "total": 3, "link": [{"relation": "next", "url": "x"}]}, []),
        ({"type": "history", "total": 3}, []),
        ({"type": "searchset", "total": "3"}, []),
        ({"type": "searchset", "total": 1, "link": [{"relation": ["next"]}, 5]}, []),
    ],
    ids=["all there", "some missing", "more pages", "no searchset", "no number", "odd link"],
)
def test_split_compares_a_whole_searchset_with_its_total(elements, problems):
    entries = [{"resource": SLOT, "search": {"mode": "match"}}, {"resource": PATIENT, "search": {"mode": "include"}}]

    assert split_bundle(*entries, **elements)[1] == problems


ODD: tuple[object, ...] = (
    None,
    True,
    5,
    "x",
    "urn:uuid:1",
    [],
    {},
    [None],
    [{}],
    {"": []},
    "DELETE",
    "Slot/1",
    "W/",
    [[{"method": "DELETE"}]],
)
ENTRY = {
    "fullUrl": "urn:uuid:1",
    "resource": SLOT,
    "request": {"method": "DELETE", "url": "Slot/s1"},
    "response": {"etag": "W/1", "lastModified": "2026"},
    "search": {"mode": "match"},
}


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_split_takes_something_odd_anywhere(odd):
    for key, value in ENTRY.items():
        inner = [value | {each: odd} for each in value] if isinstance(value, dict) else []
        for variant in [odd, *inner]:
            messages, _ = split_bundle(ENTRY | {key: variant}, type="searchset", total=odd, link=odd, timestamp=odd)
            assert len(messages) == 1


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"[", b'{"resourceType":"Bundle",', b"{}\n", b"\xef\xbb\xbf{}\n"])
)
def test_split_takes_any_bytes(body, start):
    assert isinstance(split(start + body), Envelope)


def test_split_counts_an_entry_too_deep_to_write():
    body = b'{"resourceType":"Bundle","entry":[{"resource":{"a":' + b"[" * 400 + b"]" * 400 + b"}}]}"

    assert split(body).messages == [b'{"_unreadable":"nested too deeply"}']
