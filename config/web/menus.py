"""Splits and filter menus as links, so that every view of a list has an address."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from config.web.links import value_links
from config.web.paging import Count


@dataclass(frozen=True)
class Split:
    """One way to cut a list; ``count`` None shows no number."""

    label: str
    url: str
    is_current: bool
    count: Count | int | None = None


@dataclass(frozen=True)
class Option:
    """One choice of a menu."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Menu:
    """A filter with its choices; ``chosen`` is the label in force or ""."""

    label: str
    chosen: str
    options: list[Option]


def splits(
    request: HttpRequest,
    choices: Iterable[tuple[str, str]],
    *,
    name: str = "split",
    counts: dict[str, Count | int] | None = None,
) -> list[Split]:
    """Build the splits of (value, label) pairs; the value "" is "all" and current when none is asked for."""
    asked, link = request.GET.get(name, ""), value_links(request, name)
    return [Split(label, link(value), asked == value, (counts or {}).get(value)) for value, label in choices]


def menu(
    request: HttpRequest, name: str, label: str, choices: Iterable[tuple[str, str]], *, all_label: str = "All"
) -> Menu:
    """Build the menu of one filter from (value, label) pairs."""
    asked, link = request.GET.get(name, ""), value_links(request, name)
    pairs = [(str(value), text) for value, text in choices]
    options = [Option(all_label, link(""), not asked)]
    options += [Option(text, link(value), value == asked) for value, text in pairs]
    return Menu(label, dict(pairs).get(asked, ""), options)
