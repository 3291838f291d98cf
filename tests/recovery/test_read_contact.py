"""What the contact rules look at, read from what real messages left: now, and as it was known at any past moment."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from config.pipeline import digest_batch
from recovery.contacting.facts import ConsentLine, Point
from recovery.contacting.languages import language_code
from recovery.contacting.owners import number_owner, person_owner
from recovery.contacting.policy import DEFAULT_POLICY, DEFAULT_TRIES
from recovery.models import Attempt, ContactMark, ContactPolicy, MessageTemplate, Reveal, StaffLanguage
from recovery.services.past_contact import message_age_then, records_then
from recovery.services.read_contact import read_ask
from recovery.services.read_people import read_person, records_of
from recovery.vocabulary import Family, Mark, OutreachChannel, Topic
from scheduling.models import Consent, Patient
from scheduling.vocabulary import Decision
from tests.recovery.refills import free_type
from tests.recovery.worked import BUMPED_AT, make_worked
from tests.support.desk import DAY, HOUR, LONG_AGO, NOW
from tests.support.inbox import deliveries, load_group, store_deliveries
from tests.support.messages import adt, merge, siu

MINUTE = timedelta(minutes=1)
MOBILE = "3125550142"


@pytest.fixture
def worked(desk):
    return make_worked(desk)


def person_of(patient, *, at=NOW, actor=None):
    """The person behind a record as known at ``at``."""
    return read_person(patient.pk, records_then(patient.pk, at), actor=actor, at=at)


def told(*, at, control, phone=MOBILE, language="", patient="N-1"):
    """A patient's facts with a language (PID-15)."""
    body = adt("A08", at=at, phone=phone, patient=patient, control=control)
    return body.replace(phone.encode(), f"{phone}||{language}".encode()) if language else body


def values(person):
    return [point.value for point in person.points]


def test_person_is_what_the_row_says_however_late_and_shuffled_the_messages_came(db):
    since = datetime(2026, 11, 1, tzinfo=UTC)
    organisation = load_group(4, since=since)
    sent = list(deliveries(organisation, 1500, since=since))
    Random(5).shuffle(sent)
    store_deliveries(sent)
    _digest_all()
    patients = list(Patient.objects.order_by("pk"))

    read = [read_person(one.pk, records_of(one.pk), actor=None, at=NOW + 30 * DAY) for one in patients[:250]]

    assert [_facts(person) for person in read] == [_facts_of_row(patient) for patient in patients[:250]]
    assert len({person.language for person in read}) > 1


def _digest_all():
    while not digest_batch(now=NOW).is_idle:
        pass


def _facts(person):
    points = [(point.system, point.use, point.value, point.rank, point.ends_on) for point in person.points]
    return (
        person.died, person.wants_none, person.is_restricted, person.language, person.born_on, person.guardian,
        person.zone, points,
    )  # fmt: skip


def _facts_of_row(row):
    stated = [*(row.phones_home or []), *(row.phones_work or [])]
    return (
        row.died, row.publicity == "N", row.is_restricted, language_code(row.language), row.born_on, row.guardian,
        ZoneInfo(row.zone) if row.zone else None,
        [(system, use, value, rank, date.fromisoformat(ends) if ends else None)
         for system, use, value, rank, ends in stated],
    )  # fmt: skip


def test_statement_that_came_late_does_not_undo_what_a_newer_message_repeated(worked):
    worked.hear(told(at=NOW - 5 * HOUR, control="A1", phone="3125550101"))
    worked.hear(told(at=NOW - 2 * MINUTE, control="A2", phone="3125550101"))
    worked.hear(told(at=NOW - 5 * MINUTE, control="A3", phone="3125550199"))

    assert values(person_of(worked.patient)) == [point[2] for point in worked.patient.phones_home]
    assert values(person_of(worked.patient)) == ["3125550101"]


def test_number_that_came_later_was_not_known_before(worked):
    worked.hear(told(at=NOW, control="B1", phone="3125550199"), now=NOW + HOUR)

    assert values(person_of(worked.patient, at=NOW + 59 * MINUTE)) == [MOBILE]
    assert values(person_of(worked.patient, at=NOW + HOUR)) == ["3125550199"]


def test_death_heard_later_was_not_known_before(worked):
    worked.hear(adt("A08", at=NOW, died_at=NOW - DAY), now=NOW + HOUR)

    assert [person_of(worked.patient, at=at).died for at in (NOW, NOW + HOUR)] == [False, True]


