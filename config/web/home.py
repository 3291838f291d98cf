"""The blocks of "Today": each app registers its own from its ``navigation.py``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.http import HttpRequest


class Spot(StrEnum):
    """Where on the page a block stands."""

    HEADLINE = "headline"
    BAND = "band"
    HALF = "half"


@dataclass(frozen=True)
class HomeBlock:
    """A block of the home page: ``context`` returns the template's variables, or None to stay away.

    Empty ``roles`` means everyone. The template gets its own variables plus ``now``, ``zone`` and ``user``.
    """

    key: str
    title: str
    template: str
    context: Callable[[HttpRequest], dict[str, Any] | None]
    roles: frozenset[str] = frozenset()
    spot: Spot = Spot.BAND
    order: int = 100


@dataclass(frozen=True)
class FilledBlock:
    """A block with its variables."""

    key: str
    title: str
    template: str
    data: dict[str, Any]


_blocks: dict[str, HomeBlock] = {}


def register_block(block: HomeBlock) -> None:
    """Add a block; the same key again replaces it."""
    _blocks[block.key] = block


def blocks_for(request: HttpRequest, has_role: Callable[[Iterable[str]], bool]) -> dict[Spot, list[FilledBlock]]:
    """Return the blocks a person may see, filled, in their spots and order."""
    filled: dict[Spot, list[FilledBlock]] = {spot: [] for spot in Spot}
    for block in sorted(_blocks.values(), key=lambda block: (block.order, block.key)):
        if block.roles and not has_role(block.roles):
            continue
        data = block.context(request)
        if data is not None:
            filled[block.spot].append(FilledBlock(block.key, block.title, block.template, data))
    return filled
