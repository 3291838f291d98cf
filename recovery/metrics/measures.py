"""Numbers as a page may say them: shares, medians, ratios and chains, each with the counts it was made from. Pure.

Few cases get no percent: "3 of 5" says what "60%" would only pretend.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from config.web.times import DAY, span

LEAST_FOR_PERCENT = 20
LEAST_FOR_SPREAD = 5
LEAST_FOR_RATIO = 5
NONE = "none yet"


class Measure(Protocol):
    """Something that was counted: ``words`` is what the page says, ``value`` the bare number where it says one.

    ``part`` and ``whole`` are the counts behind it.
    """

    @property
    def words(self) -> str:
        """What the page says."""

    @property
    def value(self) -> float | None:
        """The bare number; None where there are too few cases for one."""

    @property
    def part(self) -> int:
        """How many count."""

    @property
    def whole(self) -> int:
        """Of how many."""


class Share(NamedTuple):
    """So many of so many; a whole percent from 20 cases on."""

    part: int = 0
    whole: int = 0

    @property
    def value(self) -> float | None:
        """Whole percent, halves up; 0 and 100 only where it is none or all of them."""
        if self.whole < LEAST_FOR_PERCENT:
            return None
        if self.part in (0, self.whole):
            return 100.0 * (self.part == self.whole)
        rounded = (200 * self.part + self.whole) // (2 * self.whole)
        return float(min(max(rounded, 1), 99))

    @property
    def words(self) -> str:
        """A percent, the counts ("3 of 5"), or that there is none yet."""
        if not self.whole:
            return NONE
        return f"{self.part:,} of {self.whole:,}" if self.value is None else f"{self.value:.0f}%"

    def plus(self, other: "Share") -> "Share":
        """Both together."""
        return Share(self.part + other.part, self.whole + other.whole)


class Spread(NamedTuple):
    """The middle half of some lengths: quartiles in seconds or days, and of how many; from 5 cases on.

    Quartiles are interpolated between neighbours (PostgreSQL's percentile_cont, Excel's QUARTILE.INC).
    """

    cases: int = 0
    low: float = 0.0
    median: float = 0.0
    high: float = 0.0
    in_days: bool = False

    @property
    def value(self) -> float | None:
        """The median: minutes with one decimal, or days with one."""
        if self.cases < LEAST_FOR_SPREAD:
            return None
        return round(self.median if self.in_days else self.median / 60, 1)

    @property
    def part(self) -> int:
        """How many were measured."""
        return self.cases

    @property
    def whole(self) -> int:
        """The same: nothing is left out here."""
        return self.cases

    @property
    def words(self) -> str:
        """The median with the middle half, "3 h 10 (40 min to 9 h)", or how few there are."""
        if self.value is None:
            return f"only {self.cases}" if self.cases else NONE
        return f"{self._say(self.median)} ({self._say(self.low)} to {self._say(self.high)})"

    def _say(self, length: float) -> str:
        return (
            span(round(length) * DAY) if self.in_days and round(length) else "0 days" if self.in_days else span(length)
        )


def spread(quartiles: Sequence[float] | None, cases: int, *, in_days: bool = False) -> Spread:
    """A spread from [low, median, high] as PostgreSQL answers; None where nothing was measured."""
    if not quartiles:
        return Spread(in_days=in_days)
    low, median, high = map(float, quartiles)
    return Spread(cases, low, median, high, in_days)


class Ratio(NamedTuple):
    """So many per one; from 5 of those on."""

    part: int = 0
    whole: int = 0

    @property
    def value(self) -> float | None:
        """With one decimal."""
        return round(self.part / self.whole, 1) if self.whole >= LEAST_FOR_RATIO else None

    @property
    def words(self) -> str:
        """The ratio, or the two counts."""
        if self.value is not None:
            return f"{self.value:.1f}"
        return f"{self.part:,} for {self.whole:,}" if self.part or self.whole else NONE


class Chain(NamedTuple):
    """Chances that were found, of these acted on, of these completed; it is told in counts and never in percent."""

    found: int = 0
    acted: int = 0
    completed: int = 0

    @property
    def value(self) -> float | None:
        """No bare number stands for three."""
        return None

    @property
    def part(self) -> int:
        """How many came to a completed visit."""
        return self.completed

    @property
    def whole(self) -> int:
        """How many were found."""
        return self.found

    @property
    def words(self) -> str:
        """All three: "120 found, 80 acted on, 22 completed"."""
        return f"{self.found:,} found, {self.acted:,} acted on, {self.completed:,} completed" if self.found else NONE

    def plus(self, other: "Chain") -> "Chain":
        """Both together."""
        return Chain(self.found + other.found, self.acted + other.acted, self.completed + other.completed)
