"""One exception with everything that its pane answers, in the order in which it answers."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from accounts.models import User
from config.web import times
from config.web.asking import Question, answers
from config.web.svg import Bar, at
from exceptions.checks.kinds import Check
from exceptions.lifecycle import verbs_for
from exceptions.models import IntegrationException
from exceptions.selectors.ahead import Ahead, ahead_of, ahead_questions, ids_ahead
from exceptions.selectors.elsewhere import Elsewhere, elsewhere_of, elsewhere_questions
from exceptions.selectors.evidence import Evidence, evidence_of, evidence_question
from exceptions.selectors.fixes import Fix, fix_of, fix_questions
from exceptions.selectors.impact import Impact, impact_of, impact_questions, zone_of
from exceptions.selectors.ownership import Reason, reason_of, rule_question
from exceptions.selectors.story import (
    SHOWN_HISTORY,
    Entry,
    SpellLine,
    entries_of,
    history_question,
    ids_in,
    ids_of,
    names_of,
    spell_questions,
    spells_of,
)
from exceptions.selectors.subjects import Subjects, subject_questions, subjects_of
from exceptions.vocabulary import Severity, Verb
from exceptions.words import TONES, Words, blocks_words, count_words, decision_words, happened_words, place_sentence


@dataclass(frozen=True, slots=True)
class HourBar:
    """A column of the chart with the texts above and below it."""

    bar: Bar
    x: str
    top: str
    count: int
    label: str


@dataclass(frozen=True, slots=True)
class Pane:
    """Everything the pane prints."""

    exception: IntegrationException
    kind: Check
    zone: ZoneInfo
    happened: list[Words]
    facts: str
    impact: Impact
    bars: list[HourBar]
    subjects: list[Subjects]
    fix: Fix
    evidence: Evidence
    ahead: Ahead
    reason: Reason
    history: list[Entry]
    has_more_history: bool
    spells: list[SpellLine]
    elsewhere: Elsewhere
    verbs: list[Verb]
    is_mine: bool

    @property
    def since(self) -> datetime:
        """Since when it stands where it stands; the clock of its spell runs from the opening."""
        return self.exception.resolved_at or self.exception.taken_at or self.exception.opened_at

    @property
    def tone(self) -> str:
        """The tone of the verdict line."""
        if self.exception.is_resolved or not self.kind.blocks:
            return "idle"
        return TONES[Severity(self.exception.severity)] if self.exception.live_count else "idle"

    @property
    def word(self) -> str:
        """How much it blocks now."""
        if self.exception.is_resolved:
            return "Closed"
        return blocks_words(self.exception.blocks) if self.exception.live_count else "Blocks nothing now"

    @property
    def sentence(self) -> str:
        """What it blocks now."""
        if self.exception.is_resolved or not self.exception.live_count:
            return "No visit waits for it." if self.kind.blocks else "It tells about messages, not about visits."
        return decision_words(self.exception.blocks)

    @property
    def patients(self) -> list[int]:
        """Ids of the patients whom the pane names."""
        return [one.patient_id for group in self.subjects for one in group.shown if one.patient_id is not None]


def exception_pane(exception: IntegrationException, *, user: User, now: datetime) -> Pane:
    """Fill the pane; ``exception`` comes scoped and with its places. Two queries: everything, then the names in it."""
    found = answers(pane_questions(exception, user, now))
    zone = zone_of(exception)
    cost = impact_of(exception, found, now)
    subjects, evidence = subjects_of(exception, found, zone), evidence_of(exception, found["samples"])
    moves = found["history"]
    closers = ids_of(row["actor_id"] for row in found["closings"])
    names = names_of(ids_ahead(exception, found).plus(ids_in(moves)).plus(closers))
    return Pane(
        exception,
        exception.kind,
        zone,
        happened_words(exception.kind.happened, exception.raw),
        facts_sentence(exception, zone, now),
        cost,
        hour_bars(cost.first_day_hours),
        subjects,
        fix_of(exception, found, user=user, evidence=evidence, subjects=subjects),
        evidence,
        ahead_of(exception, found, names, zone, now),
        reason_of(exception, found["rule"]),
        entries_of(moves[:SHOWN_HISTORY], names, zone, now),
        len(moves) > SHOWN_HISTORY,
        spells_of(found, names),
        elsewhere_of(exception, found),
        verbs_for(exception.state, is_waived=exception.waived_until is not None),
        exception.owner_id == user.pk,
    )


def pane_questions(exception: IntegrationException, user: User, now: datetime) -> dict[str, Question]:
    """Everything that one statement answers."""
    return {
        **impact_questions(exception, now),
        **subject_questions(exception, user, now),
        "samples": evidence_question(exception, user),
        **fix_questions(exception),
        **ahead_questions(exception, now),
        "rule": rule_question(exception),
        "history": history_question(exception),
        **spell_questions(exception),
        **elsewhere_questions(exception, user),
    }


def facts_sentence(exception: IntegrationException, zone: ZoneInfo, now: datetime) -> str:
    """Say how often, since when and where: "41 times since 07:30 CST, last 8 min ago, in Imaging of Lakeview RIS"."""
    first = times.clock(exception.occurred_first, zone, now)
    place = place_sentence(exception.clinic, exception.feed, exception.source)
    if exception.occurrences == 1:
        return f"Once, {times.both(exception.occurred_last, zone, now)}, in {place}."
    last = times.relative(exception.occurred_last, now)
    return f"{count_words(exception.occurrences)} since {first}, last {last}, in {place}."


def hour_bars(hours: list[tuple[str, int]]) -> list[HourBar]:
    """Lay out held visits by the hour in 372 x 94 units; the axis stands at 76."""
    top = max([count for _, count in hours], default=0) or 1
    step = 350 / max(len(hours), 1)
    width = min(22.0, step * 0.6)
    bars = []
    for place, (label, count) in enumerate(hours):
        middle, height = 14 + step * (place + 0.5), 54 * count / top
        bar = Bar(at(middle - width / 2), at(76 - height), at(width), at(height), "bar bar--held")
        bars.append(HourBar(bar, at(middle), at(70 - height), count, label))
    return bars
