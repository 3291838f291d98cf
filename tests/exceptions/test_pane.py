"""The pane as people get it: what it answers, what it masks, what it counts, what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry, Grant
from accounts.vocabulary import AuditAction, Role
from exceptions.models import IntegrationException, Membership
from exceptions.selectors import impact
from exceptions.vocabulary import SubjectKind
from scheduling.models import Appointment, Message, Patient, ResourceDay

HOUR = timedelta(hours=1)
ZZ9 = ("unmapped_status", "S15 ZZ9")
BODY = (
    b"MSH|^~\\&|LKVRIS|LKV|RD|NFH|20261124091404||SIU^S15|88240|P|2.4\r"
    b"PID|1||77164||DOEVER^MARIN\r"
    b"SCH||7|||||CHG||||^^30^2026|||||TAYLOR^JO|||||||||ZZ9\r"
)


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def mine(signed_in, people):
    return signed_in(people.milo)


@pytest.fixture
def patient(place):
    def make(pk, family="Doever", **more):
        return Patient.objects.create(
            pk=pk, source=place.lakeview, authority="LKV", mrn=f"L-{pk}", family=family, given="Marin", as_of=b"",
            **more,
        )  # fmt: skip

    return make


@pytest.fixture
def visit(place):
    def make(pk, starts_at, **more):
        facts = {"clinic": place.imaging, "status": "booked", "visit_type_name": "MR knee", "provider_name": "Okafor"}
        return Appointment.objects.create(
            pk=pk, source=place.lakeview, external_id=str(pk), starts_at=starts_at, said_at=timezone.now(),
            heard_at=timezone.now(), order_key=b"", events=1, troubles=[["unmapped_status", "ZZ9", 0]], **facts | more,
        )  # fmt: skip

    return make


@pytest.fixture
def message(place, now):
    def make(body=BODY, feed=None, at=None, number=1):
        return Message.objects.create(
            feed=feed or place.lakeview_feed, received_at=at or now, control_id=str(number), control_hash=number,
            digest=bytes([number]), body=body, transport="mllp",
        )  # fmt: skip

    return make


@pytest.fixture
def held(run, change, booked, people, now, visit, patient):
    """Three visits held by ZZ9: one in an hour, one of a restricted person tomorrow, one that is over."""
    visit(1, now + HOUR, patient=patient(71))
    visit(2, now + 24 * HOUR, patient=patient(72, "Hidden", protection="Y"))
    visit(3, now - HOUR, patient=patient(73, "Past"))
    run(*(change(pk, booked((*ZZ9, now - HOUR))) for pk in (1, 2, 3)), now=now)
    return IntegrationException.objects.get()


def about(exception, kind, *ids):
    """Add live findings about other subjects, as a survey would."""
    Membership.objects.bulk_create(
        Membership(exception=exception, subject_kind=kind, subject_id=pk, since=exception.opened_at) for pk in ids
    )


def groups(response):
    return {group.kind: group for group in response.context["pane"].subjects}


def titles(group):
    return [one.title for one in group.shown]


def test_pane_says_what_happened_and_how_often(mine, held):
    response = mine.get(f"/exceptions/{held.pk}/")

    pane, text = response.context["pane"], response.content.decode()
    assert [words.text for words in pane.happened if words.is_raw] == ["S15 ZZ9"]
    assert pane.facts.startswith("3 times since ")
    assert pane.facts.endswith(" in Imaging of Lakeview RIS.")
    assert "Give it a meaning" in text


def test_pane_lists_visits_by_start_and_masks_restricted_people(mine, held):
    response = mine.get(f"/exceptions/{held.pk}/")

    group, text = groups(response)[SubjectKind.APPOINTMENT], response.content.decode()
    assert (group.total, titles(group)) == (3, ["Marin Doever", "Restricted", "Marin Past"])
    assert [one.note for one in group.shown] == ["MR knee · Okafor", "Visit type hidden · Okafor", "MR knee · Okafor"]
    assert "Hidden" not in text
    assert "L-72" not in text


def test_reading_the_pane_names_the_patients_in_the_trail(mine, held):
    mine.get(f"/exceptions/{held.pk}/")

    rows = AuditEntry.objects.values_list("action", "subject_kind", "subjects", "patients")
    assert list(rows) == [(AuditAction.READ, "exceptions.integrationexception", [held.pk], [71, 72, 73])]


def test_visits_out_of_scope_are_counted_and_not_named(signed_in, people, held, visit, place, patient, now):
    visit(4, now + HOUR, patient=patient(74, "Elsewhere"), clinic=place.cardiology)
    about(held, SubjectKind.APPOINTMENT, 4)

    response = signed_in(people.imani).get(f"/exceptions/{held.pk}/")

    group = groups(response)[SubjectKind.APPOINTMENT]
    assert (group.total, "Marin Elsewhere" in titles(group)) == (4, False)
    assert "Elsewhere" not in response.content.decode()


def test_patients_are_listed_by_their_next_visit(mine, held, visit, patient, now):
    Membership.objects.all().delete()
    patient(80, "Nobody")
    visit(9, now + 3 * HOUR, patient_id=71)
    about(held, SubjectKind.PATIENT, 71, 72, 80)

    group = groups(mine.get(f"/exceptions/{held.pk}/"))[SubjectKind.PATIENT]

    assert (group.total, group.ahead, titles(group)) == (3, 3, ["Marin Doever", "Restricted", "Marin Nobody"])
    assert [one.place for one in group.shown] == ["Imaging", "Imaging", "no visit ahead"]


def test_feeds_are_listed_with_the_decisions_they_spoil(mine, held, place):
    Membership.objects.all().delete()
    about(held, SubjectKind.FEED, place.lakeview_feed.pk)
    Membership.objects.update(decision="confirm")

    group = groups(mine.get(f"/exceptions/{held.pk}/"))[SubjectKind.FEED]

    assert (titles(group), [one.value for one in group.decisions]) == (["Lakeview"], ["confirm"])


def test_provider_days_are_listed(mine, held, place, now):
    Membership.objects.all().delete()
    ResourceDay.objects.create(id=5, source=place.lakeview, resource="MR2", on=now.date())
    about(held, SubjectKind.RESOURCE_DAY, 5)

    assert titles(groups(mine.get(f"/exceptions/{held.pk}/"))[SubjectKind.RESOURCE_DAY]) == ["MR2"]


@pytest.mark.parametrize(
    ("kind", "titles_listed"),
    [(1, {"Marin Doever", "Restricted", "Marin Past"}), (2, {"Marin Doever", "Restricted"}), (3, {"Lakeview"})],
    ids=["visits", "patients", "feeds"],
)
def test_all_of_a_kind_are_listed_and_audited(mine, held, place, kind, titles_listed):
    about(held, SubjectKind.PATIENT, 71, 72)
    about(held, SubjectKind.FEED, place.lakeview_feed.pk)

    response = mine.get(f"/exceptions/{held.pk}/visits/?kind={kind}")

    assert {row.title for row in response.context["rows"]} == titles_listed
    assert [split.is_current for split in response.context["splits"]] == [kind == one for one in (1, 2, 3)]
    entry = AuditEntry.objects.get()
    assert (entry.action, len(entry.subjects)) == (AuditAction.LISTED, len(titles_listed))
    assert "Hidden" not in response.content.decode()


def test_list_of_a_kind_says_what_is_out_of_scope(signed_in, people, held, visit, place, patient, now):
    visit(4, now + HOUR, patient=patient(74, "Elsewhere"), clinic=place.cardiology)
    about(held, SubjectKind.APPOINTMENT, 4)

    response = signed_in(people.imani).get(f"/exceptions/{held.pk}/visits/")

    assert [row.title for row in response.context["rows"] if not row.is_seen] == ["Not in your scope"]
    assert "Elsewhere" not in response.content.decode()
    assert AuditEntry.objects.get().subjects == [3, 2, 1]


def test_pane_counts_slots_before_noon(mine, run, change, booked, people, visit, place):
    noon = timezone.now().astimezone(place.imaging.zone).replace(hour=12, minute=0, second=0, microsecond=0)
    visit(1, noon - HOUR)
    visit(2, noon)
    run(*(change(pk, booked((*ZZ9, noon - 3 * HOUR))) for pk in (1, 2)), now=noon - 3 * HOUR)
    exception = IntegrationException.objects.select_related("clinic", "source").get()

    from_nine = impact(exception, noon - 3 * HOUR)
    from_noon = impact(exception, noon)

    assert [(cost.slots, cost.before_noon) for cost in (from_nine, from_noon)] == [(2, 1), (1, 0)]


@pytest.mark.parametrize("findings", [1, 3])
def test_pane_takes_the_same_queries_whatever_it_lists(  # noqa: PLR0917 - fixtures
    mine, run, change, booked, people, visit, patient, message, now, findings
):
    for pk in range(1, findings + 1):
        visit(pk, now + pk * HOUR, patient=patient(70 + pk))
        run(change(pk, booked((*ZZ9, now)), messages=(message(number=pk).pk,)), now=now)
    path = f"/exceptions/{IntegrationException.objects.get().pk}/"
    mine.post(f"{path}take/", {"version": 1})
    mine.get(path)  # the counts of the rail are kept for some seconds

    with CaptureQueriesContext(connection) as queries:
        mine.get(path)

    assert len(queries) <= 10, [query["sql"][:200] for query in queries.captured_queries]


def test_the_whole_page_shows_the_same_without_the_list(mine, held):
    response = mine.get(f"/exceptions/{held.pk}/?whole=1")

    assert "rows" not in response.context
    assert response.context["pane"].exception == held
    assert "See it in the list" in response.content.decode()


def test_a_verb_on_the_whole_page_stays_there(mine, held):
    answer = mine.post(f"/exceptions/{held.pk}/take/?whole=1", {"version": held.version})
    swapped = mine.post(
        f"/exceptions/{held.pk}/release/?whole=1", {"version": held.version + 1}, headers={"HX-Request": "true"}
    )

    assert answer.url == f"/exceptions/{held.pk}/?whole=1"
    assert "<html" not in swapped.content.decode()
    assert 'id="splits"' not in swapped.content.decode()


def test_the_same_elsewhere_is_counted_in_scope(signed_in, mine, people, held, run, change, booked, place, now):  # noqa: PLR0917 - fixtures
    run(change(9, booked((*ZZ9, now), clinic_id=place.cardiology.pk)), now=now)

    twins = mine.get(f"/exceptions/{held.pk}/").context["pane"].elsewhere
    of_one_clinic = signed_in(people.imani).get(f"/exceptions/{held.pk}/").context["pane"].elsewhere

    assert (twins.total, [twin.place for twin in twins.twins]) == (1, ["Cardiology · Lakeview RIS"])
    assert (of_one_clinic.total, of_one_clinic.twins) == (0, [])


def test_auditor_sees_no_form_that_mends(signed_in, people, run, change, booked, place, now):
    run(change(1, booked(("unknown_clinic", "LKV-MOB3", now), clinic_id=None)), now=now)
    exception = IntegrationException.objects.get()
    Grant.objects.create(user=people.noor, role=Role.AUDITOR, source=place.lakeview)

    fix = signed_in(people.noor).get(f"/exceptions/{exception.pk}/").context["pane"].fix

    assert (fix.may_mend, fix.asks_clinic) == (False, False)
