"""Simulated messages with faults, digested, and drafts that say something else about them than what is in force."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count

from accounts.models import Source, User
from config.pipeline import digest_batch
from scheduling.facts import Signals
from scheduling.mapping.rules import Rule
from scheduling.mapping.vocabulary import Leads
from scheduling.models import MappedEvent, MappingPublication, MappingRevision, MappingRule, RefoldRequest
from scheduling.services.mapping import add_rule, approve, publish, remove_rule, set_precedence, start_draft, submit
from scheduling.simulator.faults import REALISTIC
from scheduling.vocabulary import Initiator, Status
from tests.support.inbox import deliveries, load_group, store_deliveries

SINCE = datetime(2026, 11, 16, tzinfo=UTC)
MEANINGS = (Status.CANCELLED, Status.BUMPED, Status.BOOKED, Status.MISSED, Status.COMPLETED, Status.CONFIRMED)


def simulated(messages: int) -> datetime:
    """A group's messages with three times the usual faults, digested; the moment after the last of them arrived."""
    organisation = load_group(12, since=SINCE)
    sent = list(deliveries(organisation, messages, since=SINCE, plan=REALISTIC.times(3)))
    store_deliveries(sent)
    now = max(delivery.arrives_at for delivery in sent) + timedelta(minutes=1)
    while not digest_batch(now=now).is_idle:
        pass
    return now


def people(source: Source) -> tuple[User, User]:
    """The author and the approver of a source's first mapping."""
    first = MappingRevision.objects.filter(source=source).order_by("number").first()
    if first is None or first.approved_by is None:
        raise LookupError("the source has no mapping")
    return first.author, first.approved_by


def changed_draft(source: Source, dice: random.Random, now: datetime) -> MappingRevision:
    """A draft that gives held statuses meanings, takes a quarter of the rules away or turns them, says what leads."""
    author, _ = people(source)
    base = MappingPublication.objects.filter(source=source).latest("number").revision
    draft = start_draft(source, title="Otherwise", actor=author, now=now, based_on=base)
    rules = list(draft.rules.exclude(status=None).order_by("pk"))
    for row in dice.sample(rules, len(rules) // 4):
        _turn(draft, row, dice, author, now)
    for code in _held(source)[:4]:
        if not draft.rules.filter(filler_status=code).exists():
            _add(draft, {"filler_status": code, "initiator": Initiator.PATIENT}, dice, author, now)
    draft.refresh_from_db()
    set_precedence(draft, dice.choice(list(Leads)), actor=author, now=now)
    draft.refresh_from_db()
    return draft


def _turn(draft: MappingRevision, row: MappingRule, dice: random.Random, author: User, now: datetime) -> None:
    said = {name: getattr(row, name) for name in ("clinic_id", *Signals._fields)}
    draft.refresh_from_db()
    row.revision = draft
    remove_rule(row, actor=author, now=now)
    if dice.random() < 0.6:
        _add(draft, {**said, "initiator": Initiator.UNKNOWN}, dice, author, now)


def _add(draft: MappingRevision, said: dict[str, Any], dice: random.Random, author: User, now: datetime) -> None:
    draft.refresh_from_db()
    add_rule(draft, Rule(0, status=dice.choice(MEANINGS), **said), actor=author, now=now)


def _held(source: Source) -> list[str]:
    """Filler statuses that hold events, the commonest first."""
    rows = MappedEvent.objects.filter(feed__source=source).exclude(mapping="mapped").exclude(filler_status="")
    return list(rows.values_list("filler_status", flat=True).annotate(n=Count("pk")).order_by("-n", "filler_status"))


def publish_draft(draft: MappingRevision, effective_from: datetime, now: datetime) -> int:
    """Submit, approve and publish it; returns how many visits are to be folded anew."""
    author, approver = people(draft.source)
    submit(draft, actor=author, now=now)
    approve(draft, actor=approver, now=now)
    publish(draft, effective_from=effective_from, actor=approver, now=now)
    return RefoldRequest.objects.count()


def replay_all(now: datetime, *, batch: int = 100_000) -> None:
    """Digest batches of so many visits until nothing waits."""
    while not digest_batch(now=now, limit=batch).is_idle:
        pass
