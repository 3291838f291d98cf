"""The people and the source of mapping tests: an author, a second person, one source with two clinics."""

from datetime import UTC, datetime, timedelta

from accounts.models import Clinic, Source, User
from scheduling.mapping.rules import Rule
from scheduling.services.mapping import add_rule, approve, publish, start_draft, submit
from scheduling.vocabulary import Status

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
BOOKED = Rule(0, filler_status="Booked", status=Status.BOOKED)


def person(name):
    return User.objects.get_or_create(username=f"{name}@example.org")[0]


def make_source(key="north"):
    return Source.objects.create(key=key, name=key.title(), timezone="America/Chicago", created_at=NOON)


def make_clinic(source, key="heart"):
    return Clinic.objects.create(source=source, key=key, name=key.title(), timezone="America/Chicago")


def make_draft(source, *rules):
    draft = start_draft(source, title="First", actor=person("ada"), now=NOON)
    for rule in rules:
        add_rule(draft, rule, actor=person("ada"), now=NOON)
    return draft


def make_approved(source, *rules):
    revision = make_draft(source, *rules)
    submit(revision, actor=person("ada"), now=NOON)
    approve(revision, actor=person("ben"), now=NOON)
    return revision


def put_in_force(revision, effective_from=NOON):
    return publish(revision, effective_from=effective_from, actor=person("ada"), now=NOON)
