"""Wordings written by one person and approved by another, contact policies by version, languages of the staff."""

from datetime import date, timedelta

import pytest
import time_machine

from accounts.models import AuditEntry
from accounts.vocabulary import Role
from recovery.demo import load_contact
from recovery.models import ContactPolicy, MessageTemplate, StaffLanguage
from recovery.vocabulary import OutreachChannel, Topic
from scheduling.simulator.demo import organisation_since
from scheduling.simulator.loader import load_organisation
from tests.support.desk import NOW
from tests.support.wordings import BODY, approve_text

WORDS = {"topic": "rebook", "channel": "text", "language": "en", "subject": "", "body": BODY}
HOURS = {
    "practice": "Northfield Health", "callback": "312-555-0100", "weekdays_from": "08:00", "weekdays_until": "21:00",
    "sundays_from": "12:00", "sundays_until": "18:00", "most_texts_a_day": "1", "most_texts_a_week": "3",
    "most_calls_a_day": "2",
}  # fmt: skip
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lead(person, signed_in):
    """A supervisor of the whole desk, signed in."""
    return signed_in(person(Role.SUPERVISOR, first_name="Lea"))


@pytest.fixture
def other(person, signed_in):
    """An administrator of the whole desk, signed in."""
    return signed_in(person(Role.ADMIN))


def stands():
    return [(one.version, one.approved_at is not None, one.retired_at is not None) for one in _by_version()]


def _by_version():
    return MessageTemplate.objects.order_by("version")


def test_wording_is_used_once_somebody_else_approves_it(lead, other, db):
    lead.post("/recovery/templates/write/", WORDS)
    made = MessageTemplate.objects.get()

    own = lead.post(f"/recovery/templates/{made.pk}/approve/")
    theirs = other.post(f"/recovery/templates/{made.pk}/approve/")

    assert (own.status_code, theirs.status_code, stands()) == (409, 302, [(1, True, False)])
    assert "Somebody else approves what you wrote." in own.content.decode()


def test_new_version_takes_the_place_of_the_one_in_use(lead, other, db):
    for body in (BODY, f"{BODY} Thanks."):
        lead.post("/recovery/templates/write/", WORDS | {"body": body})
        other.post(f"/recovery/templates/{_by_version().last().pk}/approve/")

    assert stands() == [(1, True, True), (2, True, False)]
    assert MessageTemplate.objects.in_use(NOW).get().body.endswith("Thanks.")


def test_approved_twice_or_out_of_use_is_told(lead, other, db):
    made = approve_text("en")

    again = other.post(f"/recovery/templates/{made.pk}/approve/")
    retired = [other.post(f"/recovery/templates/{made.pk}/retire/").status_code for _ in range(2)]

    assert (again.status_code, retired) == (409, [302, 409])


def test_words_that_may_not_be_used_are_refused_with_what_was_typed(lead, db):
    response = lead.post("/recovery/templates/write/", WORDS | {"body": "Call your {clinic} now"})

    text = response.content.decode()
    assert (response.status_code, MessageTemplate.objects.count()) == (422, 0)
    for words in ("{clinic} tells too much for a text.", "Say how to end texts", "Call your {clinic} now"):
        assert words in text


def test_look_shows_the_words_with_example_values_and_keeps_nothing(lead, db):
    response = lead.post("/recovery/templates/write/", WORDS | {"look": "1"})

    assert (response.status_code, MessageTemplate.objects.count()) == (200, 0)
    assert "Northfield Health: a time is free Tue 24 Nov 10:40. Call 312-555-0100." in response.content.decode()


@pytest.mark.parametrize("role", [Role.ACCESS, Role.INTEGRATION, Role.AUDITOR])
def test_others_read_and_change_nothing(person, signed_in, role, clinic):
    client, made = signed_in(person(role)), approve_text("en")

    reads = [client.get(f"/recovery/{page}/").status_code for page in PAGES]
    changes = [
        client.post("/recovery/templates/write/", WORDS).status_code,
        client.post(f"/recovery/templates/{made.pk}/retire/").status_code,
        client.post(f"/recovery/settings/contact/{clinic.pk}/", HOURS).status_code,
    ]

    assert (reads, changes) == ([200, 200, 200], [403, 403, 403])


PAGES = ("templates", "settings/contact", "settings/languages")


