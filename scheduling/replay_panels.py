"""Where upper floors say on a replay's page what it did to their rows, without being known here.

An upper app calls ``register_replay_panel`` from its ``AppConfig.ready``.
"""

from collections.abc import Callable

from django.http import HttpRequest

from scheduling.models import Replay
from scheduling.panels import Panel

ReplayPanelBuilder = Callable[[HttpRequest, Replay], Panel]

_panels: dict[str, tuple[int, ReplayPanelBuilder]] = {}


def register_replay_panel(key: str, build: ReplayPanelBuilder, *, order: int = 100) -> None:
    """Add a band to the page of a replay; the same key again replaces it."""
    _panels[key] = (order, build)


def replay_panels(request: HttpRequest, replay: Replay) -> list[Panel]:
    """The bands of one replay, in their order."""
    return [build(request, replay) for _, build in sorted(_panels.values(), key=lambda entry: entry[0])]
