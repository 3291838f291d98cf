"""Shares with their uncertainty: how many of how many, Wilson's interval, the difference between two arms."""

from math import sqrt
from typing import NamedTuple

# 97.5th percentile of the normal distribution: intervals hold in 95 of 100 cases.
Z = 1.959963984540054
# Below this many visits a share is told as "3 of 5", since a per cent would promise more than is known.
LEAST_FOR_PERCENT = 30
# Below this many visits with a known end in either arm nothing is said about what outreach is worth.
LEAST_FOR_EFFECT = 100


class Interval(NamedTuple):
    """From and to, as shares or as a difference of shares."""

    low: float
    high: float


class Rate(NamedTuple):
    """So many of so many."""

    hits: int
    of: int

    @property
    def share(self) -> float:
        """The share; 0 of nothing."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> Interval:
        """Wilson's score interval at 95 %; everything is possible where nothing was counted."""
        if not self.of:
            return Interval(0.0, 1.0)
        z2 = Z * Z
        middle = (self.share + z2 / (2 * self.of)) / (1 + z2 / self.of)
        half = Z * sqrt(self.share * (1 - self.share) / self.of + z2 / (4 * self.of**2)) / (1 + z2 / self.of)
        return Interval(max(middle - half, 0.0), min(middle + half, 1.0))


def difference(first: Rate, second: Rate) -> Interval:
    """By how much the first share lies above the second, at 95 % (Newcombe 1998, method 10)."""
    (low1, high1), (low2, high2) = first.interval, second.interval
    apart = first.share - second.share
    return Interval(
        apart - sqrt((first.share - low1) ** 2 + (high2 - second.share) ** 2),
        apart + sqrt((high1 - first.share) ** 2 + (second.share - low2) ** 2),
    )


def effect(contact: Rate, holdout: Rate) -> Interval | None:
    """How much less is missed where people were to be contacted; None under ``LEAST_FOR_EFFECT`` visits in an arm."""
    if min(contact.of, holdout.of) < LEAST_FOR_EFFECT:
        return None
    return difference(holdout, contact)
