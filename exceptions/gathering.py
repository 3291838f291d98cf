"""Turn what a batch changed into groups of equal findings, ready to be written set by set. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from exceptions.arriving import judge_arrivals, judge_messages
from exceptions.catalogue import CATALOGUE, check_of
from exceptions.checks.kinds import Check
from exceptions.checks.message import read_problem
from exceptions.judging import MAX_RAW, Finding, fingerprint, judge
from exceptions.vocabulary import SubjectKind
from scheduling.folding.change import AppointmentChange, ArrivalFact, BatchChanges

MAX_SAMPLES = 20


class Member(NamedTuple):
    """The key of a live finding inside its exception."""

    kind: int
    subject_id: int
    decision: str


@dataclass(slots=True)
class Tally:
    """What happened how often: source times, ids of messages as samples, counts by UTC hour."""

    count: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    samples: list[int] = field(default_factory=list)
    hours: Counter[datetime] = field(default_factory=Counter)

    def add(self, at: datetime, message_id: int | None, now: datetime) -> None:
        """Count one. An hour ahead of now is counted as now, so that a wrong clock cannot hide from the trend.

        What no single message brought about has no sample.
        """
        self.count += 1
        self.oldest = at if self.oldest is None else min(self.oldest, at)
        self.newest = at if self.newest is None else max(self.newest, at)
        if message_id is not None:
            self.samples.append(message_id)
        self.hours[min(at, now).replace(minute=0, second=0, microsecond=0)] += 1


@dataclass(slots=True)
class Group:
    """Everything one batch brings or takes from one exception."""

    fingerprint: bytes
    check: Check
    source_id: int
    feed_id: int | None
    clinic_id: int | None
    raw: str
    appeared: dict[Member, tuple[datetime, int | None]] = field(default_factory=dict)  # source time, message id
    vanished: set[Member] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)  # of arrivals; the members really added are counted when they are

    @property
    def times(self) -> list[datetime]:
        """Source times between which everything lies that was found."""
        arrived = [at for at in (self.tally.oldest, self.tally.newest) if at is not None]
        return [*arrived, *(at for at, _ in self.appeared.values())]

    @property
    def has_news(self) -> bool:
        """Whether anything was found, so that an exception must exist."""
        return bool(self.appeared) or self.tally.count > 0


def gather(changes: BatchChanges) -> dict[bytes, Group]:
    """Group the differences of all judged states and all arrivals of a batch, in order of their fingerprints."""
    groups: dict[bytes, Group] = {}
    for change in changes.appointments:
        _gather_states(groups, change, changes.now)
    for arrivals in (changes.arrivals, judge_arrivals(changes.appointments), judge_messages(changes.distant)):
        for arrival in arrivals:
            _gather_arrival(groups, arrival, changes.now)
    return dict(sorted(groups.items()))


def _gather_states(groups: dict[bytes, Group], change: AppointmentChange, now: datetime) -> None:
    before, after = judge(change.source_id, change.before), judge(change.source_id, change.after)
    if before == after:
        return
    message_id = change.message_ids[-1] if change.message_ids else None
    for finding in after - before:
        member = Member(SubjectKind.APPOINTMENT, change.appointment_id, finding.decision)
        _group(groups, finding, change.feed_id).appeared[member] = (finding.at or now, message_id)
    for finding in before - after:
        member = Member(SubjectKind.APPOINTMENT, change.appointment_id, finding.decision)
        _group(groups, finding, change.feed_id).vanished.add(member)


def _group(groups: dict[bytes, Group], finding: Finding, feed_id: int) -> Group:
    key = fingerprint(finding.check, finding.source_id, finding.clinic_id, finding.raw)
    if key not in groups:
        check = check_of(finding.check)
        groups[key] = Group(key, check, finding.source_id, feed_id, finding.clinic_id, finding.raw)
    return groups[key]


def group_of(
    groups: dict[bytes, Group], check_id: str, source_id: int, feed_id: int | None, clinic_id: int | None, raw: str
) -> Group:
    """The group of findings that belong to their feed, or to the whole source without one; made where there is none."""
    raw = raw[:MAX_RAW]
    key = fingerprint(check_id, source_id, clinic_id, raw, feed_id)
    if key not in groups:
        groups[key] = Group(key, check_of(check_id), source_id, feed_id, clinic_id, raw)
    return groups[key]


def _gather_arrival(groups: dict[bytes, Group], arrival: ArrivalFact, now: datetime) -> None:
    """Count something about a message; a reader's problem is counted under the check that it reads as."""
    check_id, raw = arrival.kind, arrival.raw
    if check_id not in CATALOGUE:
        check_id, raw = read_problem(check_id, raw)
    group = group_of(groups, check_id, arrival.source_id, arrival.feed_id, arrival.clinic_id, raw)
    group.tally.add(arrival.at, arrival.message_id, now)
