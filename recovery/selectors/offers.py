"""The offers of one slot, as the item's page prints them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.web.asking import Question, answers, rows_of
from recovery.models import Offer, QueueItem
from recovery.offering import BOOK_WITHIN, OPEN
from recovery.vocabulary import Family, OfferState
from scheduling.models import Patient

MOST_SHOWN = 20
TONES = {OfferState.LIVE: "warn", OfferState.PENDING: "warn", OfferState.BOOKED: "fresh"}
OFFERS = "pane offers"
_OF_PATIENT = ("given", "family", "protection", "vip")


@dataclass(frozen=True)
class OfferRow:
    """One offer: to whom, where it stands, until when. A restricted name stays hidden."""

    pk: int
    patient_id: int
    state: OfferState
    expires_at: datetime
    name: str
    note: str
    is_hidden: bool = False

    @property
    def tone(self) -> str:
        """The mark of where it stands."""
        return TONES.get(self.state, "idle")

    @property
    def words(self) -> str:
        """Where it stands."""
        return str(self.state.label)

    @property
    def is_live(self) -> bool:
        """Whether an answer is still awaited."""
        return self.state == OfferState.LIVE

    @property
    def is_open(self) -> bool:
        """Whether it is live, or accepted and not booked yet."""
        return self.state in OPEN


def offers_question(item: QueueItem) -> Question:
    """Ask for an item's newest offers; nobody is offered what is not a slot."""
    if item.family != Family.REFILL:
        return Question(None, nothing=[])
    newest = Offer.objects.filter(item=item).order_by("-made_at", "-pk")
    of_patient = (f"patient__{name}" for name in _OF_PATIENT)
    return rows_of(
        newest.values("id", "patient_id", "state", "expires_at", "answered_at", "why", *of_patient)[:MOST_SHOWN]
    )


def read_offers(item: QueueItem, now: datetime) -> list[OfferRow]:
    """The offers of an item where nothing else is asked along; one query."""
    return offer_rows(answers({OFFERS: offers_question(item)})[OFFERS], now)


def offer_rows(found: Iterable[Mapping[str, Any]], now: datetime) -> list[OfferRow]:
    """Read the answer to ``offers_question``: open ones first, then the newest."""
    return sorted((_row(row, now) for row in found), key=lambda row: not row.is_open)


def _row(row: Mapping[str, Any], now: datetime) -> OfferRow:
    patient = Patient(pk=row["patient_id"], **{name: row[f"patient__{name}"] for name in _OF_PATIENT})
    name = f"{patient.given} {patient.family}".strip() or f"Patient {patient.pk}"
    state, expires_at = OfferState(row["state"]), datetime.fromisoformat(row["expires_at"])
    return OfferRow(
        row["id"],
        row["patient_id"],
        state,
        expires_at,
        "Restricted" if patient.is_restricted else name,
        _note(row, state, expires_at, now),
        is_hidden=patient.is_restricted,
    )


def _note(row: Mapping[str, Any], state: OfferState, expires_at: datetime, now: datetime) -> str:
    if state == OfferState.LIVE:
        return "Its time is over." if expires_at <= now else ""
    if state != OfferState.PENDING:
        return str(row["why"])
    answered_at = row["answered_at"]
    if answered_at is not None and datetime.fromisoformat(answered_at) + BOOK_WITHIN <= now:
        return "No booking came. Book it in the EHR."
    return "Book it in the EHR; its message closes this."
