"""What a routing rule looks for, and what a step of a policy does, as people say it. Pure: names are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from config.web.times import span
from exceptions.catalogue import CATALOGUE
from exceptions.vocabulary import Family, Hours, Severity, Target

NAMED = 3


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a rule; an empty one fits everything. ``place`` is in words, "" for everywhere."""

    checks: Sequence[str]
    families: Sequence[str]
    severities: Sequence[int]
    place: str
    pattern: str


def condition_words(said: Conditions) -> str:
    """Say what a rule is about, its pattern left to the page: "Blocking mapping problems at Imaging, Lakeview RIS"."""
    what = _kinds(said.checks) if said.checks else _families(said.families)
    if said.checks and said.families:
        what = f"{what}, only {_families(said.families).lower()}"
    if said.severities:
        bad = _joined([str(Severity(one).label).lower() for one in sorted(said.severities)], "or")
        what = f"{what}, only {bad}" if said.checks else f"{bad} {what[:1].lower()}{what[1:]}"
    text = f"{what} {said.place}" if said.place else what
    return f"{text[:1].upper()}{text[1:]}"


def _kinds(checks: Sequence[str]) -> str:
    titles = [CATALOGUE[check].title if check in CATALOGUE else check for check in checks]
    more = len(titles) - NAMED
    if more > 0:
        return f"{', '.join(titles[:NAMED])} and {more} more {'kind' if more == 1 else 'kinds'}"
    return _joined(titles, "or")


def _families(families: Sequence[str]) -> str:
    if not families:
        return "Every problem"
    names = [str(family.label) for family in Family if family in families]
    return f"{_joined([names[0], *(name.lower() for name in names[1:])], 'and')} problems"


def place_words(*, source: str, clinic: str = "", feed: str = "") -> str:
    """Say where: "at Imaging, Lakeview RIS", "from the feed Lakeview", "from Lakeview RIS"; "" for everywhere."""
    if clinic and feed:
        return f"at {clinic} from the feed {feed}"
    if clinic:
        return f"at {clinic}, {source}" if source else f"at {clinic}"
    if feed:
        return f"from the feed {feed}"
    return f"from {source}" if source else ""


@dataclass(frozen=True, slots=True)
class Names:
    """Names of people, teams and endpoints by id."""

    people: Mapping[int, str]
    teams: Mapping[int, str]
    endpoints: Mapping[int, str]


def wait_words(wait: timedelta) -> str:
    """Say how long a step waits: "at once", "30 min", "1 h 30"."""
    return span(wait.total_seconds()) if wait else "at once"


def whom_words(
    target: str, names: Names, *, person: int | None = None, team: int | None = None, endpoint: int | None = None
) -> str:
    """Say whom a step tells; a team left empty is the one that owns the exception."""
    its = names.teams.get(team, "a team that is gone") if team else "the team that owns it"
    if target == Target.PERSON:
        return names.people.get(person or 0, "somebody who is gone")
    if target == Target.WEBHOOK:
        return names.endpoints.get(endpoint or 0, "an endpoint that is gone")
    return its if target == Target.TEAM else f"whoever is on duty, {its}"


def hours_words(hours: str) -> str:
    """Say in which hours a step runs."""
    return str(Hours(hours).label).lower()


def _joined(words: Sequence[str], last: str) -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else words[0]