def test_refusal_counts_from_when_it_was_recorded(worked):
    Consent.objects.create(
        patient=worked.patient, channel="text", is_allowed=False, valid_from=NOW - DAY, recorded_at=NOW,
        recorded_by=worked.ruth,
    )  # fmt: skip

    assert person_of(worked.patient, at=NOW - MINUTE).consents == ()
    assert person_of(worked.patient).consents == (ConsentLine("text", "", False, NOW - DAY),)


def test_refusal_that_begins_later_does_not_count_yet(worked):
    Consent.objects.create(
        patient=worked.patient, channel="text", is_allowed=False, valid_from=NOW + DAY, recorded_at=NOW
    )

    assert person_of(worked.patient).consents == ()


def test_of_two_lines_at_once_the_refusal_counts(worked):
    for is_allowed in (False, True):
        Consent.objects.create(
            patient=worked.patient, channel="text", is_allowed=is_allowed, valid_from=NOW, recorded_at=NOW
        )

    assert person_of(worked.patient).consents == (ConsentLine("text", "", False, NOW),)


def test_mark_counts_from_when_it_was_made_and_the_newest_wins(worked):
    for mark, at in ((Mark.CONFIRMED, NOW + HOUR), (Mark.WRONG, NOW + DAY)):
        ContactMark.objects.create(patient=worked.patient, system="phone", value=MOBILE, mark=mark, at=at)

    seen = [
        (point.mark, point.marked_at)
        for at in (NOW, NOW + HOUR, NOW + DAY)
        for point in person_of(worked.patient, at=at).points
        if point.value == MOBILE
    ]

    assert seen == [(None, None), (Mark.CONFIRMED, NOW + HOUR), (Mark.WRONG, NOW + DAY)]


@pytest.mark.parametrize(
    ("mark", "known"), [(Mark.WRONG, Mark.WRONG), (Mark.CONFIRMED, None)], ids=["wrong for all", "proven for one only"]
)
def test_what_somebody_elses_mark_says_of_the_same_number(worked, mark, known):
    worked.hear(adt("A08", at=NOW, patient="N-2"))
    other = Patient.objects.get(mrn="N-2")
    ContactMark.objects.create(patient=other, system="phone", value=MOBILE, mark=mark, at=NOW)

    assert [point.mark for point in person_of(worked.patient).points] == [known]


@pytest.mark.parametrize(
    ("bodies", "sharers"),
    [
        ([adt("A08", at=NOW, patient="N-2"), adt("A08", at=NOW, patient="N-3")], 2),
        ([adt("A08", at=NOW, patient="N-2"), merge(at=NOW, survivor="N-1", retired="N-2")], 0),
        ([adt("A08", at=NOW, patient="N-2", died_at=NOW - DAY)], 0),
        ([adt("A08", at=NOW, patient="N-2", phone="3125550199")], 0),
    ],
    ids=["two others", "one record of the same person", "somebody who has died", "another number"],
)
def test_sharers_are_other_people_who_live(worked, bodies, sharers):
    worked.hear(*bodies)

    assert {point.sharers for point in person_of(worked.patient).points if point.value == MOBILE} == {sharers}


def attempt(worked, patient, *, at=NOW, value=MOBILE, root=None, **more):
    """A text that counts, to a person and a number."""
    return Attempt.objects.create(
        item=worked.item, patient=patient, decision=Decision.REBOOK_BUMPED, channel=OutreachChannel.TEXT, value=value,
        person_owner=person_owner(root or patient.pk), number_owner=number_owner(value), at=at, **more,
    )  # fmt: skip


def test_contacts_count_by_person_and_by_number_and_not_before_they_happened(worked):
    worked.hear(adt("A08", at=NOW, patient="N-2"))
    attempt(worked, worked.patient, at=NOW - HOUR, value="3125550177")
    attempt(worked, Patient.objects.get(mrn="N-2"), at=NOW)
    attempt(worked, worked.patient, at=NOW, is_counted=False)

    def seen(at):
        return [(one.at, one.is_same_number) for one in person_of(worked.patient, at=at).earlier]

    assert seen(NOW) == [(NOW, True), (NOW - HOUR, False)]
    assert seen(NOW - MINUTE) == [(NOW - HOUR, False)]
    assert seen(NOW - 2 * HOUR) == []


