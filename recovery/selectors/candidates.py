"""Who could take a freed slot, best first, with the offers that are out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.scope import has_role
from recovery.matching import Standing, Waiting, fairness, rank
from recovery.models import QueueItem
from recovery.offering import step_at
from recovery.selectors.offers import OfferRow
from recovery.services.make_offers import DECIDERS
from recovery.services.read_candidates import Candidacy, Named, read_candidates
from recovery.services.read_policies import read_offer_rules
from recovery.vocabulary import Decider
from scheduling.selectors.codes import language_words

MOST_SHOWN = 8
DAY = timedelta(days=1)
# By the first thing in the way; whoever is on none of these lists was never a candidate.
LEFT_OUT = {
    "closed_record": "with a closed record",
    "no_contact": "who asked for no contact",
    "restricted": "restricted",
    "never_moved": "whose visit type is never offered",
    "provider": "who want another provider",
    "duration": "with a longer visit",
    "dates": "on other dates",
    "weekday": "on other weekdays",
    "hours": "at other hours",
    "lead_time": "for whom it is too soon",
    "notice": "who need more notice",
    "preparation": "who need time to prepare",
    "visit_gone": "whose own visit is gone",
    "visit_in_doubt": "with a visit in doubt",
    "gain": "who would gain too little",
    "too_far": "whose own visit is too far off",
    "not_first": "with another visit before their own",
    "series": "in a series",
    "has_sooner": "with a sooner visit",
    "clash": "with another visit at that time",
    "no_phone": "without a phone number",
    "live_offer": "with another offer",
    "offered_often": "offered often this week",
}


@dataclass(frozen=True)
class Candidate:
    """Somebody who could come sooner, and why they stand here; ``named`` are their own visit and entry.

    ``fits`` says why the slot suits them, ``why`` why they rank here, ``offered`` how many offers they had in 7 days.
    """

    named: Named
    patient_id: int
    name: str
    fits: str
    why: str
    days_sooner: int | None
    waited_days: int
    own_at: datetime | None = None
    offered: int = 0
    is_offered: bool = False
    needs_review: bool = False
    is_for_others: bool = False

    @property
    def key(self) -> str:
        """How forms name them: "entry-visit"."""
        return f"{self.named.entry_id or ''}-{self.named.visit_id or ''}"

    @property
    def may_offer(self) -> bool:
        """Whether the reader may offer the slot to them now."""
        return not self.is_offered and not self.is_for_others


@dataclass(frozen=True)
class Candidates:
    """The best first; ``left_out`` says in words who was looked at and does not fit. ``at_once``: of the policy.

    ``fair`` says how the order treats those who wait longest and were asked least.
    """

    fitting: list[Candidate]
    left_out: list[str]
    has_more: bool
    offers: list[OfferRow] = field(default_factory=list)
    at_once: int = 1
    fair: str = ""

    @property
    def summary(self) -> str:
        """The head line: "4 fit, 3 left out"."""
        fits = f"{len(self.fitting)}{'+' if self.has_more else ''} fit"
        out = sum(int(words.split()[0]) for words in self.left_out)
        return f"{fits}, {out} left out" if out else fits

    @property
    def has_open_offer(self) -> bool:
        """Whether somebody is to answer, or has taken it."""
        return any(offer.is_open for offer in self.offers)

    @property
    def may_ask_several(self) -> bool:
        """Whether the policy asks several people at once by now, and nobody was asked yet."""
        return self.at_once > 1 and not self.has_open_offer and len(self.batch) > 1

    @property
    def batch(self) -> list[Candidate]:
        """Whom a batch would ask: who needs no review, as many as the policy's step allows."""
        return [one for one in self.fitting if one.may_offer and not one.needs_review][: self.at_once]


