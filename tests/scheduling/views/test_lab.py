"""The message lab: every stage of a pasted or stored message, who may see what, and nothing stored."""

import re
from random import Random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from accounts.models import AuditEntry
from accounts.vocabulary import Role
from scheduling.lab.bodies import MOST_BYTES
from scheduling.lab.examples import example
from scheduling.lab.running import run_lab
from scheduling.mapping.rules import Rule
from scheduling.models import Message, SignalTally
from scheduling.services.mapping import add_rule, start_draft
from scheduling.simulator.clinics import demo_organisation
from scheduling.simulator.profiles import feed_profile
from scheduling.views.lab import NOTHING, TOO_LARGE, TOO_LONG
from scheduling.vocabulary import FeedFormat, Status, Transport
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import adt, siu
from tests.support.mutation import mutate
from tests.support.sizes import SIZES, share

URL = "/mappings/lab/"
SECRETS = ("Quill", "N-1", "19800102", "3125550142")
TITLES = ["Envelope", "Fields", "Facts", "Meaning", "Appointment", "Checks", "Decisions"]
CANCEL = siu("S15", visit="V1", at=NOW - HOUR, starts_at=NOW + DAY, status="Cancelled")


@pytest.fixture
def mara(person, signed_in, desk):
    """A mapping admin of the whole source."""
    return signed_in(person(Role.MAPPING, source=desk.source))


def paste(client, body, feed="desk-hl7", **said):
    text = body.decode() if isinstance(body, bytes) else body
    return client.post(URL, {"feed": feed, "text": text.replace("\r", "\r\n"), **said})


def dialect_feed(desk, format_):
    """A feed of the desk's source with the settings of the simulated source of that format."""
    plan = next(one for one in demo_organisation().sources if one.format is format_)
    if format_ is FeedFormat.HL7V2:
        return desk.feed
    return desk.feed_of(format_, Transport.HTTP, feed_profile(plan))


def stages_of(response):
    return {stage.title: stage for stage in response.context["page"].stages}


def sentences_of(response):
    return {title: stage.sentence for title, stage in stages_of(response).items()}


def test_before_anything_is_run_each_stage_says_what_it_will_tell(mara):
    response = mara.get(URL)

    assert response.status_code == 200
    assert [title for title, _ in response.context["to_come"]] == TITLES
    assert response["Cache-Control"] == "no-store"


def test_a_cancellation_is_told_stage_by_stage(mara, book):
    book("V1")

    response = paste(mara, CANCEL)

    assert response.status_code == 200
    assert sentences_of(response) == {
        "Envelope": "HL7 v2, 1 message.",
        "Fields": "Read: 16 fields used, 10 skipped.",
        "Facts": "It speaks of 1 appointment and a patient.",
        "Meaning": "Cancelled, by patient.",
        "Appointment": "Applied: booked → cancelled.",
        "Checks": "1 would appear.",  # it gives no reason
        "Decisions": "1 held.",
    }


def test_every_fact_names_the_field_it_came_from(mara, book):
    book("V1")

    rows = {label: (value, place) for label, value, place in stages_of(paste(mara, CANCEL))["Facts"].data["rows"]}

    assert rows["Appointment"] == ("V1", "SCH-2")
    assert rows["Starts"][1] == "SCH-11"
    assert rows["Provider"][1] == "AIP-3"
    assert rows["Zone"][0] == "America/Chicago where a time names none (the clinic's, CARD)"


def test_changed_fields_stand_in_relief_and_others_do_not(mara, book):
    book("V1")

    (folded,) = stages_of(paste(mara, CANCEL))["Appointment"].data["folded"]

    assert [line.label for line in folded.lines if line.is_changed] == ["Status", "Slots given back"]
    assert folded.appointment_id > 0


def test_without_an_appointment_the_picture_is_that_of_the_event_alone(mara):
    stage = stages_of(paste(mara, CANCEL))["Appointment"]

    assert stage.sentence == "Applied: a new appointment, cancelled."
    assert stage.note == "No appointment of that number is in your sight; this is the picture from this event alone."
    assert stage.data["folded"][0].is_known is False


def test_a_patient_nobody_knows_yet_is_no_missing_patient(mara):
    body = siu("S12", visit="V8", at=NOW - HOUR, starts_at=NOW + DAY, patient="N-77")

    assert sentences_of(paste(mara, body))["Checks"] == "Nothing is wrong, before or after."


