"""Lines that a page of one floor shows about another floor's doings: each app registers its own when Django is ready.

A note is a condition that whoever looks at the page should know of, as "maintenance runs". Pages print them with
``{% notes %}`` (``config.templatetags.notes``).
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Note:
    """One line; ``tone`` is "held" or "warn", ``url`` with ``link`` lead on ("" for nowhere)."""

    tone: str
    word: str
    text: str
    url: str = ""
    link: str = ""


_sources: dict[str, Callable[[HttpRequest], list[Note]]] = {}


def register_notes(key: str, ask: Callable[[HttpRequest], list[Note]]) -> None:
    """Add a source of notes; the same key again replaces it."""
    _sources[key] = ask


def notes_for(request: HttpRequest) -> list[Note]:
    """All notes for the person of a request."""
    return [note for key in sorted(_sources) for note in _sources[key](request)]
