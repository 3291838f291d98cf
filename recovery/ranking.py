"""How much a chance is worth: value x reach x movable risk, within bands of the time that is left. Pure.

An item's weight is made of facts and stored. The clock's part is a band of time left: whatever ends sooner comes
first, and within a band the heavier item, then the one that ends sooner. So the order needs no rewriting as time
passes. How likely outreach changes the outcome (movable risk) is not known yet and counts the same for all.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from recovery.reasons import ContactFacts
from recovery.vocabulary import Family

# Upper ends of the bands of time left; what lasts longer than the last is a band of its own.
BANDS: tuple[timedelta, ...] = (
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=24),
    timedelta(days=3),
    timedelta(days=7),
)
BAND_WORDS = ("within the hour", "within 4 h", "within a day", "within 3 days", "within a week", "later")
NEUTRAL_RISK = 2
MOST_VALUE = 8
# A slot the clinic took away weighs as an hour of its time; a missed one as half of it.
_VALUE_OF_REBOOK = {Family.REBOOK_BUMPED: 4, Family.REBOOK_MISSED: 2}


class Weight(NamedTuple):
    """The parts of an item's weight; each is a small whole number."""

    value: int
    reach: int
    risk: int = NEUTRAL_RISK

    @property
    def total(self) -> int:
        """What items of one band are ordered by."""
        return self.value * self.reach * self.risk


def refill_weight(minutes: int) -> Weight:
    """A slot is worth its length in quarter hours, at most two hours; whom to reach is still open."""
    return Weight(max(1, min(MOST_VALUE, round(minutes / 15))), 2)


def rebook_weight(family: Family, contact: ContactFacts) -> Weight:
    """A lost visit is worth more where the clinic caused the loss, and where the person can be reached."""
    kinds = {(point[0], point[1]) for point in contact.points}
    is_phone = any(system == "phone" for system, _ in kinds)
    reach = 3 if ("phone", "mobile") in kinds else 2 if is_phone else 1
    return Weight(_VALUE_OF_REBOOK[family], reach)


def band(useful_until: datetime, now: datetime) -> int:
    """Which band of time left an item stands in; 0 ends soonest."""
    left = useful_until - now
    return next((place for place, end in enumerate(BANDS) if left <= end), len(BANDS))


def explain(family: Family, weight: Weight, useful_until: datetime, now: datetime) -> str:
    """Say in words why an item stands where it stands."""
    value = {
        Family.REFILL: f"{weight.value * 15} min of clinic time",
        Family.REBOOK_BUMPED: "the clinic gave up this visit",
        Family.REBOOK_MISSED: "the patient missed this visit",
    }[family]
    reach = {3: "a mobile is on file", 2: "reachable by phone", 1: "hard to reach"}.get(weight.reach, "")
    whom = "" if family == Family.REFILL else f"; {reach}"
    return f"Ends {BAND_WORDS[band(useful_until, now)]}; {value}{whom}."