def test_an_unknown_status_is_held_and_its_finding_named(mara, book):
    book("V1")
    body = siu("S14", visit="V1", at=NOW - HOUR, starts_at=NOW + DAY, status="ZZ9")

    response = paste(mara, body)

    assert sentences_of(response)["Meaning"] == "No rule fits, so it would be held."
    (line,) = stages_of(response)["Checks"].data["lines"]
    assert (line.check.id, line.change, line.severity) == ("unmapped_status", "would appear", "Blocking")
    assert b"<mark>ZZ9</mark>" in response.content


def test_the_rule_that_won_stands_first(mara, book):
    book("V1")

    (meant,) = stages_of(paste(mara, CANCEL))["Meaning"].data["meant"]

    assert [row.tried.won for row in meant.close][:2] == [True, False]
    assert meant.close[0].tried.why == "Decided."
    assert (len(meant.close) + len(meant.rest)) == 13


def test_a_draft_can_be_tried_beside_what_is_in_force(mara, book, desk):
    book("V1")
    draft = start_draft(desk.source, title="Try it", actor=desk.people[0], now=NOW, based_on=desk.published[-1])
    add_rule(draft, Rule(0, trigger="S15", filler_status="ZZ9", status=Status.BUMPED), actor=desk.people[0], now=NOW)
    body = siu("S15", visit="V1", at=NOW - HOUR, starts_at=NOW + DAY, status="ZZ9")

    stage = stages_of(paste(mara, body, revision=draft.pk))["Meaning"]

    assert stage.sentence == "Bumped by clinic."
    assert stage.note.endswith(f"of revision draft {draft.number}. In force now: no meaning yet.")


def changed(response):
    """By stage what it said before, and the rows that differ."""
    return {title: (was.sentence, was.rows) for title, was in response.context["page"].was.items()}


def test_a_first_run_stands_beside_nothing_and_keeps_what_a_change_is_compared_with(mara, book):
    book("V1")

    response = paste(mara, CANCEL)

    form = response.context["form"]
    assert (changed(response), response.context["page"].beside) == ({}, "")
    assert form["before"].value() == form["text"].value()


def test_an_edited_message_stands_beside_what_it_was(mara, book):
    book("V1")
    first = paste(mara, CANCEL).context["form"]["before"].value()
    edited = siu("S14", visit="V1", at=NOW - HOUR, starts_at=NOW + 2 * DAY, status="Booked")

    response = paste(mara, edited, before=first)

    was = changed(response)
    assert was["Meaning"][0].startswith("Cancelled, by patient.")
    assert was["Appointment"][0].startswith("Applied: booked → cancelled.")
    assert [label for label, _, _ in was["Facts"][1]] == ["Event", "Starts"]
    assert response.context["form"]["before"].value() == first
    assert "Beside the message before your change" in response.content.decode()


def test_the_changed_message_can_be_what_the_next_change_is_compared_with(mara, book):
    book("V1")
    edited = siu("S14", visit="V1", at=NOW - HOUR, starts_at=NOW + DAY, status="Booked")

    response = paste(mara, edited, before=CANCEL.decode(), verb="start")

    assert (changed(response), response.context["form"]["before"].value()) == (
        {},
        edited.decode().replace("\r", "\r\n"),
    )


def test_another_mapping_stands_beside_what_is_in_force(mara, book, desk):
    book("V1")
    draft = start_draft(desk.source, title="Try it", actor=desk.people[0], now=NOW, based_on=desk.published[-1])
    add_rule(draft, Rule(0, trigger="S15", filler_status="ZZ9", status=Status.BUMPED), actor=desk.people[0], now=NOW)
    body = siu("S15", visit="V1", at=NOW - HOUR, starts_at=NOW + DAY, status="ZZ9")

    response = paste(mara, body, revision=draft.pk)

    assert response.context["page"].beside == "what is in force"
    assert changed(response)["Meaning"][0].startswith("No rule fits, so it would be held.")
    assert changed(response)["Appointment"][0].startswith("Held")