def test_supervisor_of_one_clinic_decides_its_hours_but_no_wordings(person, signed_in, clinic):
    client = signed_in(person(Role.SUPERVISOR, clinic=clinic))

    answers = [
        client.post(f"/recovery/settings/contact/{clinic.pk}/", HOURS).status_code,
        client.post("/recovery/templates/write/", WORDS).status_code,
    ]

    assert (answers, ContactPolicy.objects.count()) == ([302, 403], 1)


def test_policy_holds_from_now_and_the_one_before_stays(lead, clinic):
    lead.post(f"/recovery/settings/contact/{clinic.pk}/", HOURS)
    changed = HOURS | {"most_texts_a_day": "0", "revoke_all_from": "2026-12-01"}
    with time_machine.travel(NOW + 10 * MINUTE, tick=False):
        lead.post(f"/recovery/settings/contact/{clinic.pk}/", changed)
        text = lead.get(f"/recovery/settings/contact/{clinic.pk}/").content.decode()

    rows = ContactPolicy.objects.order_by("valid_from").values_list("valid_from", "most_texts_a_day", "revoke_all_from")
    assert list(rows) == [(NOW, 1, None), (NOW + 10 * MINUTE, 0, date(2026, 12, 1))]
    assert "one stop ends all from 1 Dec 2026" in text
    assert AuditEntry.objects.filter(subject_kind="recovery.contactpolicy", clinic=clinic).count() == 2


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"weekdays_until": "08:00"}, "The hours end after they begin."),
        ({"callback": "call us"}, "Enter a valid value."),
        ({"practice": ""}, "This field is required."),
    ],
    ids=["no hours", "no number", "no name"],
)
def test_policy_without_sense_is_refused(lead, clinic, changed, sentence):
    response = lead.post(f"/recovery/settings/contact/{clinic.pk}/", HOURS | changed)

    assert (response.status_code, ContactPolicy.objects.count()) == (422, 0)
    assert sentence in response.content.decode()


def test_clinic_that_decided_nothing_shows_the_strictest_rules(lead, clinic):
    text = lead.get("/recovery/settings/contact/").content.decode()

    for words in ("Not decided", "the strictest rules hold", "09:00 to 20:00", "12:00 to 20:00"):
        assert words in text


def test_languages_of_a_person_are_those_that_are_ticked(lead, person):
    caller = person(Role.ACCESS)
    StaffLanguage.objects.create(person=caller, language="vi")

    lead.post(f"/recovery/settings/languages/{caller.pk}/", {"languages": ["en", "es"]})

    assert sorted(caller.staff_languages.values_list("language", flat=True)) == ["en", "es"]


def test_supervisor_of_a_clinic_sets_languages_of_its_people_only(person, signed_in, clinic, other_clinic):
    client = signed_in(person(Role.SUPERVISOR, clinic=clinic))
    own, foreign = person(Role.ACCESS, clinic=clinic), person(Role.ACCESS, clinic=other_clinic)

    answers = [
        client.post(f"/recovery/settings/languages/{one.pk}/", {"languages": ["es"]}).status_code
        for one in (own, foreign)
    ]

    assert (answers, StaffLanguage.objects.count()) == ([302, 404], 1)


def test_who_never_calls_has_no_languages_to_set(lead, person):
    auditor = person(Role.AUDITOR)

    assert lead.post(f"/recovery/settings/languages/{auditor.pk}/", {"languages": ["en"]}).status_code == 404


def test_demonstration_has_approved_english_and_spanish_words_and_is_loaded_once(db):
    load_organisation(organisation_since(NOW), connected_at=NOW, now=NOW)
    load_contact(now=NOW)
    models = (MessageTemplate, ContactPolicy, StaffLanguage)
    counts = [model.objects.count() for model in models]

    load_contact(now=NOW)

    assert [model.objects.count() for model in models] == counts
    in_use = set(MessageTemplate.objects.in_use(NOW).values_list("topic", "channel", "language"))
    topics, ways = (Topic.REFILL, Topic.REBOOK, Topic.CONFIRM), (OutreachChannel.CALL, "text", "email")
    assert in_use == {
        *((topic, way, language) for topic in topics for way in ways for language in ("en", "es")),
        (Topic.STOP, "text", "en"),
        (Topic.STOP, "text", "es"),
    }
