"""How much a chance is worth: value x reach x movable risk, within bands of urgency. Pure.

An item's weight is made of facts and stored. The clock's part is a band: for a freed slot the time left until the last
useful call; for a lost visit the time since it was lost, since people come back most easily in the first days and its
30 days are no slot that passes; for a visit to confirm the time left, one band later than a slot that ends then, since
most such visits are kept anyway. Whatever is more urgent comes first, within a band the heavier item, then the one that
ends sooner. So the order needs no rewriting as time passes. How likely outreach changes the outcome (movable risk) is
guessed at only for visits to confirm, from what a model said of them, in three steps; for all else it counts the same.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from recovery.reasons import ContactFacts
from recovery.vocabulary import Family

# Upper ends of the bands of a freed slot's time left; what lasts longer than the last is a band of its own.
BANDS: tuple[timedelta, ...] = (
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=24),
    timedelta(days=3),
    timedelta(days=7),
)
# First contact is due a day after the loss: later than a slot that ends today, before one of the day after tomorrow.
LOST_BANDS: tuple[tuple[timedelta, int], ...] = ((timedelta(hours=24), 3), (timedelta(days=7), 4))
LAST_BAND = len(BANDS)
# Families whose chance ends with a slot, and how many bands they stand behind a freed slot that ends then.
BEHIND = {Family.REFILL: 0, Family.CONFIRM: 1}
PINNED_BAND = -1  # before everything else, while the pin lasts
_LEFT_WORDS = ("within the hour", "within 4 h", "within a day", "within 3 days", "within a week", "in over a week")
_CONFIRM_WORDS = ("", *_LEFT_WORDS[:4], "in over 3 days")
_LOST_WORDS = {3: "within the last day", 4: "within a week", LAST_BAND: "over a week ago"}
NEUTRAL_RISK = 2
MOST_VALUE = 8
# Risks at which the steps of a visit to confirm begin (research/recovery.md section 4: calls paid from 15 in 100 on).
RISK_BANDS: tuple[float, float] = (0.15, 0.30)
_RISK_WORDS = {1: "low risk", 2: "medium risk", 3: "high risk"}
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
    return Weight(_VALUE_OF_REBOOK[family], _reach(contact))


def confirm_weight(minutes: int, score: float, contact: ContactFacts) -> Weight:
    """A visit that may still be kept is worth half of a freed slot of its length."""
    return Weight(max(1, min(MOST_VALUE // 2, round(minutes / 30))), _reach(contact), risk_step(score))


def risk_step(score: float) -> int:
    """1 to 3: how much the risk of a miss weighs, for a score of 0 to 1."""
    return 1 + sum(score >= begins for begins in RISK_BANDS)


def risk_words(step: int) -> str:
    """The step in words."""
    return _RISK_WORDS[step]


def _reach(contact: ContactFacts) -> int:
    kinds = {(point[0], point[1]) for point in contact.points}
    is_phone = any(system == "phone" for system, _ in kinds)
    return 3 if ("phone", "mobile") in kinds else 2 if is_phone else 1


def band(
    family: Family, *, useful_until: datetime, lost_at: datetime, now: datetime, pinned_until: datetime | None = None
) -> int:
    """Which band of urgency an item stands in; 0 is the most urgent, a pinned item stands before it."""
    if pinned_until is not None and pinned_until > now:
        return PINNED_BAND
    if family in BEHIND:
        left = useful_until - now
        place = next((place for place, end in enumerate(BANDS) if left <= end), LAST_BAND)
        return min(place + BEHIND[family], LAST_BAND)
    age = now - lost_at
    return next((place for end, place in LOST_BANDS if age <= end), LAST_BAND)


def explain(family: Family, weight: Weight, place: int) -> str:
    """Say in words why an item stands where it stands; ``place`` is its band."""
    if place == PINNED_BAND:
        return "Pinned to the top."
    if family == Family.REFILL:
        return f"Ends {_LEFT_WORDS[place]}; {weight.value * 15} min of clinic time."
    reach = {3: "a mobile is on file", 2: "reachable by phone"}.get(weight.reach, "hard to reach")
    if family == Family.CONFIRM:
        return f"Ends {_CONFIRM_WORDS[place]}; {risk_words(weight.risk)}; {reach}."
    who = "the clinic gave it up" if family == Family.REBOOK_BUMPED else "the patient missed it"
    return f"Lost {_LOST_WORDS[place]}; {who}; {reach}."
