"""The pane of one combination of raw signals: what it means and why, where it is seen, what it holds."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.models import Source
from scheduling.mapping.explain import explain
from scheduling.mapping.rules import Resolution, RuleSet, Tried
from scheduling.models import MappedEvent
from scheduling.models.signals import SIGNALS
from scheduling.selectors.seen_signals import Seeing, Seen, context_of
from scheduling.selectors.signal_words import OUTCOMES, MeaningWords, meaning_words, rule_words, stated
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
    """One combination. ``deciders`` are the ids of the rules that gave its meaning, or that cannot agree."""

    seen: Seen
    source: Source
    title: str
    word: str
    means: MeaningWords
    drafted: MeaningWords | None
    signals: list[tuple[str, str]]
    places: list[str]
    tried: list[TriedRule]
    examples: list[MappedEvent]
    visits_url: str

    @property
    def is_held(self) -> bool:
        """Whether it has no clear meaning."""
        return self.seen.outcome is not MappingOutcome.MAPPED


def signal_pane(seen: Seen, seeing: Seeing, source: Source, *, user: Any) -> SignalPane:
    """Fill the pane; two queries."""
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
        OUTCOMES[seen.outcome][0],
        meaning_words(seen.meaning),
        meaning_words(seen.drafted) if seen.drafted is not None and seen.is_new_in_draft else None,
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
    return [TriedRule(tried, rule_words(by_id[tried.rule_id].parts), _means(by_id[tried.rule_id])) for tried in found]


def _means(rule: Any) -> str:
    return str(rule.status.label) if rule.status else str(rule.kind.label) if rule.kind else "Keeps the status"


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
