"""The candidates of a freed slot as cards: why they fit, what they gain, and by which way they may be reached now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from accounts.models import User
from config.web.times import clock
from recovery.contacting.answer import Answer, Way, can_contact
from recovery.contacting.rules import Obstacle
from recovery.models import QueueItem
from recovery.selectors.candidates import Candidate, Candidates, candidates_for
from recovery.selectors.offers import read_offers
from recovery.services.read_contact import read_ask
from recovery.services.read_people import read_people, records_by_patient
from recovery.trust import ClinicTrust


class Reach(NamedTuple):
    """One person as far as reaching them goes; ``language`` is a code, "" for none stated."""

    language: str
    answer: Answer


@dataclass(frozen=True)
class CardWay:
    """Channels of a card with one answer: open, open with care, or closed and why."""

    name: str
    tone: str
    note: str


@dataclass(frozen=True)
class CandidateCard:
    """One person who could take the slot; ``is_too_late``: quiet hours outlast the chance to reach them."""

    candidate: Candidate
    ways: list[CardWay]
    is_too_late: bool

    @property
    def offered(self) -> str:
        """How often they were asked lately."""
        number = self.candidate.offered
        return f"{number} offer{'' if number == 1 else 's'} in 7 days" if number else "Not asked in 7 days"


@dataclass(frozen=True)
class CandidateCards:
    """Everything the part prints beside the item itself."""

    found: Candidates
    cards: list[CandidateCard]

    @property
    def nobody_in_time(self) -> bool:
        """Whether quiet hours outlast the chance for everybody who is shown."""
        return bool(self.cards) and all(card.is_too_late for card in self.cards)

    @property
    def patient_ids(self) -> list[int]:
        """Everyone whose name is shown, for the audit trail."""
        return sorted({card.candidate.patient_id for card in self.cards})


def candidate_cards(item: QueueItem, *, trust: ClinicTrust | None, actor: User, now: datetime) -> CandidateCards:
    """Judge, rank and explain whoever could take the slot: the same number of statements for one and for many."""
    found = candidates_for(item, read_offers(item, now), actor, now)
    reach = reach_of(item, [one.patient_id for one in found.fitting], trust=trust, actor=actor, now=now)
    return CandidateCards(found, [_card(one, reach.get(one.patient_id), item, now) for one in found.fitting])


def reach_of(
    item: QueueItem, patient_ids: list[int], *, trust: ClinicTrust | None, actor: User, now: datetime
) -> Mapping[int, Reach]:
    """How each of these people may be contacted about the item at ``now``, as the guard will see them."""
    if item.clinic is None or not patient_ids:
        return {}
    with transaction.atomic(savepoint=False):
        records = records_by_patient(patient_ids)
    people = read_people(records, actor=actor, at=now)
    ask = read_ask(item, clinic=item.clinic, trust=trust, actor=actor, at=now)
    return {pk: Reach(person.language, can_contact(person, ask, now)) for pk, person in people.items()}


def _card(one: Candidate, reach: Reach | None, item: QueueItem, now: datetime) -> CandidateCard:
    if reach is None:
        return CandidateCard(one, [], is_too_late=False)
    ways = _alike([_way(way, item, now) for way in reach.answer.ways])
    return CandidateCard(one, ways, reach.answer.opens_too_late(item.useful_until))


def _alike(ways: list[CardWay]) -> list[CardWay]:
    """The same with channels of one answer said together: "Call, text"."""
    names: dict[tuple[str, str], list[str]] = {}
    for way in ways:
        names.setdefault((way.tone, way.note), []).append(way.name)
    return [CardWay(", ".join(said).capitalize(), tone, note) for (tone, note), said in names.items()]


def _way(way: Way, item: QueueItem, now: datetime) -> CardWay:
    if way.is_allowed:
        return CardWay(way.channel.label, "warn" if way.cautions else "fresh", " ".join(_said(way.cautions)))
    if way.again_at is not None:
        is_late = way.again_at >= item.useful_until
        ends = "; the chance ends before that." if is_late else "."
        return CardWay(way.channel.label, "idle", f"Opens {clock(way.again_at, item.zone, now)}{ends}")
    return CardWay(way.channel.label, "idle", next(iter(_said(way.stops)), ""))


def _said(obstacles: tuple[Obstacle, ...]) -> list[str]:
    return [one.sentence for one in obstacles]
