"""The waitlist: by feeds, by staff, by files; its page, scope and masks."""

from datetime import date, time, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AuditEntry
from accounts.vocabulary import Role
from recovery.models import WaitlistEntry
from scheduling.mapping.rules import Rule
from scheduling.models import Patient
from scheduling.vocabulary import Status
from tests.support.desk import DAY, NOW
from tests.support.messages import adt, merge, siu

URL = "/recovery/waitlist/"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def listed(desk):
    """A desk that understands waitlisted visits, with two patients."""
    desk.publish(Rule(0, filler_status="Waitlist", status=Status.WAITLISTED))
    desk.take(adt("A08", at=NOW - DAY, patient="P-1"), adt("A08", at=NOW - DAY, patient="P-2", family="Okonjo"))
    return desk


@pytest.fixture
def client(listed, person, signed_in):
    return signed_in(person(Role.ACCESS, clinic=listed.clinics["CARD"]))


def entries():
    return list(WaitlistEntry.objects.order_by("pk").values_list("patient__mrn", "visit_type", "origin", "state"))


def waitlisted(visit="W1", *, at=NOW, status="Waitlist", **more):
    return siu("S12", visit=visit, at=at, starts_at=NOW + 40 * DAY, status=status, **({"patient": "P-1"} | more))


# By feeds


def test_waitlisted_visit_opens_an_entry_and_its_booking_ends_it(listed):
    listed.take(waitlisted())
    assert entries() == [("P-1", "ECHO", "feed", "waiting")]

    listed.take(waitlisted(at=NOW + timedelta(minutes=1), status="Booked"))

    assert entries() == [("P-1", "ECHO", "feed", "lapsed")]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)], ids=str)
def test_any_order_of_messages_ends_in_the_same_list(listed, order):
    bodies = [
        waitlisted(at=NOW - 3 * DAY),
        waitlisted(at=NOW - 2 * DAY, status="Booked"),
        waitlisted(at=NOW - DAY),
    ]
    for place in order:
        listed.take(bodies[place])

    waiting = WaitlistEntry.objects.filter(state="waiting").values_list("patient__mrn", "visit_type", "origin")
    assert list(waiting) == [("P-1", "ECHO", "feed")]


def test_two_waitlisted_visits_of_one_type_are_one_entry_until_both_are_gone(listed):
    listed.take(waitlisted("W1"), waitlisted("W2"))
    assert len(entries()) == 1

    listed.take(waitlisted("W1", at=NOW + timedelta(minutes=1), status="Cancelled"))

    waiting = WaitlistEntry.objects.filter(state="waiting")
    assert list(waiting.values_list("appointment__external_id", flat=True)) == ["W2"]


def test_entry_that_staff_took_off_is_not_put_on_again(listed, client):
    listed.take(waitlisted())
    client.post(f"{URL}{WaitlistEntry.objects.get().pk}/remove/", {"reason": "Moved away"})

    listed.take(waitlisted(at=NOW + timedelta(minutes=1), minutes=45))

    assert entries() == [("P-1", "ECHO", "feed", "removed")]


# By staff


def add(client, **said):
    return client.post(URL, {"clinic": "desk/card", "mrn": "P-1", "visit_type": "ECHO"} | said)


def test_staff_adds_somebody_with_wishes(client):
    said = {
        "provider": "OKAFOR", "not_before": "2026-12-01", "weekdays": ["tue", "mon"], "from_time": "09:00",
        "until_time": "12:00", "notice_hours": "24",
    }  # fmt: skip
    assert add(client, **said).status_code == 302

    entry = WaitlistEntry.objects.get()
    assert (entry.provider_code, entry.not_before_on, entry.weekdays) == ("OKAFOR", date(2026, 12, 1), [0, 1])
    assert (entry.from_time, entry.until_time, entry.notice) == (time(9), time(12), DAY)
    text = client.get(URL).content.decode()
    assert "With OKAFOR; Mon, Tue; from 09:00 done by 12:00; not before 1 Dec; 1 day of notice" in text


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"mrn": "P-9"}, "No patient has this number."),
        ({"clinic": "desk/derm"}, "Select a valid choice"),
        ({"not_before": "2026-12-02", "not_after": "2026-12-01"}, "The last day lies before the first."),
        ({"from_time": "12:00", "until_time": "12:00"}, "The end lies before the beginning."),
        ({"visit_type": ""}, "This field is required."),
    ],
    ids=["unknown number", "another clinic", "days", "hours", "no type"],
)
def test_entry_that_makes_no_sense_is_a_422(client, said, sentence):
    response = add(client, **said)

    assert (response.status_code, sentence in response.content.decode()) == (422, True)
    assert entries() == []


def test_nobody_waits_twice_for_one_thing(client):
    add(client)
    response = add(client)

    assert response.status_code == 422
    assert "They wait for this visit type here already." in response.content.decode()


