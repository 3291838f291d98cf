"""``manage.py appointment SOURCE ID``: state, hold reasons, timeline."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu


def printed(*arguments) -> str:
    out = StringIO()
    call_command("appointment", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def held(desk):
    desk.take(siu("S12", visit="V1", at=NOW - DAY, starts_at=NOW + DAY))
    desk.take(siu("S14", visit="V1", at=NOW - HOUR, status="ZZ9"))
    return desk


def test_json_tells_state_holds_and_timeline(held):
    told = json.loads(printed("desk", "V1", "--json"))

    assert (told["source"], told["id"], told["is_uncertain"]) == ("desk", "V1", True)
    assert (told["state"]["status"], told["state"]["starts_at"]) == ("booked", "2026-11-25T15:41:00Z")
    assert told["holds"] == [
        {"kind": "unmapped_status", "reason": "Status has no meaning yet", "raw": held.troubles("V1")[0][1]}
    ]
    assert [(event["signals"]["filler_status"], event["outcome"]) for event in told["timeline"]] == [
        ("Booked", "applied"),
        ("ZZ9", "held"),
    ]


def test_no_patient_data_is_printed(held):
    for text in (printed("desk", "V1", "--json"), printed("desk", "V1")):
        assert not any(word in text for word in ("Quill", "Ada", "N-1", "3125550142", "1980"))


def test_text_is_a_few_lines(held):
    lines = printed("desk", "V1").splitlines()

    assert lines[0] == "desk V1: booked"
    assert lines[1].startswith("  held: Status has no meaning yet")
    assert len(lines) == 4


@pytest.mark.parametrize("arguments", [("desk", "V9"), ("nowhere", "V1"), ("desk", "V1", "--occurrence", "2")])
def test_unknown_appointment_is_one_sentence(held, arguments):
    with pytest.raises(CommandError, match=f"Source {arguments[0]} has no appointment {arguments[1]}."):
        printed(*arguments)
