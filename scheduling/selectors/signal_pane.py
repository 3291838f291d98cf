"""The pane of one combination of raw signals: what it means and why, where it is seen, what it holds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.models import Source
from scheduling.mapping.explain import explain
from scheduling.mapping.rules import Resolution, RuleSet, Tried
from scheduling.mapping.wording import rule_words
from scheduling.models import MappedEvent, MappingPublication
from scheduling.models.signals import SIGNALS
from scheduling.selectors.drafts import in_force
from scheduling.selectors.seen_signals import Seeing, Seen, context_of
from scheduling.selectors.signal_words import MeaningWords, meaning_words, rival_words, rule_meaning, state_word, stated
from scheduling.vocabulary import MappingOutcome

MOST_TRIED = 6
EXAMPLES = 4
# Examples are looked for this long before the newest: what was received is indexed by time, signals are not.
BEFORE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class TriedRule:
    """A rule that was looked at, in words."""

    tried: Tried
    words: str
    means: str


@dataclass(frozen=True, slots=True)
class SignalPane:
    """One combination; ``in_force`` is what its source published last that holds now."""

    seen: Seen
    source: Source
    title: str
    word: str
    means: MeaningWords
    drafted: MeaningWords | None
    in_force: MappingPublication | None
    signals: list[tuple[str, str]]
    places: list[str]
    tried: list[TriedRule]
    examples: list[MappedEvent]
    visits_url: str

    @property
    def is_held(self) -> bool:
        """Whether it has no clear meaning."""
        return self.seen.meaning.outcome is not MappingOutcome.MAPPED

    @property
    def unread(self) -> int:
        """Held events that the rules in force cover and that were not read again yet."""
        return self.seen.held.events - self.seen.held.older


def signal_pane(seen: Seen, seeing: Seeing, source: Source, *, user: Any, now: datetime) -> SignalPane:
    """Fill the pane; three queries."""
    rules = seeing.drafts.get(source.pk, seeing.rules[source.pk])
    tally = seen.tallies[0]
    examples = example_events(seen, user)
    signals = seen.signals._replace(note=examples[0].note) if examples and seen.has_note else seen.signals
    explained = explain(signals, context_of(tally, seeing.clinic_ids), rules)
    telling = next((value for _, value in stated(seen.signals[1:])), "")
    return SignalPane(
        seen,
        source,
        " ".join(part for part in (seen.signals.trigger, telling) if part) or "Nothing said",
        state_word(seen.meaning, seen.held),
        rival_words(seen.meaning, {rule.id: rule for rule in seeing.rules[source.pk].rules}),
        meaning_words(seen.drafted) if seen.drafted is not None and seen.is_new_in_draft else None,
        in_force(source, now=now),
        stated(seen.signals),
        seen.codes,
        tried_rules(explained, rules, seen.signals.trigger),
        examples,
        f"{reverse('scheduling:appointments')}?like={seen.held.sample}" if seen.held.sample else "",
    )


def tried_rules(explained: Resolution, rules: RuleSet, trigger: str) -> list[TriedRule]:
    """The rules that decided or came close, those that won first."""
    by_id = {rule.id: rule for rule in rules.rules}
    close = [tried for tried in explained.tried if tried.won or by_id[tried.rule_id].trigger in {None, trigger}]
    found = sorted(close, key=lambda tried: (not tried.won, tried.why.startswith("Wants")))[:MOST_TRIED]
    rules_tried = [(tried, by_id[tried.rule_id]) for tried in found]
    return [TriedRule(tried, rule_words(rule.parts), rule_meaning(rule)) for tried, rule in rules_tried]


def example_events(seen: Seen, user: Any) -> list[MappedEvent]:
    """Newest events of a combination that the person may see; a few, looked for near the newest of all."""
    wanted = dict(zip(SIGNALS, seen.signals, strict=False))
    newest = max(seen.tallies, key=lambda tally: tally.last_at).newest_message
    like = MappedEvent.objects.filter(~Q(note="") if seen.has_note else Q(note=""), **wanted)
    at = like.filter(message=newest).values_list("received_at", flat=True).first()
    if at is None:
        return []
    near = like.visible_to(user).filter(feed__source=seen.source_id, received_at__gte=at - BEFORE, received_at__lte=at)
    return list(near.select_related("feed").order_by("-received_at", "-pk")[:EXAMPLES])
