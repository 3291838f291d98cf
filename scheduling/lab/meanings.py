"""The stage of meaning: the raw signals, the rule that decided, and why every other rule did not."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from scheduling.lab.running import LabRun, LabVisit
from scheduling.lab.stages import LabStage
from scheduling.mapping.explain import explain
from scheduling.mapping.loading import load_rules
from scheduling.mapping.rules import MappingContext, Resolution, Rule, Tried
from scheduling.models import MappingRevision, MappingRule, SignalTally
from scheduling.models.signals import SIGNALS
from scheduling.selectors.mapping_pages import meaning, said_beside
from scheduling.selectors.signal_words import stated
from scheduling.vocabulary import EventKind, MappingOutcome, SetBy, Status

MOST_CLOSE = 6
MOST_FOLDED = 100
CLOSE = 0.6  # a rule is close that is right in at least half of what it states
NOTE_PLACE = 6
_HELD = {
    MappingOutcome.UNMAPPED: "No rule fits, so it would be held.",
    MappingOutcome.AMBIGUOUS: "Two rules fit equally well and disagree, so it would be held.",
    MappingOutcome.CONFLICT: "Its status contradicts its event, so it would be held.",
}


@dataclass(frozen=True, slots=True)
class TriedRow:
    """One rule that was considered."""

    tried: Tried
    rule: MappingRule
    signals: list[str | None]
    means: str
    extras: list[str]
    url: str


@dataclass(frozen=True, slots=True)
class Meant:
    """What one appointment's signals mean and how that was decided; ``close`` begins with the rule that won."""

    number: str
    signals: list[tuple[str, str]]
    has_note: bool
    tone: str
    close: list[TriedRow]
    rest: list[TriedRow]
    more: int
    workbench_url: str


def meaning_stage(run: LabRun) -> LabStage:
    """The meaning of the message's first appointment in the sentence; of every one in the table."""
    first = run.visits[0]
    held = first.resolution.outcome is not MappingOutcome.MAPPED
    revisions = _revisions(run)
    data = {"meant": [_meant(run, visit, revisions) for visit in run.visits]}
    return LabStage(
        "Meaning",
        "held" if held else "fresh",
        _HELD[first.resolution.outcome] if held else f"{words_of(first.resolution)}.",
        _note(run, first, revisions),
        "scheduling/_lab_meaning.html",
        data,
    )


def words_of(found: Resolution) -> str:
    """A meaning in words: "Cancelled by the patient, set by a timer"."""
    if found.outcome is not MappingOutcome.MAPPED:
        return str(MappingOutcome(found.outcome).label)
    kind = str(EventKind(found.kind).label) if found.kind else "Told something"
    status = str(Status(found.status).label) if found.status else "status kept"
    what = kind if status == kind else f"{kind}, {status[:1].lower()}{status[1:]}"
    by = f", by {found.initiator.label.lower()}" if found.initiator and found.status == Status.CANCELLED else ""
    timer = ", set by a timer" if found.set_by is SetBy.TIMER else ""
    return f"{what}{by}{timer}"


def _revisions(run: LabRun) -> dict[int, MappingRevision]:
    ids = {visit.revision_id for visit in run.visits if visit.revision_id is not None}
    return MappingRevision.objects.select_related("source").in_bulk(ids)


def _note(run: LabRun, visit: LabVisit, revisions: dict[int, MappingRevision]) -> str:
    revision = revisions.get(visit.revision_id) if visit.revision_id is not None else None
    if revision is None:
        return "No revision was in force at its source time."
    name = f"{revision.get_state_display().lower()} {revision.number}" if run.asked.revision else f"{revision.number}"
    rule = visit.resolution.rule_id
    said = f"Rule {rule} of revision {name}." if rule else f"By revision {name}."
    return f"{said} {_beside(run, visit)}".strip()