def test_a_stored_message_by_another_mapping_stands_beside_what_is_in_force(mara, book, desk):
    book("V1")
    (pk,) = desk.take(CANCEL)
    draft = start_draft(desk.source, title="Try it", actor=desk.people[0], now=NOW, based_on=desk.published[-1])

    response = mara.get(f"{URL}?message={pk}&revision={draft.pk}")

    assert (response.context["page"].beside, "Appointment" in changed(response)) == ("what is in force", False)


def test_the_lab_leads_to_the_combination_at_its_clinic(mara, book, desk):
    book("V1", trigger="S15", status="Cancelled")

    (meant,) = stages_of(paste(mara, CANCEL))["Meaning"].data["meant"]

    tally = SignalTally.objects.get()
    assert meant.workbench_url == f"/mappings/?source=desk&clinic={desk.clinics['CARD'].pk}&signal={tally.pk}"


def test_a_combination_that_was_never_seen_leads_to_its_source(mara, book):
    (meant,) = stages_of(paste(mara, CANCEL))["Meaning"].data["meant"]

    assert meant.workbench_url == "/mappings/?source=desk"


def test_a_repeat_is_a_duplicate_and_an_old_event_is_late(mara, book, desk):
    book("V1")
    (taken,) = desk.take(CANCEL)
    late = siu("S14", visit="V1", at=NOW - HOUR / 2 - HOUR, starts_at=NOW + DAY, status="Confirmed")

    same, older = paste(mara, CANCEL), paste(mara, late)

    assert sentences_of(same)["Appointment"] == "Duplicate: this very event is known."
    assert stages_of(same)["Envelope"].note.startswith(f"Repeats message {taken}:")
    assert "It is late" in stages_of(older)["Appointment"].note


def test_one_of_several_messages_is_chosen(mara, book):
    book("V1")
    both = CANCEL + siu("S12", visit="V9", at=NOW - HOUR, starts_at=NOW + 2 * DAY)

    first, second, beyond = (paste(mara, both, number=number) for number in (1, 2, 9))

    assert sentences_of(first)["Envelope"] == "HL7 v2, message 1 of 2."
    assert sentences_of(second)["Appointment"] == "Applied: a new appointment, booked."
    assert beyond.context["page"].number == 2


def test_a_body_of_another_format_says_so(mara):
    response = paste(mara, '{"resourceType": "Appointment", "id": "1"}')

    assert sentences_of(response)["Envelope"] == "There is no MSH segment."
    assert sentences_of(response)["Fields"].startswith("Unreadable: ")
    assert sentences_of(response)["Decisions"] == "Not reached: it names no appointment."


def test_a_message_about_a_patient_has_no_visit_to_fold(mara):
    response = paste(mara, adt("A08", at=NOW - HOUR))

    assert sentences_of(response)["Facts"] == "It speaks of a patient."
    assert sentences_of(response)["Meaning"] == "Not reached: it names no appointment."


@pytest.mark.parametrize("format_", list(FeedFormat), ids=str)
def test_the_example_of_each_format_is_read_by_a_feed_of_its_dialect(mara, desk, format_):
    feed = dialect_feed(desk, format_)
    filled = mara.post(URL, {"feed": feed.key, "verb": "example"})
    text = filled.context["form"]["text"].value()

    response = paste(mara, text, feed=feed.key)

    assert sentences_of(response)["Facts"] == "It speaks of 1 appointment and a patient." or (
        format_ is FeedFormat.FHIR and sentences_of(response)["Facts"] == "It speaks of 1 appointment."
    )
    assert stages_of(response)["Fields"].data["problems"] == []


def test_nothing_of_the_message_is_masked_text_or_in_an_address(mara, book):
    book("V1")

    response = paste(mara, CANCEL)

    told = re.sub(r"<textarea.*?</textarea>", "", response.content.decode(), flags=re.DOTALL)
    assert [secret for secret in SECRETS if secret in told] == []
    assert response["Cache-Control"] == "no-store"
    assert "Quill" not in str(dict(mara.session))


def counts():
    """Rows of every table, except what a signed-in request touches by itself."""
    tables = [name for name in connection.introspection.table_names() if name != "accounts_session"]
    with connection.cursor() as cursor:
        found = {}
        for name in tables:
            cursor.execute(f'SELECT count(*), coalesce(max(xmin::text::bigint), 0) FROM "{name}"')
            found[name] = cursor.fetchone()
        return found


