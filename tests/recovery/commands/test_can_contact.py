"""``manage.py can_contact``: the whole explanation, for now and for any past moment."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry
from accounts.vocabulary import AuditAction
from recovery.models import ContactMark, MessageTemplate, QueueItem
from recovery.vocabulary import Family, Mark, Topic
from scheduling.models import Consent
from tests.recovery.worked import make_worked
from tests.support.desk import HOUR, LONG_AGO, NOW
from tests.support.messages import adt

MINUTE = timedelta(minutes=1)


@pytest.fixture
def worked(desk):
    worked = make_worked(desk)
    MessageTemplate.objects.create(
        topic=Topic.REBOOK, channel="text", language="en", version=1, body="x", written_at=LONG_AGO,
        approved_at=LONG_AGO,
    )  # fmt: skip
    body = adt("A08", at=NOW - MINUTE, control="P1")
    worked.hear(body.replace(b"3125550142", b"^PRS^CP^^^312^5550142||eng"))
    return worked


def asked(*arguments, now=NOW):
    """What is printed, and the exit status."""
    out = StringIO()
    status = 0
    with time_machine.travel(now, tick=False):
        try:
            call_command("can_contact", *map(str, arguments), stdout=out)
        except SystemExit as ended:
            status = int(ended.code or 0)
    return out.getvalue(), status


def reasons(text, channel):
    way = next(way for way in json.loads(text)["ways"] if way["channel"] == channel)
    return way["allowed"], [reason["code"] for reason in way["reasons"]], way["again_at"]


def test_all_that_is_allowed_now_is_said_in_plain_lines(worked):
    text, status = asked(worked.item.pk, "--actor", "ruth@desk.example")

    assert (text.splitlines(), status) == (
        [
            f"Patient {worked.patient.pk}, about: a new visit. Card.",
            "As known at 09:41 CST on 2026-11-24, the clinic's clock.",
            "Call: yes •••••••0142",
            "Text: yes •••••••0142",
            "E-mail: no",
            "  no: No e-mail address on file. Owner: The clinic.",
            "  no: No approved wording in the patient's language. Owner: Access lead.",
        ],
        0,
    )


def test_number_is_never_printed_whole(worked):
    text, _ = asked(worked.item.pk, "--json")

    assert "5550142" not in text
    assert "Quill" not in text


def test_text_at_a_past_moment_is_answered_by_what_was_known_then(worked):
    Consent.objects.create(
        patient=worked.patient, channel="text", is_allowed=False, valid_from=NOW - HOUR,
        recorded_at=NOW + 10 * MINUTE, recorded_by=worked.ruth,
    )  # fmt: skip
    later = NOW + HOUR

    then, status_then = asked(
        worked.item.pk, "--at", (NOW + 9 * MINUTE).isoformat(), "--channel", "text", "--json", now=later
    )
    after, status_after = asked(
        worked.item.pk, "--at", (NOW + 10 * MINUTE).isoformat(), "--channel", "text", "--json", now=later
    )

    assert (reasons(then, "text"), status_then) == ((True, [], None), 0)
    assert (reasons(after, "text"), status_after) == ((False, ["opted_out_partly"], None), 1)


def test_evening_is_quiet_and_says_when_again(worked):
    evening = datetime(2026, 11, 25, 2, 5, tzinfo=UTC)  # 20:05 in Chicago

    text, status = asked(worked.item.pk, "--at", evening.isoformat(), "--channel", "call", now=evening + HOUR)

    assert status == 1
    assert text.splitlines()[2:] == [
        "Call: no •••••••0142, again in 12 h 55 (Wed 09:00 CST)",
        "  no: Quiet hours where the patient lives, until Wed 09:00 CST.",
        "  care: Hand over: a colleague speaks the language.",
    ]


def test_patient_is_explained_without_an_item(worked):
    text, status = asked("--patient", worked.patient.pk, "--topic", "confirm", "--json")

    told = json.loads(text)
    assert (told["topic"], told["patient"], told["allowed"], status) == ("confirm", worked.patient.pk, True, 0)
    assert reasons(text, "text") == (False, ["no_template"], None)


def test_slot_needs_somebody_it_is_offered_to(worked):
    slot = QueueItem.objects.get(family=Family.REFILL)

    with pytest.raises(CommandError, match="Say whom"):
        asked(slot.pk)
    text, _ = asked(slot.pk, "--patient", worked.patient.pk, "--json")

    assert json.loads(text)["topic"] == "refill"


def test_wrong_number_closes_the_way(worked):
    ContactMark.objects.create(
        patient=worked.patient, system="phone", value=worked.patient.phones_home[0][2], mark=Mark.WRONG, at=NOW
    )

    text, status = asked(worked.item.pk, "--channel", "call", "--json")

    assert (reasons(text, "call")[1][0], status) == ("no_point", 1)


def test_look_is_in_the_audit_trail(worked):
    asked(worked.item.pk, "--actor", "ruth@desk.example", "--at", NOW.isoformat(), now=NOW + HOUR)

    entry = AuditEntry.objects.get(action=AuditAction.READ)
    assert (entry.actor, entry.patients, entry.detail) == (
        worked.ruth, [worked.patient.pk], {"what": "can_contact", "at": "2026-11-24T15:41:00+00:00"}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("9999999",), "There is no item 9999999."),
        (("--patient", "9999999"), "There is no patient 9999999."),
        ((), "Say whom: --patient and the row id."),
        (("--patient", "{patient}", "--actor", "x"), "Nobody signs in as x."),
        (("--patient", "{patient}", "--at", "2027-01-01T00:00+00:00"), "The moment lies ahead"),
        (("--patient", "{patient}", "--at", "2026-01-01T00:00"), "argument --at"),
    ],
    ids=["no item", "no patient", "nobody", "no such actor", "ahead", "no offset"],
)
def test_what_makes_no_sense_is_said(worked, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        asked(*(one.format(patient=worked.patient.pk) for one in arguments))
