"""In which order people are offered a slot, in words, and whether a waitlist is fair. Pure.

Nobody is first for one reason alone: half of the score is what the person has waited, a quarter what they gain, the
rest whether they can be reached and how little they were offered (research/recovery.md sections 1b and 6.11).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import NamedTuple

from recovery.eligibility import MOST_OFFERS

MOST_WAIT, MOST_GAIN = 180, 60  # days beyond which more does not count
WAIT, GAIN, REACH, SPARED = 50, 25, 15, 10
DAY = timedelta(days=1)


class Standing(NamedTuple):
    """What ranks one candidate: days waited, days sooner (None without an own visit), reach, offers in seven days."""

    key: int
    waited_days: int
    days_sooner: int | None
    has_mobile: bool
    recent_offers: int


class Ranked(NamedTuple):
    """A candidate's place in a list: the score of at most 100, and why in words."""

    standing: Standing
    score: int
    words: str


def score(one: Standing) -> int:
    """0 to 100. Somebody without a visit of their own gains the most."""
    waited = min(max(one.waited_days, 0), MOST_WAIT) / MOST_WAIT
    gained = min(MOST_GAIN if one.days_sooner is None else max(one.days_sooner, 0), MOST_GAIN) / MOST_GAIN
    spared = 1 - min(one.recent_offers, MOST_OFFERS) / MOST_OFFERS
    return round(WAIT * waited + GAIN * gained + REACH * one.has_mobile + SPARED * spared)


def rank(candidates: Iterable[Standing]) -> list[Ranked]:
    """Best first; of equals who waited longer, then the smaller key, so that two desks see the same order."""
    found = sorted(candidates, key=lambda one: (-score(one), -one.waited_days, one.key))
    waits = sorted((one.waited_days for one in found), reverse=True)
    is_alone = len(waits) > 1 and waits[0] > waits[1]
    return [Ranked(one, score(one), _words(one, is_longest=is_alone and one.waited_days == waits[0])) for one in found]


def _words(one: Standing, *, is_longest: bool) -> str:
    found = [_waited(one.waited_days) + (", the longest" if is_longest else "")]
    if one.days_sooner is None:
        found.append("has no visit yet")
    found.append("mobile on file" if one.has_mobile else "landline only")
    if one.recent_offers:
        found.append(f"{one.recent_offers} offer{'s' if one.recent_offers > 1 else ''} this week")
    return "; ".join(found)


def _waited(days: int) -> str:
    return "New today" if days <= 0 else f"Waits {days} day{'s' if days > 1 else ''}"


class Waiting(NamedTuple):
    """One person who waits: how long, and how many offers they had in all."""

    waited: timedelta
    offers: int


@dataclass(frozen=True, slots=True)
class Fairness:
    """How a waitlist treats those on it; days are whole ones."""

    waiting: int
    median_days: int
    longest_days: int
    never_offered: int
    longest_unoffered_days: int
    most_offers: int


def fairness(people: Sequence[Waiting]) -> Fairness:
    """Sum up a waitlist: who waits longest, who was never asked, who is asked again and again."""
    unoffered = [one.waited // DAY for one in people if not one.offers]
    days = [one.waited // DAY for one in people]
    return Fairness(
        waiting=len(people),
        median_days=int(median(days)) if days else 0,
        longest_days=max(days, default=0),
        never_offered=len(unoffered),
        longest_unoffered_days=max(unoffered, default=0),
        most_offers=max((one.offers for one in people), default=0),
    )