def test_no_row_of_any_table_is_written(mara, book, desk):
    book("V1")
    desk.receive(siu("S12", visit="V7", at=NOW, starts_at=NOW + DAY))
    before = counts()

    for body in (CANCEL, adt("A08", at=NOW - HOUR), b"garbage"):
        assert paste(mara, body).status_code == 200

    assert counts() == before


def test_the_lab_runs_in_a_transaction_that_refuses_writes(mara, book, monkeypatch):
    book("V1")
    seen = []

    def spy(cursor, asked):
        cursor.execute("SHOW transaction_read_only")
        seen.append(cursor.fetchone()[0])
        return run_lab(cursor, asked)

    monkeypatch.setattr("scheduling.views.lab.run_lab", spy)
    paste(mara, CANCEL)

    assert seen == ["on"]
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        assert cursor.fetchone()[0] == "off"


def test_a_stored_message_is_told_as_what_it_did_and_audited(clients, book, desk, trail):
    book("V1")
    (pk,) = desk.take(CANCEL)

    response = clients.card.get(f"{URL}?message={pk}")

    assert sentences_of(response)["Appointment"] == "Applied: booked → cancelled."
    assert [secret for secret in SECRETS if secret in response.content.decode()] == []
    assert trail()[-1][:3] == ("read", "scheduling.message", [pk])
    assert len(trail()[-1][3]) == 1


def test_a_stored_message_that_created_the_visit_has_nothing_before_it(clients, book):
    book("V1")
    pk = Message.objects.get().pk

    stage = stages_of(clients.whole.get(f"{URL}?message={pk}"))["Appointment"]

    assert stage.sentence == "Applied: a new appointment, booked."


def test_a_stored_message_of_another_clinic_is_a_404_and_a_denied_audit_row(clients, book, trail):
    book("V2", clinic="DERM")
    pk = Message.objects.get().pk

    for client in (clients.card, clients.stranger):
        assert client.get(f"{URL}?message={pk}").status_code == 404

    assert trail() == [("denied", "scheduling.message", [pk], [])] * 2


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_only_those_who_map_and_integrate_bring_messages(person, signed_in, desk, role):
    client = signed_in(person(role, source=desk.source))
    allowed = role in {Role.MAPPING, Role.INTEGRATION}

    assert client.get(URL).status_code == (200 if allowed else 403)
    assert paste(client, CANCEL).status_code == (200 if allowed else 403)
    assert AuditEntry.objects.filter(action="denied").count() == (0 if allowed else 2)


def test_a_feed_out_of_sight_is_a_404_and_a_visible_one_of_another_role_a_403(
    clients, person, signed_in, desk, other_clinic
):
    mixed = person(Role.ACCESS, source=desk.source)
    mixed.grants.create(role=Role.MAPPING, source=other_clinic.source)

    assert paste(clients.stranger, CANCEL).status_code == 404
    assert paste(signed_in(mixed), CANCEL).status_code == 403
    assert paste(clients.whole, CANCEL, feed="no-such-feed").status_code == 404


def test_a_visit_out_of_sight_is_not_told_of(person, signed_in, book, desk):
    book("V1", clinic="DERM")
    client = signed_in(person(Role.MAPPING, clinic=desk.clinics["CARD"]))
    body = siu("S15", visit="V1", at=NOW - HOUR, starts_at=NOW + DAY, status="Cancelled", clinic="DERM")

    stage = stages_of(paste(client, body))["Appointment"]

    assert stage.sentence == "Applied: a new appointment, cancelled."
    assert stage.data["folded"][0].appointment_id == 0


def test_a_revision_of_another_source_is_left_aside_and_one_out_of_sight_a_404(
    mara, person, signed_in, desk, other_source
):
    draft = start_draft(other_source, title="Theirs", actor=desk.people[0], now=NOW)
    both = person(Role.MAPPING, source=desk.source)
    both.grants.create(role=Role.MAPPING, source=other_source)

    assert paste(mara, CANCEL, revision=draft.pk).status_code == 404
    assert paste(mara, CANCEL, revision="x").status_code == 404
    response = paste(signed_in(both), CANCEL, revision=draft.pk)
    assert (response.status_code, response.context["chosen"].revision) == (200, None)
    assert response.context["chosen"].note.startswith(f"Revision {draft.number} is of Lakeview RIS")