def test_merged_person_has_the_survivors_facts_and_the_refusals_of_all_records(worked):
    worked.hear(adt("A08", at=NOW - HOUR, patient="N-9", phone="3125550199"))
    Consent.objects.create(
        patient=worked.patient, channel="call", is_allowed=False, valid_from=NOW - DAY, recorded_at=NOW - DAY
    )
    worked.hear(merge(at=NOW, survivor="N-9", retired="N-1"), now=NOW + HOUR)
    survivor = Patient.objects.get(mrn="N-9")
    attempt(worked, worked.patient, root=survivor.pk)

    person = person_of(survivor, at=NOW + HOUR)

    assert (values(person), person.survivor_id) == (["3125550199"], None)
    assert person.consents == (ConsentLine("call", "", False, NOW - DAY),)
    assert [one.at for one in person.earlier] == [NOW]
    assert person_of(worked.patient, at=NOW + HOUR).survivor_id == survivor.pk


def test_merge_heard_later_was_not_known_before(worked):
    worked.hear(adt("A08", at=NOW - HOUR, patient="N-9", phone="3125550199"))
    Consent.objects.create(
        patient=worked.patient, channel="call", is_allowed=False, valid_from=NOW - DAY, recorded_at=NOW - DAY
    )
    worked.hear(merge(at=NOW, survivor="N-9", retired="N-1"), now=NOW + HOUR)
    survivor = Patient.objects.get(mrn="N-9")
    before = NOW + HOUR - MINUTE

    assert person_of(survivor, at=before).consents == ()
    assert person_of(worked.patient, at=before).survivor_id is None
    assert records_then(survivor.pk, before).everyone == (survivor.pk,)
    assert records_then(survivor.pk, NOW + HOUR).everyone == tuple(sorted((survivor.pk, worked.patient.pk)))


@pytest.mark.parametrize(
    ("zone", "known"),
    [("America/Denver", ZoneInfo("America/Denver")), ("Mars/Base", None), ("../etc/passwd", None), ("", None)],
    ids=["stated", "no such zone", "no name at all", "not stated"],
)
def test_zone_that_does_not_exist_counts_as_not_stated(worked, zone, known):
    worked.patient.versions.create(
        statement={"zone": zone}, order_key=b"\xff" * 29, valid_from=NOW, recorded_at=NOW, is_effective=True
    )

    assert person_of(worked.patient).zone == known


def test_language_is_one_code_whatever_the_feed_calls_it(worked):
    worked.hear(told(at=NOW, control="L1", language="SPA"))

    assert person_of(worked.patient).language == "es"


@pytest.mark.parametrize(
    ("minutes", "name", "is_seen"),
    [(29, "ruth", True), (30, "ruth", False), (-1, "ruth", False), (5, "omar", False)],
    ids=["within", "over", "before", "somebody else's"],
)
def test_reveal_is_a_persons_own_and_ends(worked, minutes, name, is_seen):
    Reveal.objects.create(
        patient=worked.patient, person=worked.ruth, reason="Calls her", at=NOW, expires_at=NOW + 30 * MINUTE
    )

    person = person_of(worked.patient, at=NOW + minutes * MINUTE, actor=getattr(worked, name))

    assert person.is_revealed is is_seen


def asked(worked, *, at=NOW, actor=None):
    return read_ask(worked.item, clinic=worked.desk.clinics["CARD"], trust=None, actor=actor or worked.ruth, at=at)


def test_clinic_that_decided_nothing_has_the_strictest_rules(worked):
    ask = asked(worked)

    assert (ask.topic, ask.policy, ask.tries, ask.consent_age) == (
        Topic.REBOOK, DEFAULT_POLICY, DEFAULT_TRIES[Family.REBOOK_BUMPED], None
    )  # fmt: skip


def test_policy_counts_from_when_it_is_true_and_known(worked):
    ContactPolicy.objects.create(
        clinic=worked.desk.clinics["CARD"], valid_from=NOW - DAY, recorded_at=NOW, weekdays_from="08:00",
        weekdays_until="21:00", sundays_from="12:00", sundays_until="18:00", most_texts_a_day=2,
        revoke_all_from=date(2026, 11, 24),
    )  # fmt: skip

    policies = [asked(worked, at=at).policy for at in (NOW - MINUTE, NOW)]

    assert [(policy.most_texts_a_day, policy.revoke_all) for policy in policies] == [(1, False), (2, True)]


