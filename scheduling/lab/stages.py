"""The stages of a message as the page tells them, and where upper floors add theirs.

An upper app calls ``register_lab_stage`` from its ``AppConfig.ready``, as with ``scheduling.panels``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from scheduling.lab.running import LabRun


@dataclass(frozen=True, slots=True)
class LabStage:
    """One stage: its result in a sentence first, with the tone of a flag ("" for the ordinary), then what is behind it.

    ``template`` "" is for a stage that has nothing but its sentence. The template reads ``data``; it also gets
    ``now`` and ``zone``.
    """

    title: str
    tone: str
    sentence: str
    note: str = ""
    template: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


StageBuilder = Callable[[HttpRequest, LabRun], LabStage]


@dataclass(frozen=True, slots=True)
class AddedStage:
    """A stage of an upper floor; ``about`` says what it will tell, before anything is run."""

    title: str
    about: str
    build: StageBuilder
    order: int


_stages: dict[str, AddedStage] = {}


def register_lab_stage(key: str, stage: AddedStage) -> None:
    """Add a stage; the same key again replaces it. It is built only for a message that names an appointment.

    It is built inside the lab's read-only transaction: whatever it writes is refused.
    """
    _stages[key] = stage


def stages_to_come() -> list[tuple[str, str]]:
    """Titles of the added stages with what each will tell, in their order."""
    return [(stage.title, stage.about) for stage in sorted(_stages.values(), key=_order)]


def added_stages(request: HttpRequest, run: LabRun) -> list[LabStage]:
    """What upper floors say of the message; a stage that was not reached says so."""
    entries = sorted(_stages.values(), key=_order)
    if not run.visits:
        return [not_reached(stage.title) for stage in entries]
    return [stage.build(request, run) for stage in entries]


def not_reached(title: str, why: str = "Not reached: it names no appointment.") -> LabStage:
    """A stage that the message never came to."""
    return LabStage(title, "idle", why)


def _order(stage: AddedStage) -> int:
    return stage.order
