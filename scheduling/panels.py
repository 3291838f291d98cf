"""Where upper floors add to the facts pages without being known here: panels, owners of holds, columns of feeds.

An upper app calls ``register_panel`` and ``register_feed_column`` from its ``AppConfig.ready``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from scheduling.models import Appointment, Feed


@dataclass(frozen=True, slots=True)
class HoldOwner:
    """Who looks after one hold, and the page where it is looked after."""

    name: str
    url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A band of the appointment page. The template reads ``data``; it also gets ``now``, ``zone`` and ``user``.

    ``owners`` says, by kind of trouble, who looks after a hold of this appointment.
    """

    title: str
    template: str
    data: dict[str, Any]
    owners: Mapping[str, HoldOwner] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FeedCell:
    """What an upper floor says of one feed: a tone ("" for none), a word, and what qualifies it."""

    tone: str
    word: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class FeedColumn:
    """A column of the feeds page, filled for all feeds at once."""

    title: str
    cells: Callable[[HttpRequest, list[Feed], datetime], Mapping[int, FeedCell]]


PanelBuilder = Callable[[HttpRequest, Appointment], Panel | None]

_panels: dict[str, tuple[int, PanelBuilder]] = {}
_columns: dict[str, tuple[int, FeedColumn]] = {}


def register_panel(key: str, build: PanelBuilder, *, order: int = 100) -> None:
    """Add a panel to the appointment page; the same key again replaces it. ``build`` may answer None: stay away."""
    _panels[key] = (order, build)


def register_feed_column(key: str, column: FeedColumn, *, order: int = 100) -> None:
    """Add a column to the feeds page; the same key again replaces it."""
    _columns[key] = (order, column)


def panels_for(request: HttpRequest, appointment: Appointment) -> list[Panel]:
    """The panels of one appointment, in their order."""
    built = (build(request, appointment) for _, build in sorted(_panels.values(), key=_order))
    return [panel for panel in built if panel is not None]


def owners_of(panels: Iterable[Panel]) -> dict[str, HoldOwner]:
    """Who looks after each kind of hold; the first panel that names somebody wins."""
    owners: dict[str, HoldOwner] = {}
    for panel in panels:
        owners = {**panel.owners, **owners}
    return owners


def feed_columns() -> list[FeedColumn]:
    """The added columns of the feeds page, in their order."""
    return [column for _, column in sorted(_columns.values(), key=_order)]


def _order(entry: tuple[int, Any]) -> int:
    return entry[0]