@pytest.mark.parametrize(
    ("decided", "before", "from_then_on"),
    [("nothing", False, True), (date(2027, 1, 31), False, True), (date(2026, 11, 1), True, True), (None, False, False)],
    ids=["nothing was decided", "as the rule stands", "earlier on purpose", "never, on purpose"],
)
def test_revoke_all_is_switched_on_by_its_day_of_31_january_2027(worked, decided, before, from_then_on):
    """The day is the clinic's own: it begins at six of UTC in Chicago."""
    if decided != "nothing":
        ContactPolicy.objects.create(
            clinic=worked.desk.clinics["CARD"], valid_from=NOW - DAY, recorded_at=NOW - DAY, weekdays_from="09:00",
            weekdays_until="20:00", sundays_from="12:00", sundays_until="20:00", revoke_all_from=decided,
        )  # fmt: skip
    midnight = datetime(2027, 1, 31, 6, tzinfo=UTC)

    found = [asked(worked, at=at).policy.revoke_all for at in (midnight - MINUTE, midnight)]

    assert found == [before, from_then_on]


def test_confidential_visit_is_one_of_a_type_that_the_clinic_said_is_and_from_then_on(worked):
    free_type(worked.desk.clinics["CARD"], worked.item.visit_type)
    free_type(worked.desk.clinics["CARD"], "OTHER", is_confidential=True)
    free_type(worked.desk.clinics["CARD"], worked.item.visit_type, is_confidential=True, valid_from=NOW)

    assert [asked(worked, at=at).is_confidential for at in (NOW - MINUTE, NOW)] == [False, True]


def test_wording_counts_between_its_approval_and_its_end(worked):
    MessageTemplate.objects.create(
        topic=Topic.REBOOK, channel="text", language="es", version=1, body="Hola", written_at=LONG_AGO,
        approved_at=NOW, retired_at=NOW + HOUR,
    )  # fmt: skip

    written = [asked(worked, at=at).written for at in (NOW - MINUTE, NOW, NOW + HOUR)]

    assert written == [{}, {OutreachChannel.TEXT: frozenset({"es"})}, {}]


def test_languages_of_whoever_calls_and_of_colleagues(worked):
    StaffLanguage.objects.create(person=worked.omar, language="spa")
    worked.desk.people[0].staff_languages.create(language="vi")
    type(worked.ruth).objects.filter(pk=worked.desk.people[0].pk).update(is_active=False)

    ask = asked(worked)

    assert (ask.spoken, ask.colleagues) == (frozenset({"en"}), frozenset({"es"}))


def test_tries_are_those_of_the_item_until_then(worked):
    for at in (NOW - 2 * HOUR, NOW):
        attempt(worked, worked.patient, at=at)

    tries = [asked(worked, at=at).tries for at in (NOW - 3 * HOUR, NOW - HOUR, NOW)]

    assert [(one.used, one.last_at) for one in tries] == [(0, None), (1, NOW - 2 * HOUR), (2, NOW)]


def test_how_current_we_were_is_the_age_of_the_quietest_feed(worked):
    worked.hear(siu("S12", visit="V9", at=NOW, starts_at=NOW + DAY, patient="N-5"), now=NOW + HOUR)
    source = worked.desk.source.pk

    ages = [message_age_then(source, at) for at in (NOW + HOUR - MINUTE, NOW + HOUR, NOW + 26 * HOUR, LONG_AGO)]

    assert ages == [59 * MINUTE, timedelta(0), None, None]
    assert BUMPED_AT < NOW


@pytest.mark.parametrize("numbers", [1, 12], ids=["one number", "twelve numbers"])
def test_reading_a_person_takes_the_same_queries_however_many_numbers(worked, django_assert_num_queries, numbers):
    phones = "~".join(f"31255501{number:02}" for number in range(numbers))
    worked.hear(told(at=NOW, control="Q1", phone=phones))
    patient, records = worked.patient, records_of(worked.patient.pk)
    item, clinic = worked.item, worked.desk.clinics["CARD"]
    assert len(person_of(patient).points) == numbers

    with django_assert_num_queries(6):
        read_person(patient.pk, records, actor=worked.ruth, at=NOW)
    with django_assert_num_queries(6):
        read_ask(item, clinic=clinic, trust=None, actor=worked.ruth, at=NOW)


def test_point_carries_what_the_feed_said(worked):
    assert person_of(worked.patient).points == (Point("phone", "home", MOBILE, None, None, None, None, 0),)
