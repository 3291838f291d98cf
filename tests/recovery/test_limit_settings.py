"""How old data may be: read by all, edited by administrators, and heeded at the next look."""

from datetime import timedelta

import pytest
import time_machine

from accounts.models import AuditEntry, Clinic, ClinicLimit
from accounts.vocabulary import Role
from recovery.selectors.trusts import trusts_of
from recovery.vocabulary import Level
from scheduling.decisions import DEFAULT_LIMITS, Limits
from scheduling.vocabulary import Decision
from tests.support.desk import NOW

PAGE = "/recovery/settings/limits/"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def card(desk):
    return desk.clinics["CARD"]


@pytest.fixture
def client(card, person, signed_in):
    return signed_in(person(Role.ADMIN, clinic=card))


def keep(client, card, **said):
    data = {"clinic": card.pk, "decision": "refill_24h", "warn_minutes": "10", "held_minutes": "30", "base": ""}
    return client.post(PAGE, data | said)


def shown(client, card):
    """(warn, hold, beside the default) of refills within a day."""
    rows = client.get(PAGE, {"clinic": card.pk}).context["rows"]
    return next((row.warn, row.held, row.beside_default) for row in rows if row.decision == Decision.REFILL_24H)


def test_page_says_the_default_of_every_decision(client, card):
    rows = client.get(PAGE, {"clinic": card.pk}).context["rows"]

    assert {row.decision: row.limits for row in rows} == dict(DEFAULT_LIMITS)
    assert shown(client, card) == ("5 min", "15 min", "")
    assert [row.held for row in rows][3:] == ["30 h", "24 h", "24 h", "48 h", "15 min", "7 days"]


@pytest.mark.parametrize(
    ("warn", "held", "beside"),
    [
        ("10", "30", "Looser than the default, 5 min and 15 min"),
        ("2", "10", "Stricter than the default, 5 min and 15 min"),
        ("2", "15", "Default 5 min and 15 min"),
    ],
    ids=["looser", "stricter", "warned sooner"],
)
def test_change_is_kept_as_a_version_and_said_beside_the_default(client, card, warn, held, beside):
    assert keep(client, card, warn_minutes=warn, held_minutes=held).status_code == 302

    assert shown(client, card) == (f"{warn} min", f"{held} min", beside)
    entry = AuditEntry.objects.get(subject_kind="accounts.cliniclimit")
    assert (entry.clinic_id, entry.subjects) == (card.pk, [ClinicLimit.objects.get().pk])


def test_limit_counts_at_the_next_look(client, card, desk):
    keep(client, card)

    (trust,) = trusts_of(Clinic.objects.filter(pk=card.pk), NOW)
    assert trust.limits_of(Decision.REFILL_24H) == Limits(10 * MINUTE, 30 * MINUTE)
    assert trust.limits_of(Decision.REFILL_72H) == DEFAULT_LIMITS[Decision.REFILL_72H]
    assert trust.freshness(Decision.REFILL_24H, NOW) == Level.HELD  # no feed ever proved anything


def test_second_change_names_the_version_it_began_with(client, card):
    keep(client, card)
    first = ClinicLimit.objects.get()

    assert keep(client, card, held_minutes="45").status_code == 409
    assert keep(client, card, base=first.pk, held_minutes="45").status_code == 302
    assert list(ClinicLimit.objects.order_by("pk").values_list("held_after", flat=True)) == [1800, 2700]


@pytest.mark.parametrize(
    "said",
    [
        {"warn_minutes": "31"}, {"warn_minutes": "0"}, {"held_minutes": "43201"}, {"held_minutes": ""},
        {"decision": "other"},
    ],
    ids=["held before warned", "no age", "over 30 days", "missing", "unknown decision"],
)  # fmt: skip
def test_ages_that_make_no_sense_are_a_422(client, card, said):
    answer = keep(client, card, **said)

    assert answer.status_code == 422
    assert ClinicLimit.objects.count() == 0


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_others_read_and_do_not_change(card, person, signed_in, role):
    client = signed_in(person(role, clinic=card))

    page = client.get(PAGE, {"clinic": card.pk})

    assert (page.status_code, page.context["form"]) == (200, None)
    assert keep(client, card).status_code == 403
    assert ClinicLimit.objects.count() == 0


def test_another_clinic_is_neither_shown_nor_changed(desk, client):
    other = desk.clinics["DERM"]

    assert client.get(PAGE, {"clinic": other.pk}).context["clinic"] == desk.clinics["CARD"]
    assert keep(client, other).status_code == 422


def test_queries_do_not_grow_with_clinics(client, card, django_assert_max_num_queries):
    client.get(PAGE)
    Clinic.objects.bulk_create(
        Clinic(source=card.source, key=f"c{number}", name=f"C {number}", timezone="America/Chicago")
        for number in range(30)
    )

    with django_assert_max_num_queries(8):
        assert client.get(PAGE).status_code == 200
