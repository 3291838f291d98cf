"""May this act happen for this visit now, and if not, why not: the one function that list, detail and guard share.

Pure: facts and a moment in, a verdict with sentences out. ``recovery.querysets`` holds its twin in SQL, which the
tests keep equal to it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from config.web.times import clock, span
from recovery.decisions import decision_for
from recovery.reasons import WORDINGS, StaticReason
from recovery.trust import ClinicTrust
from recovery.vocabulary import Family, Level
from scheduling.vocabulary import Decision, LaunchMode

HOUR, DAY, THREE_DAYS, WEEK = timedelta(hours=1), timedelta(hours=24), timedelta(hours=72), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class VerdictFacts:
    """What a verdict is made of; ``trust`` None means the clinic is not known."""

    family: Family
    starts_at: datetime
    ready_from: datetime
    useful_until: datetime
    static: tuple[StaticReason, ...]
    trust: ClinicTrust | None
    appointment_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason as a sentence a person can act on: who can lift it, and where to look."""

    code: str
    level: Level
    sentence: str
    owner: str = ""
    link_kind: str = ""
    link_id: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Ready, warn or held, with the reasons for it, heaviest first; never without one."""

    level: Level
    decision: Decision
    reasons: tuple[Reason, ...]

    @property
    def main(self) -> Reason:
        """The heaviest reason."""
        return self.reasons[0]

    @property
    def stops(self) -> tuple[Reason, ...]:
        """The reasons that warn or hold."""
        return tuple(reason for reason in self.reasons if reason.level)


_Rule = Callable[[VerdictFacts, Decision, datetime], Iterable[Reason]]


def verdict(facts: VerdictFacts, now: datetime) -> Verdict:
    """Judge what an item asks for at ``now``."""
    return judge(facts, decision_for(facts.family, facts.starts_at, now), now)


def judge(facts: VerdictFacts, decision: Decision, now: datetime) -> Verdict:
    """Judge one decision at ``now``; the facts' family is not asked."""
    found = [reason for rule in RULES for reason in rule(facts, decision, now)]
    found.sort(key=lambda reason: -reason.level)
    return Verdict(found[0].level, decision, tuple(found))


def with_blocks(judged: Verdict, blocks: Iterable[Reason]) -> Verdict:
    """The verdict with the open exceptions in its way; one that is a reason already lends it its owner and link.

    ``blocks`` are reasons coded by the check of their exception.
    """
    ways = {block.code: block for block in blocks}
    if not ways:
        return judged
    told = [_linked(reason, ways.pop(reason.code, None)) for reason in judged.reasons]
    found = sorted([*told, *ways.values()], key=lambda reason: -reason.level)
    return Verdict(found[0].level, judged.decision, tuple(found))


def _linked(reason: Reason, block: Reason | None) -> Reason:
    if block is None:
        return reason
    return replace(reason, level=block.level, owner=block.owner, link_kind=block.link_kind, link_id=block.link_id)


def _stored(facts: VerdictFacts, decision: Decision, now: datetime) -> Iterator[Reason]:
    """What facts decided: troubles of the visit, reaching the person."""
    for static in facts.static:
        wording = WORDINGS[static.code]
        sentence = wording.sentence.format(raw=static.raw or "(none)")
        yield Reason(static.code, Level(static.level), sentence, wording.owner, "appointment", facts.appointment_id)


def _time_left(facts: VerdictFacts, decision: Decision, now: datetime) -> Iterator[Reason]:
    """Too late for the least notice, or for a rebooking to be worth it."""
    if facts.useful_until <= now:
        yield Reason(
            "too_late", Level.HELD, f"The chance ended {span((now - facts.useful_until).total_seconds())} ago."
        )


def _close_of_business(facts: VerdictFacts, decision: Decision, now: datetime) -> Iterator[Reason]:
    """Nobody is called about a missed visit before the clinic's day is over; they may still turn up."""
    if facts.ready_from > now and facts.trust is not None:
        at = clock(facts.ready_from, facts.trust.zone, now)
        yield Reason("before_close", Level.HELD, f"Wait for close of business, {at}.", "The clinic")


def _launch(facts: VerdictFacts, decision: Decision, now: datetime) -> Iterator[Reason]:
    """How far the decision is switched on at the clinic (DESIGN section 9)."""
    mode = LaunchMode.OBSERVING if facts.trust is None else facts.trust.mode_of(decision)
    if mode == LaunchMode.OBSERVING:
        yield Reason("observing", Level.HELD, "This clinic only observes; nothing is worked yet.", "Launch lead")
    elif mode == LaunchMode.SHADOW:
        yield Reason("shadow", Level.HELD, "This clinic is in shadow; contact nobody yet.", "Launch lead")


def _freshness(facts: VerdictFacts, decision: Decision, now: datetime) -> Iterator[Reason]:
    """How old the data is, against what this act needs (I6)."""
    trust = facts.trust
    age = None if trust is None else trust.age(now)
    if trust is None or trust.feed is None or age is None:
        yield Reason("no_proof", Level.HELD, "No feed of this clinic has proven itself yet.", "Integration owner")
        return
    level = trust.freshness(decision, now)
    needs = needed(trust.limits_of(decision).held_after)
    yield Reason(
        "freshness",
        level,
        f"Data is {_aged(age)} old; this action needs {needs}.",
        trust.feed.owner or "nobody yet",
        "feed",
        trust.feed.feed_id,
    )


def _aged(age: timedelta) -> str:
    """An age beside a limit: in hours where the limit is said in hours, so that 31 h is seen to be more than 30."""
    return span(age.total_seconds()) if age < DAY or age >= WEEK else needed(age // HOUR * HOUR)


def needed(limit: timedelta) -> str:
    """A limit as people say it, nothing rounded away: "15 min", "4 h", "30 h", "7 days"."""
    if limit >= THREE_DAYS and not limit % DAY:
        return f"{limit // DAY} days"
    minutes = int(limit.total_seconds()) // 60
    return f"{minutes} min" if minutes < 60 or minutes % 60 else f"{minutes // 60} h"


RULES: tuple[_Rule, ...] = (_stored, _time_left, _launch, _close_of_business, _freshness)
