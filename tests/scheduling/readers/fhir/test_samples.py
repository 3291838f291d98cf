"""Every FHIR sample of others is split, peeked at and read: this table says what becomes of each."""

from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from scheduling.facts import ReaderContext, UnreadableMessageError
from scheduling.readers.fhir.envelope import split
from scheduling.readers.fhir.peek import peek
from scheduling.readers.fhir.reader import read

SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "samples" / "fhir"
CONTEXT = ReaderContext(ZoneInfo("America/New_York"))
VISIT, PATIENT, SLOT, NOTHING = "appointment", "patient", "slot", "nothing"
OUTCOMES = {
    "argo_Appointment-*.json": {VISIT: 1},
    "argo_Bundle-slot-bundle-example.json": {"times_disagree": 8, NOTHING: 9},
    "argo_Coverage-*.json": {NOTHING: 1},
    "argo_Patient-*.json": {PATIENT: 1},
    "argo_Schedule-*.json": {NOTHING: 1},
    "datica_json_*.json": {"no_resource_type": 1},
    "malformed_observation_invalid_unicode.json": {NOTHING: 1},
    "msft_SIU-*.json": {VISIT: 1, PATIENT: 1},
    "msft_stu3_*.json": {VISIT: 1},
    "r4core_Appointment*.json": {VISIT: 1},
    "r4core_Encounter-*.json": {NOTHING: 1},
    "r4core_Patient-*.json": {PATIENT: 1},
    "r4core_Schedule-*.json": {NOTHING: 1},
    "r4core_Slot-*.json": {SLOT: 1},
    "r4validation_*.ndjson": {},
    "ssl_bulk-publish": {"no_resource_type": 1},
    "ssl_locations.ndjson": {NOTHING: 10},
    "ssl_schedules.ndjson": {NOTHING: 10},
    "ssl_slots-2021-W13.ndjson": {SLOT: 20},
    "ssl_slots-*.ndjson": {SLOT: 70},
    "uscore3_Encounter-*.json": {NOTHING: 1},
    "uscore3_Patient-*.json": {PATIENT: 1},
}

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not here")


def outcome_of(path: Path) -> Counter[str]:
    """What the messages of a file hold: facts, problems and reasons for refusal, counted."""
    found: Counter[str] = Counter()
    for message in split(path.read_bytes()).messages:
        peek(message)
        try:
            reading = read(message, CONTEXT)
        except UnreadableMessageError as error:
            found[error.reason] += 1
            continue
        facts = {VISIT: len(reading.appointments), PATIENT: int(reading.patient is not None), SLOT: len(reading.slots)}
        found += Counter(facts) if any(facts.values()) else Counter({NOTHING: 1})
        found += Counter(problem.kind for problem in reading.problems)
    return found


def test_every_sample_is_accounted_for():
    unknown = [path.name for path in SAMPLES.iterdir() if not any(path.match(pattern) for pattern in OUTCOMES)]

    assert unknown == []


@pytest.mark.parametrize("path", sorted(SAMPLES.iterdir()) if SAMPLES.is_dir() else [], ids=lambda path: path.name)
def test_sample_reads_as_expected(path):
    expected = next(outcome for pattern, outcome in OUTCOMES.items() if path.match(pattern))

    found = outcome_of(path)

    wanted = {key: found[key] for key in expected}
    if path.name.startswith("msft_SIU"):
        assert wanted == expected  # beside them stand dozens of resources that scheduling has no use for
    elif path.name.startswith("r4validation"):
        assert set(found) <= {"not_a_resource", "not_json"}
    else:
        assert found == Counter(expected)
