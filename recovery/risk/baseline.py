"""The plain baseline: how often visits like this one were missed here, counted, and nothing more (docs/risk.md)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

NAME = "baseline-1"
# So many visits of the wider group stand beside those of the narrower one: few visits of its own move a rate little.
WEIGHT = 50
# With fewer visits behind it the desk knows nothing worth telling.
LEAST_HISTORY = 200
DIGITS = 4
# A smaller difference is no reason.
LEAST_RAISE = 0.02


class Earlier(StrEnum):
    """How the person's visits of the year before ended, those of the last week left out."""

    NEW = "new"
    NONE = "none"
    ONE = "one"
    MORE = "more"


class Lead(StrEnum):
    """How long before its start a visit was booked."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    LONGER = "longer"
    UNKNOWN = "unknown"


EARLIER_WORDS = {
    Earlier.NEW: "No earlier visit is known",
    Earlier.NONE: "Missed none in the last year",
    Earlier.ONE: "Missed a visit in the last year",
    Earlier.MORE: "Missed several visits in the last year",
}
LEAD_WORDS = {
    Lead.DAY: "Booked within a day",
    Lead.WEEK: "Booked within a week",
    Lead.MONTH: "Booked one to four weeks ahead",
    Lead.LONGER: "Booked over four weeks ahead",
    Lead.UNKNOWN: "Unknown when it was booked",
}


class Traits(NamedTuple):
    """What a visit is counted by, from the widest group to the narrowest."""

    clinic: int
    earlier: str
    lead: str
    visit_type: str


class Scored(NamedTuple):
    """A score from 0 to 1, and what raised it most; "" where nothing did."""

    score: float
    reason: str


class Count(NamedTuple):
    """Visits that ended, and those of them that were missed."""

    ended: int
    missed: int


Group = tuple[int | str, ...]


class CountTable:
    """How visits ended, by the first 0 to 4 of their traits."""

    def __init__(self, counts: Mapping[Group, Count]) -> None:
        """Take the counts; the group () holds all visits."""
        self.counts = counts

    @property
    def is_enough(self) -> bool:
        """Whether there is history to speak from."""
        return self.counts.get((), Count(0, 0)).ended >= LEAST_HISTORY

    def score(self, traits: Traits) -> Scored:
        """The share of visits like this one that were missed.

        Each group's rate leans on that of the wider group: (missed + 50 x wider rate) / (ended + 50).
        """
        ended, missed = self.counts.get((), Count(0, 0))
        rate = missed / ended if ended else 0.0
        raised = {}
        for depth, trait in enumerate(Traits._fields, start=1):
            group = self.counts.get(traits[:depth])
            if group is None:  # then no narrower one has any visit either
                break
            wider, rate = rate, (group.missed + WEIGHT * rate) / (group.ended + WEIGHT)
            raised[trait] = rate - wider
        most = max(raised, key=lambda trait: raised[trait], default="")
        reason = reason_words(most, traits) if most and raised[most] >= LEAST_RAISE else ""
        return Scored(round(rate, DIGITS), reason)


def reason_words(trait: str, traits: Traits) -> str:
    """Why a trait raises the rate, in words."""
    if trait == "earlier":
        return EARLIER_WORDS[Earlier(traits.earlier)]
    if trait == "lead":
        return LEAD_WORDS[Lead(traits.lead)]
    return "Often missed at this clinic" if trait == "clinic" else "This visit type is often missed"
