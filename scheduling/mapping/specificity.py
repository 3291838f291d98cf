"""Which rules match a message, the most specific first (docs/decisions/0003-mapping.md says why so).

A clinic's rule goes before a source's, then the rule that states more signals. No signal outranks another: two that
are equally many and disagree are a contradiction for a person, not a tie to be broken. Only rules about nothing but
the trigger stand apart: they say what a trigger means by itself and answer when no other rule does.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # rules.py compiles its RuleSet with this module
    from scheduling.mapping.rules import Rule

NOTE = 6
NOTE_READ = 4_000  # characters of a note that patterns see


class Parts(NamedTuple):
    """What rules look at: the signals in their order, then the clinic."""

    trigger: str
    filler_status: str
    event_reason: str
    appointment_reason: str
    appointment_type: str
    resource_status: str
    note: str
    clinic_id: int | None


class Level(NamedTuple):
    """How specific a rule is; a greater one wins."""

    has_clinic: bool
    stated: int


class Shape(NamedTuple):
    """Rules of one level that state the same signals exactly: one look-up finds them."""

    key: Callable[[Any], Any]
    rules: dict[Any, tuple["Rule", ...]]


def level_of(rule: "Rule") -> Level:
    """How specific a rule is. A signal that must be absent, and a note pattern, count as stated."""
    return Level(rule.clinic_id is not None, sum(part is not None for part in rule.parts))


def note_matches(pattern: str | None, note: str) -> bool:
    """Whether a note pattern finds a note; letter case is ignored, time is linear in the note.

    None matches all and ``""`` only an empty note; a text without ``*`` is looked for anywhere; with ``*`` (any run
    of characters) the whole note must match. There are no other wildcards: patterns are written by people who think
    in words, and a regular expression could be made to hang.
    """
    if pattern is None:
        return True
    if pattern == "":
        return note == ""
    text = note[:NOTE_READ].casefold()
    first, *rest = pattern.casefold().split("*")
    if not rest:
        return first in text
    last = rest.pop()
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    place, end = len(first), len(text) - len(last)
    for piece in rest:
        found = text.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True


def rule_matches(rule: "Rule", parts: Parts) -> bool:
    """Whether a rule's stated signals and clinic are those of the message."""
    if rule.clinic_id not in (None, parts.clinic_id):
        return False
    stated = all(wanted in (None, said) for wanted, said in zip(rule.parts[:NOTE], parts[:NOTE], strict=True))
    return stated and note_matches(rule.note, parts.note)


def _shapes(rules: Sequence["Rule"]) -> tuple[Shape, ...]:
    """Group rules of one level by the signals they state exactly."""
    grouped: dict[tuple[int, ...], dict[Any, list[Rule]]] = defaultdict(lambda: defaultdict(list))
    for rule in rules:
        values = (*rule.parts, rule.clinic_id)
        places = tuple(place for place, value in enumerate(values) if place != NOTE and value is not None)
        grouped[places][_key(places)(values)].append(rule)
    return tuple(
        Shape(_key(places), {value: tuple(found) for value, found in table.items()})
        for places, table in grouped.items()
    )


def _key(places: tuple[int, ...]) -> Callable[[Any], Any]:
    return itemgetter(*places) if places else _nothing


def _nothing(_: object) -> None:
    """The key of rules that state a note pattern alone."""


def _levels(rules: Iterable["Rule"]) -> tuple[tuple[Shape, ...], ...]:
    """Rules as shapes, the most specific level first."""
    by_level: dict[Level, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_level[level_of(rule)].append(rule)
    return tuple(_shapes(by_level[level]) for level in sorted(by_level, reverse=True))


class RuleIndex:
    """Rules compiled into dictionary look-ups: a resolution costs one look-up per combination of signals in use."""

    __slots__ = ("_defaults", "_levels", "_triggers", "has_notes")

    def __init__(self, rules: Sequence["Rule"]) -> None:
        about = [rule for rule in rules if rule.is_about_trigger]
        self._levels = _levels(rule for rule in rules if not rule.is_about_trigger)
        self._defaults = _levels(about)
        self._triggers = _trigger_meanings(about)
        self.has_notes = any(rule.note is not None for rule in rules)

    def best(self, parts: Parts) -> tuple["Rule", ...]:
        """The most specific matching rules that say more than what a trigger means by itself."""
        return self._first(self._levels, parts)

    def defaults(self, parts: Parts) -> tuple["Rule", ...]:
        """The most specific matching rules about the trigger alone."""
        return self._first(self._defaults, parts)

    def trigger_meanings(self, parts: Parts) -> tuple["Rule", ...]:
        """What the trigger means by itself, whether or not the rule also asks for silence elsewhere.

        A rule for S15 with an empty filler status does not answer for S15 with ``Booked``, but it does tell that the
        two contradict each other.
        """
        found = self._triggers.get((parts.trigger, parts.clinic_id))
        return found or self._triggers.get((parts.trigger, None), ())

    def _first(self, levels: tuple[tuple[Shape, ...], ...], parts: Parts) -> tuple["Rule", ...]:
        for shapes in levels:
            found: tuple[Rule, ...] = ()
            for key, table in shapes:
                rules = table.get(key(parts))
                if rules:
                    found += rules
            if found and self.has_notes:
                found = tuple([rule for rule in found if note_matches(rule.note, parts.note)])
            if found:
                return found
        return ()


def _trigger_meanings(about: Iterable["Rule"]) -> dict[tuple[str, int | None], tuple["Rule", ...]]:
    """By trigger and clinic the rules that say least beside the trigger, so most purely what it means."""
    grouped: dict[tuple[str, int | None], list[Rule]] = defaultdict(list)
    for rule in about:
        grouped[rule.trigger or "", rule.clinic_id].append(rule)
    least = {key: min(level_of(rule) for rule in rules) for key, rules in grouped.items()}
    return {key: tuple(rule for rule in rules if level_of(rule) == least[key]) for key, rules in grouped.items()}
