"""Evidence: masked in every format, the culprit marked, what is out of scope counted, each reading audited."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Grant
from accounts.vocabulary import AuditAction, Role
from config.web.masking import Part, mask_hl7
from exceptions.models import IntegrationException
from exceptions.selectors.evidence import culprits_of, marked_places, places_of
from scheduling.models import Message
from scheduling.vocabulary import FeedFormat, Transport
from tests.support.desk import DAY, HOUR, NOW
from tests.support.messages import siu

HL7 = "MSH|^~\\&|A|B|C|D|1||SIU^S15|8|P|2.4\rPID|1||77164||DOEVER^MARIN||1980\rSCH||7|||||||||TAYLOR^JO"


@pytest.mark.parametrize(
    ("raw", "culprits"),
    [("", set()), ("ZZ9", {"ZZ9"}), ("S15 ZZ9", {"S15 ZZ9", "S15", "ZZ9"})],
    ids=["nothing", "one word", "two words"],
)
def test_culprits_are_the_raw_value_and_its_words(raw, culprits):
    assert culprits_of(raw) == culprits


@pytest.mark.parametrize(
    ("raw", "places"),
    [
        ("bad_time SCH-11", {("SCH", 11)}),
        ("bad_date PID-7.1 of PID-3", {("PID", 7), ("PID", 3)}),
        ("S15 ZZ9", set()),
        ("2026-11", set()),
    ],
    ids=["one", "two", "none", "a date"],
)
def test_places_are_the_fields_that_a_raw_value_names(raw, places):
    assert places_of(raw) == places


@pytest.mark.parametrize(
    ("place", "marked"),
    [
        (("SCH", 2), ["7"]),
        (("MSH", 9), ["SIU^S15"]),
        (("PID", 7), ["••••"]),
        (("SCH", 3), []),
        (("ZZZ", 1), []),
    ],
    ids=["a field", "the segment that counts its separator", "a masked field stays masked", "an empty one", "none"],
)
def test_places_are_marked_and_stay_masked(place, marked):
    lines = marked_places(mask_hl7(HL7), frozenset({place}))

    assert [part.text for line in lines for part in line if part.kind == "culprit"] == marked
    assert "".join(part.text for line in lines for part in line) == "".join(
        part.text for line in mask_hl7(HL7) for part in line
    )


def test_nothing_to_mark_leaves_the_lines():
    lines = [[Part("SCH", "name"), Part("|")]]

    assert marked_places(lines, frozenset()) is lines


FHIR = (
    b'{"resourceType":"Appointment","id":"A1","status":"zz9","start":"2026-11-25T15:00:00Z",'
    b'"description":"about DOEVER","participant":[{"actor":{"reference":"Patient/77164","display":"Marin Doever"}}]}'
)
CSV = b"appointment_id,status,family\nA1,ZZ9,DOEVER\n"


@pytest.fixture
def owner(desk, person):
    return person(Role.INTEGRATION, source=desk.source)


@pytest.fixture
def exception_of(desk):
    """Make an exception whose evidence is some stored messages of one feed."""

    def make(raw, *bodies, feed=None):
        feed = feed or desk.feed
        ids = desk.receive(*bodies, feed=feed)
        now = timezone.now()
        return IntegrationException.objects.create(
            fingerprint=raw.encode()[:16], check_id="unmapped_status", source=desk.source, feed=feed, raw=raw,
            severity=1, opened_at=now, occurred_first=now, occurred_last=now, occurrences=len(ids),
            first_samples=ids, last_samples=ids,
        )  # fmt: skip

    return make


def feed_of(desk, word):
    if word == "hl7":
        return desk.feed
    if word == "fhir":
        return desk.feed_of(FeedFormat.FHIR, Transport.HTTP, {})
    return desk.feed_of(FeedFormat.CSV, Transport.FILE, {})


@pytest.mark.parametrize(
    ("word", "raw", "body"),
    [
        ("hl7", "S15 ZZ9", HL7.replace("S15", "S15^SIU").encode() + b"|||||||||||||||ZZ9\r"),
        ("fhir", "zz9", FHIR),
        ("csv", "ZZ9", CSV),
    ],
    ids=["HL7", "FHIR", "CSV"],
)
def test_message_is_masked_with_its_culprit_marked(desk, signed_in, owner, exception_of, word, raw, body):
    exception = exception_of(raw, body, feed=feed_of(desk, word))
    (message_id,) = exception.last_samples

    response = signed_in(owner).get(f"/exceptions/{exception.pk}/messages/{message_id}/")

    text = response.content.decode()
    assert response.status_code == 200
    assert f">{raw.split()[-1]}</mark>" in text.replace("&quot;", "")
    assert "DOEVER" not in text
    assert "77164" not in text
    assert "Doever" not in text


def test_message_to_htmx_is_only_its_part_and_leads_to_its_neighbours(desk, signed_in, owner, exception_of):
    bodies = [siu("S12", visit=f"V{n}", at=NOW, starts_at=NOW + DAY) for n in range(3)]
    exception = exception_of("ZZ9", *bodies)
    Message.objects.filter(pk=exception.last_samples[2]).update(received_at=NOW + HOUR)

    answer = signed_in(owner).get(
        f"/exceptions/{exception.pk}/messages/{exception.last_samples[1]}/", headers={"HX-Request": "true"}
    )

    opened = answer.context["opened"]
    assert "<html" not in answer.content.decode()
    assert (opened.before.id, opened.after.id) == (exception.last_samples[0], exception.last_samples[2])
    assert opened.place == "2 of 3 kept"


def test_each_reading_is_in_the_trail(desk, signed_in, owner, exception_of):
    desk.take(siu("S12", visit="V1", at=NOW, starts_at=NOW + DAY))
    exception = exception_of("ZZ9")
    message = Message.objects.get()
    IntegrationException.objects.update(last_samples=[message.pk])

    signed_in(owner).get(f"/exceptions/{exception.pk}/messages/{message.pk}/")

    rows = AuditEntry.objects.filter(action=AuditAction.READ).values_list("subject_kind", "subjects", "detail")
    assert list(rows) == [("scheduling.message", [message.pk], {"exception": exception.pk})]
    assert AuditEntry.objects.get(action=AuditAction.READ).patients == [desk.visit("V1").patient_id]


def test_message_that_is_no_evidence_is_missing(desk, signed_in, owner, exception_of):
    exception = exception_of("ZZ9", siu("S12", visit="V1", at=NOW, starts_at=NOW + DAY))
    (other,) = desk.receive(siu("S12", visit="V2", at=NOW, starts_at=NOW + DAY))

    assert signed_in(owner).get(f"/exceptions/{exception.pk}/messages/{other}/").status_code == 404


def test_messages_out_of_scope_are_counted_not_shown(desk, signed_in, person, exception_of):
    ids = desk.take(
        siu("S12", visit="V1", patient="N-1", at=NOW, starts_at=NOW + DAY, clinic="CARD"),
        siu("S12", visit="V2", patient="N-2", at=NOW, starts_at=NOW + DAY, clinic="DERM"),
    )
    exception = exception_of("ZZ9")
    IntegrationException.objects.update(last_samples=ids, clinic=desk.clinics["CARD"])
    nurse = person()
    Grant.objects.create(user=nurse, role=Role.ACCESS, clinic=desk.clinics["CARD"])
    client = signed_in(nurse)

    evidence = client.get(f"/exceptions/{exception.pk}/").context["pane"].evidence

    assert ([sample.id for sample in evidence.shown], evidence.hidden) == (ids[:1], 1)
    assert client.get(f"/exceptions/{exception.pk}/messages/{ids[1]}/").status_code == 404
    assert AuditEntry.objects.filter(action=AuditAction.DENIED, subjects=[ids[1]]).count() == 1


def test_many_samples_show_the_newest_and_the_first(desk, signed_in, owner, exception_of):
    bodies = [siu("S12", visit=f"V{n}", at=NOW, starts_at=NOW + DAY) for n in range(9)]
    exception = exception_of("ZZ9", *bodies)
    for place, pk in enumerate(exception.last_samples):
        Message.objects.filter(pk=pk).update(received_at=NOW + timedelta(minutes=place))

    evidence = signed_in(owner).get(f"/exceptions/{exception.pk}/").context["pane"].evidence

    ids = exception.last_samples
    assert [sample.id for sample in evidence.newest] == ids[:5:-1]
    assert [sample.id for sample in evidence.first] == [ids[1], ids[0]]
