"""Two runs side by side: a message before and after a change, or by two mappings. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from scheduling.lab.stages import LabStage

SAID = ("Facts",)  # stages of which single rows are compared; elsewhere the sentence tells


@dataclass(frozen=True, slots=True)
class Was:
    """What a stage said before, "" for the same sentence; ``rows`` are (label, before, now) where they differ."""

    sentence: str
    rows: tuple[tuple[str, str, str], ...] = ()


def differences(before: Iterable[LabStage], now: Iterable[LabStage]) -> dict[str, Was]:
    """By title the stages that came out otherwise; a stage has the same title in every run."""
    earlier = {stage.title: stage for stage in before}
    found = {stage.title: _was(earlier[stage.title], stage) for stage in now if stage.title in earlier}
    return {title: was for title, was in found.items() if was.sentence or was.rows}


def _was(before: LabStage, now: LabStage) -> Was:
    told, tells = (f"{stage.sentence} {stage.note}".strip() for stage in (before, now))
    return Was(told if told != tells else "", tuple(_rows(before, now)) if now.title in SAID else ())


def _rows(before: LabStage, now: LabStage) -> Iterable[tuple[str, str, str]]:
    said, says = _by_label(before), _by_label(now)
    for label in dict.fromkeys([*said, *says]):
        if said.get(label) != says.get(label):
            yield label, said.get(label, "not said"), says.get(label, "not said")


def _by_label(stage: LabStage) -> dict[str, str]:
    """Values by label; of several appointments the second and further ones count up."""
    found: dict[str, str] = {}
    for label, value, _ in stage.data.get("rows", ()):
        number = sum(each == label or each.startswith(f"{label}, ") for each in found)
        found[f"{label}, {number + 1}" if number else label] = str(value)
    return found
