"""A small desk for tests: one source with two clinics and one HL7 feed whose mapping two people published.

    def test_something(desk):
        desk.take(siu("S12", visit="V1", at=NOON, starts_at=NOON + DAY))     # stored and digested, both at desk.now
        assert desk.visit("V1").status == "booked"
        assert desk.ledger() == {"received": 1, "applied": 1}

``desk.receive`` only stores (and returns message ids), ``desk.digest`` only digests, ``desk.picture`` is everything
that must not depend on the order of arrival, ``desk.publish`` puts further rules in force, ``desk.feed_of`` adds a
feed of another format. Messages are built by ``tests.support.messages``; a whole simulated group with three feeds is
set up by ``tests.support.inbox``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from accounts.models import Clinic, ClinicCode, ClinicHours, Source, User
from config.digesting import isolate
from config.pipeline import Digested, digest_batch, digest_these
from exceptions.models import IntegrationException
from recovery.models import QueueItem
from scheduling.mapping.rules import Rule
from scheduling.models import Appointment, Feed, FeedSettings, MappingRevision, MappingRule, Waiting
from scheduling.services.intake import receive
from scheduling.services.ledger import read_ledger, totals
from scheduling.services.mapping import add_rule, approve, publish, start_draft, submit
from scheduling.services.mapping.edits import rule_fields
from scheduling.vocabulary import EventKind, FeedFormat, Initiator, Status, Transport
from tests.support.picture import picture

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)  # Tuesday 09:41 in Chicago
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def _trigger(name: str, kind: EventKind, status: Status | None = None, **more: Any) -> Rule:
    """What a trigger means by itself, where the message states no status."""
    return Rule(0, trigger=name, filler_status="", resource_status="", kind=kind, status=status, **more)


RULES = (
    _trigger("S12", EventKind.CREATED, Status.BOOKED),
    _trigger("S13", EventKind.RESCHEDULED),
    _trigger("S14", EventKind.CHANGED),
    _trigger("S15", EventKind.CANCELLED, Status.CANCELLED, initiator=Initiator.UNKNOWN),
    _trigger("S17", EventKind.DELETED, Status.ENTERED_IN_ERROR),
    _trigger("S26", EventKind.MISSED, Status.MISSED),
    Rule(0, filler_status="Booked", status=Status.BOOKED),
    Rule(0, filler_status="Confirmed", status=Status.CONFIRMED),
    Rule(0, filler_status="Arrived", status=Status.CHECKED_IN),
    Rule(0, filler_status="Complete", status=Status.COMPLETED),
    Rule(0, filler_status="Cancelled", status=Status.CANCELLED, initiator=Initiator.PATIENT),
    Rule(0, filler_status="Bumped", status=Status.BUMPED),
    Rule(0, filler_status="Noshow", status=Status.MISSED, counts_as_missed=True),
)


@dataclass
class Desk:
    """What tests of the pipeline do with a desk; times are UTC, ``now`` is the desk's clock."""

    source: Source
    clinics: dict[str, Clinic]
    feed: Feed
    people: Sequence[User]
    now: datetime = NOW
    published: list[MappingRevision] = field(default_factory=list)

    def receive(self, *bodies: bytes, feed: Feed | None = None, now: datetime | None = None) -> list[int]:
        """Store each body as one arrival; returns the message ids."""
        ids: list[int] = []
        for body in bodies:
            to = feed or self.feed
            ids += receive(to, body, transport=Transport(to.transport), now=now or self.now).message_ids
        return ids

    def digest(self, ids: Sequence[int] | None = None, now: datetime | None = None) -> Digested:
        """Digest these messages in one batch, or one batch of whatever waits."""
        if ids is None:
            return digest_batch(now=now or self.now)
        return digest_these(ids, now=now or self.now)

    def settle(self, ids: Sequence[int]) -> None:
        """Digest these, culprits isolated as a worker does."""
        isolate(ids)

    def take(self, *bodies: bytes, feed: Feed | None = None, now: datetime | None = None) -> list[int]:
        """Store and digest in one batch, both at ``now``."""
        ids = self.receive(*bodies, feed=feed, now=now)
        self.digest(ids, now=now)
        return ids

    def visit(self, external_id: str) -> Appointment:
        """The appointment of this id."""
        return Appointment.objects.get(source=self.source, external_id=external_id)

    def troubles(self, external_id: str) -> list[tuple[str, str]]:
        """(kind, raw) of what is held about an appointment."""
        return [(kind, raw) for kind, raw, _ in self.visit(external_id).troubles or []]

    def live(self) -> list[tuple[str, str, int]]:
        """(check, raw, live count) of every exception with live findings."""
        found = IntegrationException.objects.filter(live_count__gt=0)
        return sorted(found.values_list("check_id", "raw", "live_count"))

    def open_items(self) -> list[tuple[str, str]]:
        """(family, appointment id) of every open item."""
        return sorted(QueueItem.objects.open().values_list("family", "appointment__external_id"))

    def waiting(self) -> int:
        """How many messages wait."""
        return Waiting.objects.count()

    def ledger(self, feed: Feed | None = None) -> dict[str, int]:
        """The feed's ledger over all days without its zeros; fails where it does not add up."""
        key = (feed or self.feed).key
        lines = read_ledger(key)
        assert [line for line in lines if not line.adds_up] == []
        return {name: count for name, count in totals(lines)[key].items() if count}

    def picture(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that must not depend on the order of arrival."""
        return picture()

    def publish(self, *rules: Rule, effective_from: datetime = LONG_AGO) -> MappingRevision:
        """Put the newest revision plus ``rules`` in force, drafted by one person and approved by another."""
        author, approver = self.people
        base = self.published[-1] if self.published else None
        draft = start_draft(self.source, title="Test", actor=author, now=self.now, based_on=base)
        if base is None:  # every test has such a revision, so its rules are written at once
            confirmed = {"revision": draft, "confirmed_by": author, "confirmed_at": self.now}
            MappingRule.objects.bulk_create(MappingRule(**rule_fields(rule), **confirmed) for rule in rules)
        else:
            for rule in rules:
                add_rule(draft, rule, actor=author, now=self.now)
        draft.refresh_from_db()
        submit(draft, actor=author, now=self.now)
        approve(draft, actor=approver, now=self.now)
        publish(draft, effective_from=effective_from, actor=approver, now=self.now)
        self.published.append(draft)
        return draft

    def feed_of(self, format: FeedFormat, transport: Transport, profile: dict[str, Any]) -> Feed:  # noqa: A002
        """Another feed of the same source."""
        feed = Feed.objects.create(
            source=self.source, key=f"desk-{format.value}", name=f"Desk {format.label}", format=format,
            transport=transport,
        )  # fmt: skip
        FeedSettings.objects.create(feed=feed, profile=profile, valid_from=self.now, recorded_at=self.now)
        return feed


def make_desk() -> Desk:
    """Create the desk in the current database."""
    source = Source.objects.create(key="desk", name="Desk EHR", timezone="America/Chicago", created_at=LONG_AGO)
    clinics = {}
    for code in ("CARD", "DERM"):
        clinic = Clinic.objects.create(source=source, key=code.lower(), name=code.title(), timezone="America/Chicago")
        ClinicCode.objects.create(source=source, clinic=clinic, code=code)
        ClinicHours.objects.bulk_create(
            ClinicHours(clinic=clinic, weekday=day, opens=time(8), closes=time(17)) for day in range(5)
        )
        clinics[code] = clinic
    feed = Feed.objects.create(
        source=source, key="desk-hl7", name="Desk HL7", format=FeedFormat.HL7V2, transport=Transport.MLLP
    )
    FeedSettings.objects.create(feed=feed, profile={}, valid_from=LONG_AGO, recorded_at=LONG_AGO)
    people = [User.objects.create_user(f"{name}@desk.example") for name in ("ada", "ben")]
    desk = Desk(source, clinics, feed, people)
    desk.publish(*RULES)
    return desk


@pytest.fixture
def desk(db: None) -> Desk:
    """A desk in the test's own database transaction; ask for ``transactional_db`` too where threads take part."""
    return make_desk()