def _beside(run: LabRun, visit: LabVisit) -> str:
    """What is in force instead, where another revision is tried."""
    if run.asked.revision is None:
        return ""
    rules, revision_id = load_rules([run.context.source_id])[run.context.source_id].at(visit.mapped.event.source_at)
    context = MappingContext(run.context.source_id, visit.mapped.event.clinic_id)
    now = explain(visit.mapped.fact.signals, context, rules)
    if revision_id is None:
        return "Nothing is in force for its source time."
    same = now._replace(tried=(), rule_id=None) == visit.resolution._replace(tried=(), rule_id=None)
    return "In force now: the same." if same else f"In force now: {words_of(now).lower()}."


def _meant(run: LabRun, visit: LabVisit, revisions: dict[int, MappingRevision]) -> Meant:
    ranked = _ranked(visit)
    close = [tried for tried, away in ranked if tried.won or away < CLOSE][:MOST_CLOSE]
    rest = [tried for tried, _ in ranked if tried not in close]
    shown = [*close, *rest[:MOST_FOLDED]]
    rows = MappingRule.objects.select_related("clinic").in_bulk({tried.rule_id for tried in shown})
    revision = revisions.get(visit.revision_id) if visit.revision_id is not None else None
    lines = [_row(tried, rows[tried.rule_id], revision) for tried in shown if tried.rule_id in rows]
    fact = visit.mapped.fact
    return Meant(
        fact.external_id,
        _signals(visit),
        bool(fact.signals.note),
        "fresh" if visit.resolution.outcome is MappingOutcome.MAPPED else "held",
        lines[: len(close)],
        lines[len(close) :],
        max(len(rest) - MOST_FOLDED, 0),
        _workbench_url(run, visit),
    )


def _workbench_url(run: LabRun, visit: LabVisit) -> str:
    """The combination in the workbench, at its clinic; the source alone where it was never seen. Ids, no codes."""
    fact, clinic_id = visit.mapped.fact, visit.mapped.event.clinic_id
    signals = dict(zip(SIGNALS, fact.signals, strict=False))
    seen = SignalTally.objects.visible_to(run.asked.user).filter(
        source=run.context.source_id, clinic_code=fact.clinic_code or "", has_note=bool(fact.signals.note), **signals
    )
    tally = seen.values_list("pk", flat=True).first()
    query = {"source": run.asked.feed.source.key, "clinic": clinic_id if tally else None, "signal": tally}
    return f"{reverse('scheduling:mappings')}?{urlencode({name: one for name, one in query.items() if one})}"


def _signals(visit: LabVisit) -> list[tuple[str, str]]:
    """The raw signals that were said; the note is never shown, it may name somebody."""
    said = visit.mapped.fact.signals
    return stated(said[:2] if visit.is_restricted else said[:NOTE_PLACE])


def _ranked(visit: LabVisit) -> list[tuple[Tried, float]]:
    """Rules with how much of what they state differs: the winner first, then the closest and most specific."""
    by_id = {rule.id: rule for rule in visit.rules.rules}
    signals = visit.mapped.fact.signals
    ranked = [(tried, by_id[tried.rule_id]) for tried in visit.resolution.tried]

    def key(entry: tuple[Tried, Rule]) -> tuple[Any, ...]:
        tried, rule = entry
        return not tried.won, _away(rule, signals), -sum(part is not None for part in rule.parts), tried.rule_id

    return [(tried, _away(rule, signals)) for tried, rule in sorted(ranked, key=key)]


def _away(rule: Rule, signals: tuple[str, ...]) -> float:
    """How much of what the rule states the message does not say: 0 for nothing, 1 for all of it."""
    stated = [
        part == said
        for part, said in zip(rule.parts[:NOTE_PLACE], signals[:NOTE_PLACE], strict=True)
        if part is not None
    ]
    return stated.count(False) / len(stated) if stated else 0.0


def _row(tried: Tried, rule: MappingRule, revision: MappingRevision | None) -> TriedRow:
    signals = [getattr(rule, name) for name in (*_names(), "note")]
    url = ""
    if revision is not None:
        address = reverse("scheduling:mapping_revision", args=[revision.source.key, revision.number])
        url = f"{address}#rule-{rule.pk}"
    return TriedRow(tried, rule, signals, meaning(rule), said_beside(rule), url)


def _names() -> tuple[str, ...]:
    return ("trigger", "filler_status", "event_reason", "appointment_reason", "appointment_type", "resource_status")
