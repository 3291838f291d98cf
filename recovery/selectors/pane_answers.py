"""The questions that an opened item answers in words: why now, what to do, until when, why here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from config.web.times import both, clock, span
from recovery.decisions import CONFIRM_NOTICE, LEAST_NOTICE
from recovery.models import QueueItem
from recovery.ranking import Weight, band, explain, risk_words
from recovery.selectors.offers import OfferRow
from recovery.selectors.rows import QueueRow
from recovery.selectors.words import day_and_time, freed_by, provider_name, visit_name
from recovery.vocabulary import Family


@dataclass(frozen=True)
class Answer:
    """One of the four questions."""

    label: str
    text: str
    note: str = ""


def answers_of(
    item: QueueItem, row: QueueRow, offers: Sequence[OfferRow], now: datetime, risk: str = "", shift: str = ""
) -> list[Answer]:
    """Why now, what to do, until when, and, while it is open, why it stands where it stands.

    ``risk`` says why a visit is to be confirmed, ``shift`` by which way it goes on after one that got no answer.
    """
    weight = Weight(item.value, item.reach, item.risk)
    found = [
        _why_risky(item, row, risk, now) if item.family == Family.CONFIRM else _why(item, row, now),
        _do(item, row, offers, shift),
        Answer("Chance ends", both(item.useful_until, row.zone, now), _ends_note(item, row.zone, now)),
    ]
    if item.is_open:
        family = Family(item.family)
        place = band(
            family, useful_until=item.useful_until, lost_at=item.lost_at, now=now, pinned_until=item.pinned_until
        )
        found.append(Answer("Why here", explain(family, weight, place)))
    return found


def _why(item: QueueItem, row: QueueRow, now: datetime) -> Answer:
    at = day_and_time(item.starts_at, row.zone, now)
    heard = span((item.heard_at - item.lost_at).total_seconds())
    note = f"We heard of it {heard} later." if item.heard_at > item.lost_at else ""
    what = "visit" if row.is_masked else visit_name(item)
    if row.is_refill:
        with_whom = "" if row.is_masked or not provider_name(item) else f" with {provider_name(item)}"
        text = f"{what} {at}{with_whom} is free since {clock(item.lost_at, row.zone, now)}."
        return Answer("Why now", text[:1].upper() + text[1:], f"{freed_by(item, row.zone, now)}. {note}".strip())
    verb = "was missed" if item.family == Family.REBOOK_MISSED else "was bumped by the clinic"
    text = f"{what} {at} {verb}, and no new visit is known."
    return Answer("Why now", text[:1].upper() + text[1:], note)


def _why_risky(item: QueueItem, row: QueueRow, risk: str, now: datetime) -> Answer:
    what = "visit" if row.is_masked else visit_name(item)
    text = f"{what} {day_and_time(item.starts_at, row.zone, now)} may be missed: {risk_words(item.risk)}."
    return Answer("Why now", text[:1].upper() + text[1:], risk)


def _do(item: QueueItem, row: QueueRow, offers: Sequence[OfferRow], shift: str) -> Answer:
    if not item.is_open:
        return Answer("Do this", "Nothing. It is closed.")
    if row.is_held:
        return Answer("Do this", f"{row.next_step}.", "The row opens by itself when the reason goes away.")
    if row.is_masked:
        return Answer("Do this", "Give a reason to see who it is, then call.", "The look is recorded and ends.")
    if shift:
        return Answer("Do this", shift)
    if item.family == Family.CONFIRM:
        return Answer("Do this", "Ask whether they will come.", "If not, offer a new time and change it in the EHR.")
    if not row.is_refill:
        return Answer("Do this", "Call and offer a new time.", f"{row.promise}." if row.promise else "")
    if any(offer.is_open for offer in offers):
        return Answer("Do this", "Record the answer to the offer that is out.")
    return Answer("Do this", "Offer it to the best match; where nobody fits, to a new request.")


def _ends_note(item: QueueItem, zone: ZoneInfo, now: datetime) -> str:
    if item.family == Family.REFILL:
        minutes = int(LEAST_NOTICE.total_seconds()) // 60
        return f"{minutes} min to travel and check in before {day_and_time(item.starts_at, zone, now)}."
    if item.family == Family.CONFIRM:
        hours = int(CONFIRM_NOTICE.total_seconds()) // 3600
        return f"{hours} h before the visit; later nobody else could take the time."
    since = "the missed visit" if item.family == Family.REBOOK_MISSED else "the clinic gave it up"
    return f"30 days after {since}."