def test_a_restricted_patient_shows_status_and_nothing_of_the_visit(mara, book, desk):
    book("V1")
    protected = CANCEL.replace(b"AIS|1", b"PD1||||||||||||Y\rAIS|1")

    stages = stages_of(paste(mara, protected))

    assert [line.label for line in stages["Appointment"].data["folded"][0].lines] == ["Status"]
    assert ("Visit", "hidden, the patient is restricted", "") in stages["Facts"].data["rows"]


def test_an_upload_is_read_byte_for_byte(mara, book):
    book("V1")
    framed = b"\x0b" + CANCEL + b"\x1c\r"

    response = mara.post(URL, {"feed": "desk-hl7", "file": SimpleUploadedFile("one.hl7", framed)})

    assert sentences_of(response)["Appointment"] == "Applied: booked → cancelled."
    assert stages_of(response)["Envelope"].data["rows"][0][1] == f"{len(framed)} bytes, line ends CR, MLLP framing"


def test_nothing_given_and_too_much_given_are_sentences(mara, monkeypatch):
    nothing = paste(mara, "  \r\n ")
    long = paste(mara, "MSH|^~\\&|" + "x" * 5_000_000)
    assert (nothing.status_code, nothing.context["chosen"].error) == (422, NOTHING)
    assert long.status_code == 400
    assert TOO_LONG in long.content.decode()
    monkeypatch.setattr("scheduling.lab.forms.MOST_BYTES", 1000)
    big = mara.post(URL, {"feed": "desk-hl7", "file": SimpleUploadedFile("big.hl7", b"x" * 5_000_000)})
    assert (big.status_code, big.context["chosen"].error) == (422, TOO_LARGE)
    assert MOST_BYTES == 64 * 1024 * 1024


def test_a_large_file_is_read_and_not_traced(mara):
    body = CANCEL + b"OBX|1|TX|||" + b"x" * 5_000_000 + b"\r"

    response = mara.post(URL, {"feed": "desk-hl7", "file": SimpleUploadedFile("big.hl7", body)})

    assert response.status_code == 200
    assert sentences_of(response)["Meaning"] == "Cancelled, by patient."


def test_the_form_needs_its_token(desk, person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person(Role.MAPPING, source=desk.source))

    assert paste(client, CANCEL).status_code == 403


ODD = {
    "nothing but zeros": b"\0" * 300,
    "deep json": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "json as deep as orjson reads": b'{"resourceType":"Appointment","id":"1","a":' + b"[" * 900 + b"]" * 900 + b"}",
    "a zero in an id": CANCEL.replace(b"V1", b"V\x001"),
    "a zero in a record": CANCEL.replace(b"N-1", b"N\x00-1"),
    "no utf-8": b"MSH|^~\\&|\xff\xfe\xed\xa0\x80|\r" + CANCEL,
    "a lone surrogate": b'{"resourceType":"Appointment","id":"\\ud800"}',
    "a zero in json": b'{"resourceType":"Appointment","id":"a\\u0000b","status":"booked"}',
    "one sign": b"{",
    "only a header": b"appointment_id,status\n",
    "an open quote": b'appointment_id,status\n"1,S\n2,S\n',
    "a binary": bytes(range(256)) * 40,
}


@pytest.mark.parametrize("format_", list(FeedFormat), ids=str)
@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_an_odd_body_gets_a_sentence(mara, desk, body, format_):
    feed = dialect_feed(desk, format_)
    upload = {"feed": feed.key, "file": SimpleUploadedFile("odd", body)}

    for response in (mara.post(URL, upload), paste(mara, body.decode("utf-8", "replace"), feed=feed.key)):
        assert response.status_code in {200, 422}
        assert response.context["page"] is None or len(response.context["page"].stages) == 7


@pytest.mark.parametrize("format_", list(FeedFormat), ids=str)
@pytest.mark.parametrize("full", SIZES)
def test_mutated_messages_never_break_the_lab(mara, desk, format_, full):
    feed = dialect_feed(desk, format_)
    random, sound = Random(20261122), example(format_, NOW).encode()
    others = [example(one, NOW).encode() for one in FeedFormat] + [CANCEL]

    for _ in range(share(60) if full else 25):
        body = mutate(random, sound, others)
        response = mara.post(URL, {"feed": feed.key, "file": SimpleUploadedFile("mutant", body)})
        assert response.status_code in {200, 422}, body
