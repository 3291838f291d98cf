"""What a message's signals mean under one source's rules. Pure: same signals, same rules, same answer."""

from collections.abc import Sequence
from functools import lru_cache

from scheduling.facts import Signals
from scheduling.mapping.conflict import KIND_OF_STATUS, contradicts, merged_kind
from scheduling.mapping.rules import LOST, MappingContext, Resolution, Rule, RuleSet
from scheduling.mapping.specificity import Parts
from scheduling.mapping.vocabulary import Leads
from scheduling.vocabulary import EventKind, Initiator, MappingOutcome, SetBy, Status

REMEMBERED = 10_000  # answers kept across all rule sets of a process

UNMAPPED = Resolution(MappingOutcome.UNMAPPED)


def resolve(signals: Signals, context: MappingContext, rules: RuleSet) -> Resolution:
    """Say what signals mean, or why nobody can say.

    The most specific matching rule wins; several that disagree are AMBIGUOUS, none is UNMAPPED, a meaning that its
    trigger denies is CONFLICT unless the source says which of the two leads. Raises ValueError for rules of another
    source: nothing is inherited between sources.
    """
    return _remembered(rules, parts_of(signals, context, rules))


def parts_of(signals: Signals, context: MappingContext, rules: RuleSet) -> Parts:
    """The signals as the rules see them; a note is dropped where no rule reads notes, so that answers repeat."""
    if context.source_id != rules.source_id:
        raise ValueError(f"These are rules of source {rules.source_id}, the message is from {context.source_id}.")
    note = signals[6] if rules.index.has_notes else ""
    return Parts(*signals[:6], note, context.clinic_id)


def decide(rules: RuleSet, parts: Parts) -> Resolution:
    """The answer, computed anew."""
    found = rules.index.best(parts)
    if found:
        return _agreed([_beside_trigger(rule, rules, parts) for rule in found])
    return _agreed([_by_itself(rule, rules, parts) for rule in rules.index.defaults(parts)])


_remembered = lru_cache(maxsize=REMEMBERED)(decide)


def _agreed(answers: Sequence[Resolution]) -> Resolution:
    """One answer for equally specific rules: theirs where they say the same, else AMBIGUOUS."""
    if not answers:
        return UNMAPPED
    first = answers[0]
    if len(answers) == 1:
        return first
    rivals = {rule_id for answer in answers for rule_id in (answer.rule_id, *answer.rivals) if rule_id is not None}
    if len({answer._replace(rule_id=None, rivals=()) for answer in answers}) > 1:
        return Resolution(MappingOutcome.AMBIGUOUS, rivals=tuple(sorted(rivals)))
    if first.outcome is MappingOutcome.MAPPED:
        return first._replace(rule_id=min(rivals))
    return first._replace(rivals=tuple(sorted(rivals)))


def _kind_of(rule: Rule) -> EventKind:
    """What a rule says happened, told by its status where it names no kind."""
    return rule.kind or (KIND_OF_STATUS[rule.status] if rule.status else EventKind.CHANGED)


def _by_itself(rule: Rule, rules: RuleSet, parts: Parts) -> Resolution:
    """A rule's meaning, asking nothing of the trigger."""
    return _meaning(rule, _kind_of(rule), rules, parts)


def _beside_trigger(rule: Rule, rules: RuleSet, parts: Parts) -> Resolution:
    """A rule's meaning, held against what the trigger means by itself."""
    triggers = rules.index.trigger_meanings(parts)
    if not triggers:
        return _by_itself(rule, rules, parts)
    about_trigger, kind = triggers[0], _kind_of(triggers[0])
    denied = contradicts(kind, rule.kind, rule.status)
    if rule.trigger is not None:  # written in knowledge of the trigger: nothing to hold against it
        own = rule.kind or (_kind_of(rule) if denied else merged_kind(kind, rule.status))
        return _meaning(rule, own, rules, parts)
    if any((_kind_of(other), other.status) != (kind, about_trigger.status) for other in triggers[1:]):
        return Resolution(MappingOutcome.AMBIGUOUS, rivals=tuple(sorted(other.id for other in triggers)))
    if denied:
        return _by_leader(rule, about_trigger, rules, parts)
    if rule.status is None:  # it leaves the status to others, and the trigger has one to give
        return _by_itself(about_trigger, rules, parts)
    return _meaning(rule, rule.kind or merged_kind(kind, rule.status), rules, parts)


def _by_leader(rule: Rule, about_trigger: Rule, rules: RuleSet, parts: Parts) -> Resolution:
    """Settle a contradiction by the source's precedence, or say that it is one."""
    leads = rules.leader(parts.clinic_id, parts.trigger)
    if leads is Leads.STATUS:
        return _by_itself(rule, rules, parts)
    if leads is Leads.TRIGGER:
        return _by_itself(about_trigger, rules, parts)
    return Resolution(MappingOutcome.CONFLICT, rivals=tuple(sorted((rule.id, about_trigger.id))))


def _meaning(rule: Rule, kind: EventKind, rules: RuleSet, parts: Parts) -> Resolution:
    """A rule's meaning, refined by the reason where the rule asks for it.

    A reason that is unknown leaves the visit cancelled and its initiator unknown: a reason is not a status.
    """
    status, code = rule.status, parts.event_reason
    asked = rule.initiator_by_reason and code != ""
    reason = rules.reasons.get(code) if asked else None
    initiator = rule.initiator
    if status is Status.CANCELLED:
        initiator = (reason.initiator if reason else rule.initiator) or Initiator.UNKNOWN
    if status is Status.BUMPED or (status is Status.CANCELLED and initiator is Initiator.CLINIC):
        kind, status, initiator = EventKind.BUMPED, Status.BUMPED, Initiator.CLINIC
    by_timer = SetBy.TIMER in (rule.set_by, reason.set_by if reason else None)
    return Resolution(
        MappingOutcome.MAPPED,
        kind,
        status,
        initiator,
        SetBy.TIMER if by_timer else SetBy.PERSON,
        status in LOST and (reason.reopens if reason else rule.reopens),
        rule.suppresses or (reason is not None and reason.suppresses),
        rule.counts_as_missed or (reason is not None and reason.counts_as_missed),
        asked and reason is None,
        rule.id,
    )
