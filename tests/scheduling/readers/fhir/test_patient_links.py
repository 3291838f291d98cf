from zoneinfo import ZoneInfo

import orjson
import pytest

from scheduling.facts import PatientFact, Problem, ReaderContext
from scheduling.readers.fhir.reader import read


def read_linked(*links, **elements):
    """The reading of patient ``old`` (authority E), linked by (type, reference) pairs."""
    resource = {"resourceType": "Patient", "id": "old", "gender": "male"} | elements
    resource["link"] = [{"type": kind, "other": {"reference": other}} for kind, other in links]
    return read(orjson.dumps(resource), ReaderContext(ZoneInfo("UTC"), profile={"patient_authority": "E"}))


@pytest.mark.parametrize(
    ("links", "patient"),
    [
        ([("replaced-by", "Patient/new")], PatientFact("E", "new", merged_from=(("E", "old"),))),
        (
            [("replaces", "Patient/a"), ("replaces", "Patient/b")],
            PatientFact("E", "old", sex="M", merged_from=(("E", "a"), ("E", "b"))),
        ),
        (
            [("replaced-by", "Patient/new"), ("replaces", "Patient/a")],
            PatientFact("E", "new", merged_from=(("E", "old"), ("E", "a"))),
        ),
        (
            [("replaced-by", "Patient/new"), ("replaces", "Patient/new")],
            PatientFact("E", "new", merged_from=(("E", "old"),)),
        ),
        ([("seealso", "Patient/twin")], PatientFact("E", "old", sex="M", duplicate_of="twin")),
        ([("refer", "Patient/x"), ("replaced-by", "RelatedPerson/y")], PatientFact("E", "old", sex="M")),
    ],
    ids=["retired", "survivor of two", "retired and survivor", "both ways", "suspicion", "neither"],
)
def test_link_reads_as_a_merge_from_the_survivors_side(links, patient):
    reading = read_linked(*links)

    assert (reading.patient, reading.problems) == (patient, [])


def test_link_with_two_survivors_merges_nothing():
    reading = read_linked(("replaced-by", "Patient/a"), ("replaced-by", "Patient/b"))

    assert reading.patient == PatientFact("E", "old", sex="M")
    assert reading.problems == [Problem("several_survivors", "Patient.link", "a b")]


def test_link_to_itself_is_ignored_with_a_problem():
    reading = read_linked(("replaced-by", "Patient/old"))

    assert reading.patient == PatientFact("E", "old", sex="M")
    assert reading.problems == [Problem("self_merge", "Patient.link", "old")]
