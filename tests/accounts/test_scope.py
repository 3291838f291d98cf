"""Role x grant: who sees which clinic, source and row."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from accounts.models import Clinic, Source, User
from accounts.querysets import PersonQuerySet
from accounts.scope import clinic_scope_q, has_any_role, has_role, source_scope_q
from accounts.vocabulary import Role

WHERE = {
    "everywhere": ({"Cardiology", "Imaging"}, {"Northside EHR", "Lakeview RIS"}),
    "a source": ({"Cardiology"}, {"Northside EHR"}),
    "a clinic": ({"Imaging"}, {"Lakeview RIS"}),
    "nowhere": (set(), set()),
}


@pytest.fixture
def people(person, source, clinic, other_clinic):
    return {
        "everywhere": person(Role.ACCESS),
        "a source": person(Role.ACCESS, source=source),
        "a clinic": person(Role.ACCESS, clinic=other_clinic),
        "nowhere": person(),
    }


@pytest.mark.parametrize("where", WHERE)
def test_visible_clinics_and_sources_follow_the_grant(people, where):
    user = people[where]

    seen = (
        set(Clinic.objects.visible_to(user).values_list("name", flat=True)),
        set(Source.objects.visible_to(user).values_list("name", flat=True)),
    )

    assert seen == WHERE[where]


def test_a_stranger_sees_nothing(people):
    assert list(Clinic.objects.visible_to(AnonymousUser())) == []


def test_a_disabled_person_sees_nothing(person):
    assert list(Clinic.objects.visible_to(person(Role.ADMIN, is_active=False))) == []


def test_a_row_without_a_clinic_follows_the_source(people, source, clinic):
    assert clinic_scope_q(people["a source"]) == Q(pk__in=[]) | Q(source__in=[source.pk])
    assert clinic_scope_q(people["everywhere"]) == Q()
    assert clinic_scope_q(people["nowhere"]) == Q(pk__in=[])


def test_a_clinic_grant_covers_no_row_without_a_clinic(people, other_clinic):
    assert clinic_scope_q(people["a clinic"]) == Q(clinic__in=[other_clinic.pk])


def test_a_clinic_grant_shows_the_rows_of_its_source_as_a_whole(people, other_clinic):
    assert source_scope_q(people["a clinic"]) == Q(source__in=[other_clinic.source_id])
    assert source_scope_q(people["nowhere"]) == Q(source__in=[])


def test_roles_narrow_the_scope(person, clinic, other_clinic):
    user = person(Role.ACCESS, clinic=clinic)
    user.grants.create(role=Role.AUDITOR, clinic=other_clinic)

    assert clinic_scope_q(user, roles=[Role.AUDITOR]) == Q(clinic__in=[other_clinic.pk])


@pytest.mark.parametrize(
    ("where", "answers"),
    [
        ("everywhere", [True, True, True, True]),
        ("a source", [True, False, True, True]),
        ("a clinic", [False, True, False, True]),
        ("nowhere", [False, False, False, False]),
    ],
    ids=WHERE,
)
def test_has_role_at_a_place(people, clinic, other_clinic, where, answers):
    user = people[where]
    places = [{"clinic": clinic}, {"clinic": other_clinic}, {"source": clinic.source}, {}]

    assert [has_role(user, Role.ACCESS, **place) for place in places] == answers
    assert has_role(user, Role.ADMIN) is False


def test_a_clinic_grant_is_not_enough_for_its_source(people, other_source):
    assert has_role(people["a clinic"], Role.ACCESS, source=other_source) is False


def test_asking_for_no_role_is_always_granted(people):
    assert has_any_role(people["nowhere"], frozenset()) is True


def test_grants_are_asked_once_per_person(people, django_assert_num_queries):
    user = User.objects.get(pk=people["a source"].pk)

    with django_assert_num_queries(1):
        for _ in range(3):
            clinic_scope_q(user)
            has_role(user, Role.ACCESS)


def test_an_overseer_of_a_clinic_sees_its_people_only(people, person, other_clinic):
    auditor = person(Role.AUDITOR, clinic=other_clinic)

    seen = set(PersonQuerySet(User).visible_to(auditor))

    assert seen == {people["a clinic"], auditor}


def test_an_overseer_of_a_source_sees_people_of_its_clinics(people, person, other_source):
    auditor = person(Role.AUDITOR, source=other_source)

    assert set(PersonQuerySet(User).visible_to(auditor)) == {people["a clinic"], auditor}


def test_an_unbound_overseer_sees_everyone(people, person):
    auditor = person(Role.AUDITOR)

    assert set(PersonQuerySet(User).visible_to(auditor)) == {*people.values(), auditor}
