"""The left rail: each app registers its places from its own ``navigation.py`` when Django is ready."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import caches
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from config.web.asking import Question, answers

GROUPS = ("Work", "Integration", "Launch", "Oversight")
CACHED_SECONDS = 10
RAIL = "rail"  # before the names of its questions, where a page asks its own along with them


@dataclass(frozen=True)
class NavCount:
    """What stands beside a place: "41", "6 open"; ``tone`` is "", "held" or "warn" and adds its mark."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Tally:
    """What is counted for a place: ``ask`` puts the question, ``tell`` words its answer; None shows no count.

    All places are asked in one statement; those that share a ``key`` share the question of the first.
    """

    key: str
    ask: Callable[[HttpRequest], Question]
    tell: Callable[[Any], NavCount | None]


@dataclass(frozen=True)
class NavItem:
    """A place in the rail. Empty ``roles`` means everyone; ``key`` is the letter of "g, then letter".

    ``home_verb`` is the button on Today, for ``home_roles`` or, if that is empty, for all who see the place.
    """

    group: str
    label: str
    url_name: str
    roles: frozenset[str] = frozenset()
    count: Tally | None = None
    order: int = 100
    key: str = ""
    home_verb: str = ""
    home_roles: frozenset[str] = frozenset()
    also: tuple[str, ...] = ()  # names of further addresses whose pages belong to the place


@dataclass(frozen=True)
class Place:
    """A place as one person sees it."""

    label: str
    url: str
    is_current: bool
    key: str
    home_verb: str
    count: NavCount | None = None


@dataclass(frozen=True)
class Group:
    """A titled group of places."""

    title: str
    places: list[Place] = field(default_factory=list)


_items: dict[str, NavItem] = {}


def register(item: NavItem) -> None:
    """Add a place; registering the same address name again replaces it, so that reloading is harmless."""
    if item.group not in GROUPS:
        raise ValueError(f"{item.group} is none of the rail's groups: {', '.join(GROUPS)}.")
    _items[item.url_name] = item


def places_for(request: HttpRequest, has_role: Callable[[Iterable[str]], bool]) -> list[Group]:
    """Return the groups a person may see, without empty ones; counts come from a cache of some seconds."""
    items = items_for(has_role)
    counts, _ = counts_with(request, items, {})
    groups = {title: Group(title) for title in GROUPS}
    urls = _urls(items)
    further = {name: item.url_name for item in items for name in item.also}
    reached = {url: name for name, url in {**_addresses(further), **urls}.items() if _covers(url, request.path)}
    nearest = reached.get(max(reached, key=len, default=""), "")
    current = further.get(nearest, nearest)
    for item in items:
        url = urls.get(item.url_name)
        if url is None:
            continue
        verb = item.home_verb if not item.home_roles or has_role(item.home_roles) else ""
        place = Place(item.label, url, item.url_name == current, item.key, verb, counts.get(item.url_name))
        groups[item.group].places.append(place)
    return [group for group in groups.values() if group.places]


def _urls(items: Iterable[NavItem]) -> dict[str, str]:
    """The address of each place by the name of its pattern; a place without one is left out."""
    return _addresses(item.url_name for item in items)


def _addresses(names: Iterable[str]) -> dict[str, str]:
    urls: dict[str, str] = {}
    for name in names:
        with suppress(NoReverseMatch):
            urls[name] = reverse(name)
    return urls


def _covers(url: str, path: str) -> bool:
    """Whether a page belongs to a place; of two places that cover it the nearer is where the person is."""
    return path == url or (url != "/" and path.startswith(url))


def items_for(has_role: Callable[[Iterable[str]], bool]) -> list[NavItem]:
    """The places of a person's roles, in the rail's order."""
    items = [item for item in _items.values() if not item.roles or has_role(item.roles)]
    return sorted(items, key=lambda item: (GROUPS.index(item.group), item.order, item.label))


def answers_with_rail(
    request: HttpRequest, has_role: Callable[[Iterable[str]], bool], questions: Mapping[str, Question]
) -> dict[str, Any]:
    """Answer a page's own questions; where the rail's counts are not kept, the same statement asks for them too."""
    _, found = counts_with(request, items_for(has_role), questions)
    return found


def counts_with(
    request: HttpRequest, items: Iterable[NavItem], questions: Mapping[str, Question]
) -> tuple[dict[str, NavCount], dict[str, Any]]:
    """The counts of places, kept ``CACHED_SECONDS`` per person and process, and the answers to other questions.

    One query for all, none where the counts are kept and nothing else is asked.
    """
    key = f"navigation-{request.user.pk}"
    kept: dict[str, NavCount] | None = caches["local"].get(key)
    if kept is not None:
        return kept, answers(questions)
    tallies = {item.url_name: item.count for item in items if item.count is not None}
    first = {tally.key: tally for tally in reversed(tallies.values())}
    rail = {f"{RAIL} {name}": tally.ask(request) for name, tally in first.items()}
    found = answers({**questions, **rail})
    told = {name: tally.tell(found[f"{RAIL} {tally.key}"]) for name, tally in tallies.items()}
    kept = {name: count for name, count in told.items() if count is not None}
    caches["local"].set(key, kept, CACHED_SECONDS)
    return kept, {name: found[name] for name in questions}