def test_merged_record_is_added_under_the_one_that_survived(listed, client):
    listed.take(merge(at=NOW, survivor="P-2", retired="P-1"))

    add(client, mrn="P-1")

    assert entries() == [("P-2", "ECHO", "staff", "waiting")]


def test_removal_needs_a_reason_and_happens_once(client):
    add(client)
    url = f"{URL}{WaitlistEntry.objects.get().pk}/remove/"

    assert client.post(url, {"reason": ""}).status_code == 422
    assert [client.post(url, {"reason": "Called"}).status_code for _ in range(2)] == [302, 409]
    assert WaitlistEntry.objects.get().settled_why == "Called"


# By files


def send(client, text):
    return client.post(f"{URL}import/", {"file": SimpleUploadedFile("list.csv", text.encode())})


def test_file_adds_everybody_it_names(client):
    text = "mrn,clinic,visit_type,weekdays,since\r\nP-1,desk/card,ECHO,mon thu,2026-10-01\r\nP-2,desk/card,ECHO,,\r\n"
    assert send(client, text).status_code == 302

    assert entries() == [("P-1", "ECHO", "file", "waiting"), ("P-2", "ECHO", "file", "waiting")]
    assert WaitlistEntry.objects.get(patient__mrn="P-1").since.isoformat() == "2026-10-01T05:00:00+00:00"
    assert AuditEntry.objects.get(subject_kind="recovery.waitlistentry", action="changed").detail["entries"] == 2


def test_wrong_lines_are_named_and_nobody_is_added(client):
    text = (
        "mrn,clinic,visit_type,since\n"
        "P-1,desk/card,ECHO,\n"
        "P-9,desk/card,ECHO,\n"
        "P-2,desk/derm,ECHO,\n"
        "P-2,desk/card,ECHO,tomorrow\n"
        "P-1,desk/card,ECHO,\n"
    )
    response = send(client, text)

    found = [(one.line, one.column) for one in response.context["errors"]]
    assert (response.status_code, found) == (422, [(3, "mrn"), (4, "clinic"), (5, "since"), (6, "mrn")])
    assert "P-9" not in " ".join(one.sentence for one in response.context["errors"])
    assert entries() == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("mrn,clinic\nP-1,desk/card\n", "Columns missing: visit_type."),
        ("mrn,clinic,visit_type,name\nP-1,desk/card,ECHO,x\n", "Columns are only these"),
        ("mrn,clinic,visit_type\n", "Give 1 to 2,000 lines"),
        ("mrn,clinic,visit_type\nP-1,desk/card,ECHO,more\n", "A line has more cells"),
        ("mrn,clinic,visit_type\n" + "x,y,z\n" * 2001, "Give 1 to 2,000 lines"),
    ],
    ids=["missing column", "unknown column", "empty", "too many cells", "too many lines"],
)
def test_file_that_cannot_be_read_is_a_422(client, text, sentence):
    response = send(client, text)

    assert (response.status_code, sentence in response.content.decode()) == (422, True)


# The page


def test_restricted_name_and_wishes_are_hidden_and_not_audited(client):
    add(client, provider="OKAFOR")
    Patient.objects.filter(mrn="P-1").update(vip="Y", family="Hush")

    text = client.get(URL).content.decode()

    assert ("Restricted" in text, "Hush" in text, "With OKAFOR" in text) == (True, False, False)
    listed = AuditEntry.objects.filter(subject_kind="recovery.waitlistentry", action="listed").latest("pk")
    assert listed.patients == []


@pytest.mark.parametrize(
    ("query", "number"), [("", 1), ("?visit_type=ECHO", 1), ("?visit_type=MRI", 0), ("?clinic=99999", 0)]
)
def test_filters(client, query, number):
    add(client)

    assert len(client.get(URL + query).context["rows"]) == number


def test_another_clinics_people_see_and_change_nothing(listed, client, person, signed_in):
    add(client)
    stranger = signed_in(person(Role.ACCESS, clinic=listed.clinics["DERM"]))
    pk = WaitlistEntry.objects.get().pk

    assert stranger.get(URL).context["rows"] == []
    assert stranger.post(f"{URL}{pk}/remove/", {"reason": "x"}).status_code == 404
    assert AuditEntry.objects.filter(action="denied", subjects=[pk]).count() == 1


def test_launch_team_reads_and_may_not_add(listed, person, signed_in):
    reader = signed_in(person(Role.LAUNCH, clinic=listed.clinics["CARD"]))

    assert reader.get(URL).context["form"] is None
    assert add(reader).status_code == 403


def test_queries_do_not_grow_with_the_list(listed, client, django_assert_max_num_queries):
    for number in range(3, 9):
        listed.take(adt("A08", at=NOW - DAY, patient=f"P-{number}"))
        add(client, mrn=f"P-{number}")

    with django_assert_max_num_queries(14):
        assert len(client.get(URL).context["rows"]) == 6
