"""Which field became which fact, found by the readers themselves; no database."""

from zoneinfo import ZoneInfo

import orjson
import pytest

from scheduling.facts import ReaderContext
from scheduling.lab.tracing import MOST_FIELDS, Trace, trace
from scheduling.lab.variants import altered, variants_of
from scheduling.readers.registry import READERS
from scheduling.vocabulary import FeedFormat
from tests.support.desk import DAY, NOW
from tests.support.messages import siu

CONTEXT = ReaderContext(ZoneInfo("America/Chicago"))
SIU = siu("S12", visit="V1", at=NOW, starts_at=NOW + DAY)


def traced(body, format_=FeedFormat.HL7V2, profile=None):
    context = ReaderContext(CONTEXT.zone, {}, profile or {})
    return trace(body, format_, context, READERS[format_](body, context))


def test_each_fact_of_an_hl7_message_comes_from_its_field():
    found = traced(SIU)

    assert {name: found.of(name) for name in ("external_id", "starts_at", "minutes", "clinic_code", "trigger")} == {
        "external_id": "SCH-2",
        "starts_at": "SCH-11",
        "minutes": "SCH-9, SCH-10",
        "clinic_code": "AIL-3",
        "trigger": "MSH-9",
    }
    assert found.of("signal_filler_status") == "SCH-25"
    assert found.of("patient_family", "patient_born_on") == "PID-3, PID-5, PID-7"


def test_fields_that_change_nothing_are_named_as_unused():
    found = traced(SIU.replace(b"AIP|1|", b"AIP|1|NOTHING").replace(b"AIL|1|", b"ZPM|x\rAIL|1|"))

    assert "AIP-2" in found.unused
    assert "ZPM-1" in found.unused
    assert set(found.used) & set(found.unused) == set()


def test_the_second_segment_of_a_name_carries_its_number():
    body = SIU + b"NTE|1||first\rNTE|2||second\r"

    places = [variant.place for variant in variants_of(body, FeedFormat.HL7V2, {})]

    assert [place for place in places if place.startswith("NTE")] == ["NTE-1", "NTE-3", "NTE(2)-1", "NTE(2)-3"]


def test_a_time_stated_twice_alike_names_the_place_that_decides_and_the_one_compared():
    stamp = SIU.split(b"^^^")[1].split(b"|")[0]
    body = SIU.replace(b"AIL|1||CARD", b"AIL|1||CARD|||" + stamp)

    found = traced(body)

    assert found.of("starts_at").startswith("SCH-11")
    assert "AIL-6" in found.used + found.unused


def test_elements_of_a_fhir_resource_are_named_by_their_path():
    resource = {
        "resourceType": "Appointment",
        "id": "V1",
        "status": "booked",
        "start": "2026-11-25T09:00:00-06:00",
        "comment": "",
        "participant": [{"actor": {"reference": "Patient/7"}, "status": "accepted"}],
    }

    found = traced(orjson.dumps(resource), FeedFormat.FHIR)

    assert found.of("starts_at") == "start"
    assert found.of("signal_filler_status") == "status"
    assert found.of("signal_resource_status") == "participant[0].actor.reference, participant[0].status"
    assert "comment" not in found.used + found.unused


def test_columns_of_a_row_are_named_as_in_the_header():
    body = b"appointment_id,status,starts,fax,patient_id\nV1,S,2026-11-25T09:00:00Z,12,7\n"

    found = traced(body, FeedFormat.CSV)

    assert (found.of("external_id"), found.of("signal_filler_status"), found.of("starts_at")) == (
        "appointment_id",
        "status",
        "starts",
    )
    assert found.unused == ("fax",)


def test_a_long_message_is_traced_as_far_as_it_may_be_and_a_huge_one_not_at_all():
    long = SIU + b"".join(b"OBX|%d|TX|||x\r" % number for number in range(MOST_FIELDS))

    assert (traced(long).is_whole, len(traced(long).used) > 5) == (False, True)
    assert traced(SIU + b"OBX|1|TX|||" + b"x" * 70_000) == Trace(is_whole=False)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("20261122113900-0600", "20261122113900-0601"),
        ("Booked", "BookeX"),
        ("BookeX", "BookeY"),
        ("^^30^0900", "^^31^0901"),
        ("min^Minutes", "miX^MinuteX"),
        ('""', '""'),
        ("", ""),
    ],
)
def test_altered_text_keeps_its_shape(text, other):
    assert altered(text) == other
