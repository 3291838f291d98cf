"""Puts the simulated group into the database: the only part of the simulator that knows it. Safe to run twice.

``connected_at`` (UTC) is when the sources' feeds begin; it is kept as ``Source.created_at``, so that a later start
finds the same simulation again.
"""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts.models import Clinic, ClinicCode, ClinicHours, ClinicLaunchMode, Closure, Grant, Source, Team, User
from accounts.vocabulary import Role
from scheduling.mapping.packs import read_pack
from scheduling.models import Feed, FeedSettings, MappingPublication
from scheduling.services.mapping import adopt_pack, approve, publish, start_draft, submit
from scheduling.simulator.cast import PASSWORD, PEOPLE, TEAMS
from scheduling.simulator.organisation import ClinicPlan, Organisation, SourcePlan
from scheduling.simulator.profiles import feed_profile
from scheduling.transports.tokens import hash_token
from scheduling.vocabulary import Decision, LaunchMode

# Codes of long before the feeds began must have a meaning too: an initial load carries old source times.
MAPPED_BEFORE = timedelta(days=90)
MODES = {"HBDERM": LaunchMode.SHADOW, "ELM2": LaunchMode.OBSERVING}  # every other clinic is live
MAPPING_AUTHOR, MAPPING_APPROVER = "mara", "otto"


def simulator_token(feed_key: str) -> str:
    """The bearer token with which the simulator posts to a feed: derived from the secret key and kept nowhere."""
    return salted_hmac("scheduling.simulator", feed_key, algorithm="sha256").hexdigest()


@transaction.atomic
def load_organisation(organisation: Organisation, *, connected_at: datetime, now: datetime) -> None:
    """Create whatever of the group is missing: people, sources, clinics, feeds, launch modes and published mappings."""
    people = load_people()
    teams = {team.key: team for team in Team.objects.all()}
    for plan in organisation.sources:
        source, _ = Source.objects.get_or_create(
            key=plan.key, defaults={"name": plan.name, "timezone": plan.timezone, "created_at": connected_at}
        )
        for clinic in plan.clinics:
            _load_clinic(source, clinic, now=now)
        _load_feed(source, plan, teams[f"{plan.key}-interfaces"], now=now)
        _load_mapping(source, plan, people, now=now)
    _load_grants(people)


def load_people() -> dict[str, User]:
    """The cast by short name, with teams; grants follow when sources exist."""
    password = make_password(PASSWORD)
    teams = {
        plan.key: Team.objects.get_or_create(
            key=plan.key, defaults={"name": plan.name, "is_catch_all": plan.is_catch_all}
        )[0]
        for plan in TEAMS
    }
    people: dict[str, User] = {}
    for person in PEOPLE:
        is_admin = person.role is Role.ADMIN
        user, _ = User.objects.get_or_create(
            username=person.email,
            defaults={
                "email": person.email,
                "first_name": person.given,
                "last_name": person.family,
                "password": password,
                "is_staff": is_admin,
                "is_superuser": is_admin,
            },
        )
        people[person.name] = user
        if person.team:
            teams[person.team].members.add(user)
    return people


def _load_grants(people: dict[str, User]) -> None:
    sources = {source.key: source for source in Source.objects.all()}
    for person in PEOPLE:
        Grant.objects.get_or_create(
            user=people[person.name], role=person.role, source=sources.get(person.source), clinic=None
        )


def _load_clinic(source: Source, plan: ClinicPlan, *, now: datetime) -> None:
    clinic, is_new = Clinic.objects.get_or_create(
        source=source, key=plan.key, defaults={"name": plan.name, "timezone": plan.timezone}
    )
    if not is_new:
        return
    ClinicCode.objects.create(source=source, clinic=clinic, code=plan.code)
    ClinicHours.objects.bulk_create(
        ClinicHours(clinic=clinic, weekday=day, opens=plan.opens, closes=plan.closes) for day in plan.weekdays
    )
    Closure.objects.bulk_create(Closure(clinic=clinic, on=day, name=name) for day, name in plan.holidays)
    ClinicLaunchMode.objects.bulk_create(
        ClinicLaunchMode(
            clinic=clinic,
            decision=decision,
            mode=MODES.get(plan.code, LaunchMode.LIVE),
            valid_from=source.created_at,
            recorded_at=now,
            reason="Set up with the demonstration",
        )
        for decision in Decision
    )


def _load_feed(source: Source, plan: SourcePlan, team: Team, *, now: datetime) -> None:
    feed, is_new = Feed.objects.get_or_create(
        key=plan.feed_key,
        defaults={
            "source": source,
            "name": plan.feed_name,
            "format": plan.format,
            "transport": plan.transport,
            "token_hash": hash_token(simulator_token(plan.feed_key)),
            "owner_team": team,
        },
    )
    if is_new:
        FeedSettings.objects.create(
            feed=feed, profile=feed_profile(plan), valid_from=source.created_at, recorded_at=now
        )


def _load_mapping(source: Source, plan: SourcePlan, people: dict[str, User], *, now: datetime) -> None:
    """Draft, submit, approve by somebody else and publish the source's pack, as people would."""
    if MappingPublication.objects.filter(source=source).exists():
        return
    author, approver = people[MAPPING_AUTHOR], people[MAPPING_APPROVER]
    pack = read_pack(f"demo-{plan.key}")
    revision = start_draft(source, title=f"First mapping of {plan.name}", actor=author, now=now)
    adopt_pack(revision, pack, rows=pack.ready, actor=author, now=now)
    revision.refresh_from_db()
    submit(revision, actor=author, now=now)
    approve(revision, actor=approver, now=now)
    publish(
        revision,
        effective_from=source.created_at - MAPPED_BEFORE,
        actor=approver,
        now=now,
        reason="Set up with the demonstration",
    )