def candidates_for(item: QueueItem, offers: list[OfferRow], user: Any, now: datetime) -> Candidates:
    """Judge and rank everybody for a refill's slot; nine statements, whatever the number of people.

    Whoever was offered this very slot, by ``offers``, stays in the list, so that they can be called about it.
    """
    offered = {offer.patient_id for offer in offers if offer.is_open}
    fitting: list[Candidacy] = []
    out: Counter[str] = Counter()
    for one in read_candidates(item, now):
        why_not = [reason.code for reason in one.fit.why_not]
        if not why_not or (why_not == ["live_offer"] and one.patient_id in offered):
            fitting.append(one)
        elif why_not[0] in LEFT_OUT:
            out[LEFT_OUT[why_not[0]]] += 1
    shown = _ranked(fitting, offered, now, may_decide=_may_decide(item, user))
    return Candidates(
        shown[:MOST_SHOWN],
        [f"{number} {words}" for words, number in out.most_common()],
        has_more=len(shown) > MOST_SHOWN,
        offers=offers,
        at_once=_at_once(item, now) if len(shown) > 1 and not offered else 1,
        fair=fair_words(shown),
    )


def fair_words(shown: Sequence[Candidate]) -> str:
    """Who waited longest and where they stand, and how many were not asked this week; "" where there is no choice."""
    if len(shown) < 2:
        return ""
    place, longest = max(enumerate(shown, 1), key=lambda pair: (pair[1].waited_days, -pair[0]))
    waits = fairness([Waiting(one.waited_days * DAY, one.offered) for one in shown])
    stands = "stands first" if place == 1 else f"stands {place} of {len(shown)}"
    days = f"{longest.waited_days} day{'' if longest.waited_days == 1 else 's'}"
    number = waits.waiting - waits.never_offered
    asked = f"{number} of {waits.waiting} were asked in 7 days." if number else "Nobody here was asked in 7 days."
    return f"Waits longest: {longest.name}, {days}, {stands}. {asked}"


def _may_decide(item: QueueItem, user: Any) -> bool:
    return has_role(user, *DECIDERS, clinic=item.clinic)


def _at_once(item: QueueItem, now: datetime) -> int:
    return step_at(read_offer_rules(item.clinic_id, now).steps, item.starts_at, now).at_once


def _ranked(fitting: Sequence[Candidacy], offered: set[int], now: datetime, *, may_decide: bool) -> list[Candidate]:
    """Best first, each person once."""
    by_key = dict(enumerate(fitting))
    found: dict[int, Candidate] = {}
    for place in rank(_standing(key, one, now) for key, one in by_key.items()):
        one = by_key[place.standing.key]
        found.setdefault(one.patient_id, _candidate(one, place.words, place.standing, offered, may_decide=may_decide))
    return list(found.values())


def _standing(key: int, one: Candidacy, now: datetime) -> Standing:
    waited = (now - one.waiting_since).days if one.waiting_since is not None else 0
    person = one.case.person
    return Standing(key, waited, one.days_sooner, person.has_mobile, person.recent_offers)


def _candidate(one: Candidacy, words: str, standing: Standing, offered: set[int], *, may_decide: bool) -> Candidate:
    rule = one.case.rule
    found = [words]
    language = language_words(one.language)
    if language not in ("", "English"):
        found.append(f"speaks {language}")
    if one.named.entry_id is not None:
        found.append("on the waitlist")
    is_for_others = rule.decider == Decider.SUPERVISOR and not may_decide
    if is_for_others:
        found.append("a supervisor decides")
    return Candidate(
        named=one.named,
        patient_id=one.patient_id,
        name=one.name,
        fits=" ".join(reason.sentence for reason in one.fit.why if reason.code != "asked"),
        why="; ".join(found),
        days_sooner=one.days_sooner,
        waited_days=standing.waited_days,
        own_at=one.case.visit.starts_at if one.case.visit is not None else None,
        offered=standing.recent_offers,
        is_offered=one.patient_id in offered,
        needs_review=rule.needs_review,
        is_for_others=is_for_others,
    )
