"""The demonstration in a real database: whole, safe to load twice, its mappings published by two people."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Count

from accounts.models import Clinic, ClinicLaunchMode, Grant, Source, Team, User
from accounts.vocabulary import Role
from scheduling.models import Appointment, Feed, MappingPublication, Message, Waiting
from scheduling.simulator.cast import PASSWORD, PEOPLE
from scheduling.simulator.demo import Position, connected_at, organisation_since
from scheduling.simulator.loader import load_organisation, simulator_token
from scheduling.simulator.places import position_file
from scheduling.vocabulary import Decision, LaunchMode

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
SINCE = connected_at(NOW, 60)


@pytest.fixture
def loaded(db):
    load_organisation(organisation_since(SINCE), connected_at=SINCE, now=NOW)


def counts() -> list[int]:
    return [model.objects.count() for model in (Source, Clinic, Feed, Team, User, Grant, MappingPublication)]


def test_loading_twice_changes_nothing(loaded):
    before = counts()

    load_organisation(organisation_since(SINCE), connected_at=SINCE, now=NOW + timedelta(days=1))

    assert counts() == before == [3, 12, 3, 7, 10, 10, 3]


def test_every_role_has_somebody_who_can_sign_in(loaded, client):
    assert set(Grant.objects.values_list("role", flat=True)) == set(Role.values)
    assert all(client.login(username=person.email, password=PASSWORD) for person in PEOPLE[:2])


def test_most_clinics_are_live_one_is_shadow_and_one_observing(loaded):
    modes = ClinicLaunchMode.objects.values("mode").annotate(clinics=Count("clinic", distinct=True))

    assert {row["mode"]: row["clinics"] for row in modes} == {
        LaunchMode.LIVE: 10,
        LaunchMode.SHADOW: 1,
        LaunchMode.OBSERVING: 1,
    }
    assert ClinicLaunchMode.objects.count() == 12 * len(Decision)


def test_mappings_are_published_and_were_approved_by_somebody_else(loaded):
    people = {
        (each.revision.author.username, getattr(each.revision.approved_by, "username", ""))
        for each in MappingPublication.objects.all()
    }

    assert people == {("mara@northfield.example", "otto@northfield.example")}


def test_feed_tokens_are_stored_only_as_digests(loaded):
    feed = Feed.objects.get(key="harbor-fhir")

    assert simulator_token("harbor-fhir") not in feed.token_hash
    assert len(feed.token_hash) == 64


@pytest.mark.django_db(transaction=True)
def test_seeding_fills_the_desk_once_and_a_second_run_adds_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    out = StringIO()
    call_command("seed_demo", days=1, stdout=out)
    stored, booked = Message.objects.count(), Appointment.objects.count()

    call_command("seed_demo", days=1, stdout=out)

    assert stored > 1_000
    assert booked > 300
    assert Message.objects.count() == stored
    assert Waiting.objects.count() == 0
    assert Position(position_file()).lively_from is not None
    assert "dana@northfield.example" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_an_interrupted_seeding_goes_on_where_it_stopped(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    call_command("seed_demo", days=1, stdout=StringIO())
    stored = set(Message.objects.values_list("digest", "received_at"))
    position_file().unlink()

    call_command("seed_demo", days=1, stdout=StringIO())

    again = list(Message.objects.values_list("digest", "received_at"))
    assert stored <= set(again)
    assert len(again) < len(stored) + 20  # no more than what happened since


def test_without_a_demonstration_the_logins_say_how_to_get_one(db):
    out = StringIO()
    call_command("demo_logins", stdout=out)

    assert out.getvalue() == "There is no demonstration here. Set it up with: manage.py seed_demo\n"
