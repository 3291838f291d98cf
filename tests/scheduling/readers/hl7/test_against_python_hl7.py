"""Every message of others in ../shared/samples is read as python-hl7 reads it."""

from pathlib import Path

import hl7
import pytest
from django.conf import settings

from scheduling.facts import UnreadableMessageError
from scheduling.readers.hl7.envelope import split
from scheduling.readers.hl7.reader import read

FOLDER = Path(settings.BASE_DIR).parent / "shared" / "samples" / "hl7v2"
SAMPLES = sorted(FOLDER.glob("*.hl7"))

pytestmark = pytest.mark.skipif(not SAMPLES, reason="../shared is not here")


def raw(message, segment, field, component=1):
    """The unescaped first component of a first repetition, as python-hl7 takes it apart; ``""`` where there is none."""
    try:
        found = message.segment(segment)(field)
    except (KeyError, IndexError):
        return ""
    while isinstance(found, hl7.Container):
        if isinstance(found, hl7.Repetition):
            found = found[component - 1] if len(found) >= component else ""
        else:
            found = found[0] if len(found) else ""
    return message.unescape(str(found)).strip().replace('""', "")


def theirs(body):
    text = body.decode("utf-8", "replace").replace("\r\n", "\r").replace("\n", "\r").strip("\r\x0b\x1c")
    return hl7.parse("\r".join(line for line in text.split("\r") if line))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_sample_is_read_as_python_hl7_reads_it(path, context):
    compared = 0
    for body in split(path.read_bytes())[0]:
        try:
            reading = read(body, context)
        except UnreadableMessageError:
            continue
        other = theirs(body)
        compared += 1
        assert (reading.control_id, reading.trigger) == (raw(other, "MSH", 10), raw(other, "MSH", 9, 2))
        for fact in reading.appointments:
            assert (fact.placer_id, fact.external_id, fact.signals.filler_status) == (
                raw(other, "SCH", 1),
                raw(other, "SCH", 2) or raw(other, "SCH", 1),
                raw(other, "SCH", 25),
            )
        if reading.patient:
            assert (reading.patient.mrn, reading.patient.family or "", reading.patient.given or "") == (
                raw(other, "PID", 3),
                raw(other, "PID", 5).split("&")[0],
                raw(other, "PID", 5, 2),
            )
    assert compared or path.stem == "cosyte_malformed_msh-too-short"
