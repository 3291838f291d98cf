"""The offers of one slot, as the item's page prints them."""

from dataclasses import dataclass
from datetime import datetime

from recovery.models import Offer, QueueItem
from recovery.offering import BOOK_WITHIN
from recovery.vocabulary import OfferState

MOST_SHOWN = 20
TONES = {OfferState.LIVE: "warn", OfferState.PENDING: "warn", OfferState.BOOKED: "fresh"}


@dataclass(frozen=True)
class OfferRow:
    """One offer: to whom, where it stands, until when. A restricted name stays hidden."""

    offer: Offer
    name: str
    tone: str
    words: str
    note: str

    @property
    def patient_id(self) -> int:
        """Whom it was made to."""
        return self.offer.patient_id

    @property
    def is_live(self) -> bool:
        """Whether an answer is still awaited."""
        return self.offer.state == OfferState.LIVE

    @property
    def is_open(self) -> bool:
        """Whether it is live, or accepted and not booked yet."""
        return self.offer.state in (OfferState.LIVE, OfferState.PENDING)


def offer_rows(item: QueueItem, now: datetime) -> list[OfferRow]:
    """The offers of an item, open ones first, then the newest; one query."""
    offers = Offer.objects.filter(item=item).select_related("patient").order_by("-made_at", "-pk")[:MOST_SHOWN]
    rows = [_row(offer, now) for offer in offers]
    return sorted(rows, key=lambda row: not row.is_open)


def _row(offer: Offer, now: datetime) -> OfferRow:
    patient, state = offer.patient, OfferState(offer.state)
    name = f"{patient.given} {patient.family}".strip() or f"Patient {patient.pk}"
    return OfferRow(
        offer,
        "Restricted" if patient.is_restricted else name,
        TONES.get(state, "idle"),
        state.label,
        _note(offer, state, now),
    )


def _note(offer: Offer, state: OfferState, now: datetime) -> str:
    if state == OfferState.LIVE:
        return "Its time is over." if offer.expires_at <= now else ""
    if state == OfferState.PENDING and offer.answered_at is not None and offer.answered_at + BOOK_WITHIN <= now:
        return "No booking came. Book it in the EHR."
    if state == OfferState.PENDING:
        return "Book it in the EHR; its message closes this."
    return offer.why
