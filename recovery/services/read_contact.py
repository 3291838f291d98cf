"""Read what the contact rules look at, for now or as it was known at a past moment. Nothing is locked here."""

from dataclasses import replace
from datetime import datetime, timedelta

from accounts.models import Clinic, User
from recovery.contacting.facts import Ask, ContactHours, Policy, Tries
from recovery.contacting.languages import language_code
from recovery.contacting.policy import default_policy, is_in_force
from recovery.models import (
    Attempt,
    ContactPolicy,
    MessageTemplate,
    QueueItem,
    StaffLanguage,
)
from recovery.services.read_policies import is_confidential_type, read_tries_in_force
from recovery.trust import ClinicTrust
from recovery.vocabulary import AttemptOutcome, Family, ItemEventKind, NextStep, OutreachChannel, Topic
from scheduling.vocabulary import Decision

TOPICS = {
    Family.REFILL: Topic.REFILL,
    Family.REBOOK_MISSED: Topic.REBOOK,
    Family.REBOOK_BUMPED: Topic.REBOOK,
    Family.CONFIRM: Topic.CONFIRM,
}


def read_ask(item: QueueItem, *, clinic: Clinic, trust: ClinicTrust | None, actor: User | None, at: datetime) -> Ask:
    """What is intended with an item, under the clinic's settings as of ``at``: six queries."""
    topic, tries = TOPICS[Family(item.family)], read_tries(item, clinic, at)
    ask = read_ask_about(topic, tries, clinic=clinic, trust=trust, actor=actor, at=at)
    is_confidential = is_confidential_type(clinic.pk, item.visit_type, at)
    return replace(ask, visit_id=item.appointment_id, is_confidential=is_confidential)


def read_ask_about(
    topic: Topic, tries: Tries, *, clinic: Clinic, trust: ClinicTrust | None, actor: User | None, at: datetime
) -> Ask:
    """The same where no item is at hand: about a topic, for a clinic."""
    languages = StaffLanguage.objects.filter(person__is_active=True).values_list("person", "language")
    spoken = {(person, language_code(language)) for person, language in languages}
    mine = frozenset(language for person, language in spoken if actor is not None and person == actor.pk)
    limit = None if trust is None else trust.limits_of(Decision.STOP_OUTREACH).held_after
    return Ask(
        topic=topic,
        clinic_zone=clinic.zone,
        policy=read_policy(clinic, at),
        tries=tries,
        spoken=mine,
        colleagues=frozenset(language for _, language in spoken) - mine,
        written=_written(topic, at),
        consent_age=None if trust is None else trust.age(at),
        consent_limit=limit or timedelta(minutes=15),
        clinic_id=clinic.pk,
    )


def read_policy(clinic: Clinic, at: datetime) -> Policy:
    """The clinic's contact policy in force at ``at`` and known then, else the strictest."""
    row, on = policy_in_force(clinic, at), at.astimezone(clinic.zone).date()
    if row is None:
        return default_policy(on)
    hours = ContactHours((row.weekdays_from, row.weekdays_until), (row.sundays_from, row.sundays_until))
    revoke_all = is_in_force(row.revoke_all_from, on)
    return Policy(hours, row.most_texts_a_day, row.most_texts_a_week, row.most_calls_a_day, revoke_all)


def policy_in_force(clinic: Clinic, at: datetime) -> ContactPolicy | None:
    """The version of the clinic's contact policy that was in force at ``at`` and known then."""
    rows = ContactPolicy.objects.filter(clinic=clinic, valid_from__lte=at, recorded_at__lte=at)
    return rows.order_by("-valid_from", "-pk").first()


def read_tries(item: QueueItem, clinic: Clinic, at: datetime) -> Tries:
    """How often the item may be tried, and how often it was."""
    family = Family(item.family)
    limits = read_tries_in_force(clinic.pk, family, at)
    if family == Family.REFILL:
        # A slot may be offered to many people: the limit is of the person, whom their contacts count for.
        return limits._replace(most=None, rest=timedelta())
    times = Attempt.objects.filter(item=item, is_counted=True, at__lte=at).order_by("-at").values_list("at", flat=True)
    done = list(times[:100])
    if not done:
        return limits
    asked = _asked_to_call(item, at)
    most = limits.most if asked in (None, AttemptOutcome.THIRD_PARTY) else None
    return limits._replace(most=most, used=len(done), last_at=done[0] if asked is None else None)


def _asked_to_call(item: QueueItem, at: datetime) -> str | None:
    """What asked for a call back whose moment has come by ``at``: an outcome or a reply; None where nothing did.

    A call back that was promised does not wait for a rest; one that the person asked for is no try too many.
    """
    steps = item.events.filter(kind__in=[ItemEventKind.OUTCOME, ItemEventKind.ANSWERED], at__lte=at)
    last = steps.filter(detail__has_key="next").order_by("-at", "-pk").first()
    if last is None or last.detail["next"] != NextStep.CALL_BACK:
        return None
    is_early = Attempt.objects.filter(pk=last.detail.get("attempt"), next_at__gt=at).exists()
    return None if is_early else last.reason


def _written(topic: Topic, at: datetime) -> dict[OutreachChannel, frozenset[str]]:
    """The languages with an approved template, by channel."""
    rows = MessageTemplate.objects.in_use(at).filter(topic=topic)
    found: dict[OutreachChannel, set[str]] = {}
    for channel, language in rows.values_list("channel", "language"):
        found.setdefault(OutreachChannel(channel), set()).add(language_code(language))
    return {channel: frozenset(languages) for channel, languages in found.items()}
