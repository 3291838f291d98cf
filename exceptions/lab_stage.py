"""What judgement adds to the lab: the findings that a message would bring, take away or leave, and what each stops."""

from dataclasses import dataclass

from django.http import HttpRequest

from exceptions.catalogue import check_of
from exceptions.checks.kinds import Check
from exceptions.gathering import gather
from exceptions.judging import Finding, fingerprint, judge
from exceptions.models import IntegrationException
from exceptions.vocabulary import Severity, State
from exceptions.words import TONES, blocks_words, decision_words
from scheduling.digestion.arriving import arrived_events
from scheduling.digestion.reading import arrival_facts
from scheduling.folding.change import AppointmentChange, BatchChanges
from scheduling.lab.running import LabRun, LabVisit
from scheduling.lab.stages import AddedStage, LabStage, register_lab_stage

NEW, STAYS, GOES = "would appear", "stays", "would go"
_ORDER = {NEW: 0, STAYS: 1, GOES: 2}


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding before or after; ``exception`` is the open group in the person's sight that it belongs to."""

    check: Check
    raw: str
    change: str
    exception: IntegrationException | None

    @property
    def tone(self) -> str:
        """How bad it is; what goes away is no trouble any more."""
        return "idle" if self.change == GOES else TONES[Severity(self.check.severity)]

    @property
    def severity(self) -> str:
        """How bad it is, as a word."""
        return str(Severity(self.check.severity).label)

    @property
    def blocks(self) -> str:
        """What cannot be decided while it lives."""
        return decision_words(self.check.blocks) or f"{blocks_words(())}."


def findings_stage(request: HttpRequest, run: LabRun) -> LabStage:
    """Judge the pictures before and after, and the message itself, as a batch does."""
    found = _standing(run) | _moving(run)
    known = {
        bytes(one.fingerprint): one
        for one in IntegrationException.objects.visible_to(request.user).filter(fingerprint__in=list(found))
        if one.state != State.RESOLVED
    }
    lines = [FindingLine(check, raw, change, known.get(key)) for key, (check, raw, change) in found.items()]
    lines.sort(key=lambda line: (_ORDER[line.change], line.check.severity, line.check.id))
    live = [line for line in lines if line.change != GOES]
    return LabStage(
        "Checks",
        live[0].tone if live else "fresh",
        _sentence(lines),
        "",
        "exceptions/_lab_findings.html" if lines else "",
        {"lines": lines},
    )


_Found = dict[bytes, tuple[Check, str, str]]


def _standing(run: LabRun) -> _Found:
    """What is wrong before and after alike."""
    source_id = run.context.source_id
    stay = {
        finding for visit in run.visits for finding in judge(source_id, visit.before) & judge(source_id, visit.after)
    }
    return {_key(finding): (check_of(finding.check), finding.raw, STAYS) for finding in stay}


def _moving(run: LabRun) -> _Found:
    """What the batch would write: findings that appear or vanish, and those about the message itself."""
    assert run.message is not None  # noqa: S101 - there are visits
    is_repeat = bool(run.repeats)
    changes = BatchChanges(
        run.asked.now,
        appointments=[_change(run, visit) for visit in run.visits],
        arrivals=[] if is_repeat else arrival_facts([run.message]),
    )
    found: _Found = {}
    for key, group in gather(changes).items():
        found[key] = (group.check, group.raw, NEW if group.has_news else GOES)
    return found


def _change(run: LabRun, visit: LabVisit) -> AppointmentChange:
    return AppointmentChange(
        visit.work.id,
        run.context.source_id,
        run.context.feed_id,
        visit.before,
        visit.after,
        (run.message_id,),
        visit.work.late,
        () if run.repeats else arrived_events(visit.work),
    )


def _key(finding: Finding) -> bytes:
    return fingerprint(finding.check, finding.source_id, finding.clinic_id, finding.raw)


def _sentence(lines: list[FindingLine]) -> str:
    if not lines:
        return "Nothing is wrong, before or after."
    counts = [(sum(line.change == change for line in lines), change) for change in _ORDER]
    words = ", ".join(f"{number} {change}" for number, change in counts if number)
    return f"{words[:1].upper()}{words[1:]}."


def register_stage() -> None:
    """Add the stage; called once when Django is ready."""
    about = "What would be found wrong before and after, how bad it is and what it stops."
    register_lab_stage("exceptions", AddedStage("Checks", about, findings_stage, 10))
