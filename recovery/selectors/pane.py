"""One item, opened: verdict, ruler, four answers, contact, who else, history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from config.web.asking import Question, how_many
from config.web.svg import Ruler, ruler
from config.web.times import span
from recovery.models import QueueItem, Reveal
from recovery.ranking import BEHIND
from recovery.selectors.contacts import Channel, channels, consents_question, refused_from
from recovery.selectors.holds import BLOCKS, Hold, holds_from, holds_question
from recovery.selectors.item_history import Entry, attempts_question, events_question, history, promise, tried
from recovery.selectors.offers import OFFERS, OfferRow, offer_rows, offers_question
from recovery.selectors.pane_answers import Answer, answers_of
from recovery.selectors.risk_answers import RISK, risk_note, risk_question
from recovery.selectors.rows import VERDICT_WORDS, Beside, QueueRow, patient_name, queue_row
from recovery.selectors.shifts import CHANNELS, channels_question, shift_words
from recovery.selectors.tries import limits_from, limits_question
from recovery.selectors.words import pin_words
from recovery.trust import ClinicTrust
from recovery.verdict import Reason
from recovery.vocabulary import Family, Level
from scheduling.models import Patient
from scheduling.selectors.codes import language_words

# What the ruler begins with.
_OPENED = {
    Family.REFILL: "Freed",
    Family.REBOOK_MISSED: "Lost",
    Family.REBOOK_BUMPED: "Lost",
    Family.CONFIRM: "Decided",
}


@dataclass(frozen=True)
class Stop:
    """One reason that warns or holds, with a way to the exception behind it where the reader may open that."""

    reason: Reason
    url: str = ""


@dataclass(frozen=True)
class OpenCall:
    """A call of the reader's that has no outcome yet; ``value`` is the number that was revealed for it."""

    attempt_id: int
    at: datetime
    value: str
    patient_id: int
    name: str


@dataclass(frozen=True)
class Pane:
    """Everything the pane prints."""

    row: QueueRow
    title: str
    aside: str
    meta: list[str]
    tone: str
    word: str
    sentence: str
    ruler: Ruler | None
    opened_word: str
    answers: list[Answer]
    stops: list[Stop] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    offers: list[OfferRow] = field(default_factory=list)
    history: list[Entry] = field(default_factory=list)
    attempts: list[Entry] = field(default_factory=list)
    promise: str = ""
    pin: str = ""
    call: OpenCall | None = None

    @property
    def may_call(self) -> bool:
        """Whether its holder is offered a call: somebody is named, and nothing stops it by now."""
        return not (self.row.is_refill or self.row.is_held or self.row.is_masked or self.call)

    @property
    def has_candidates(self) -> bool:
        """Whether people are looked for who could take the slot; that part of the page comes by itself."""
        return self.row.is_refill and self.item.is_open and not self.row.is_masked

    @property
    def has_open_offer(self) -> bool:
        """Whether somebody is to answer, or has taken it."""
        return any(offer.is_open for offer in self.offers)

    @property
    def may_choose(self) -> bool:
        """Whether its holder may call or ask somebody about the slot."""
        return self.has_candidates and self.row.is_mine and not self.row.is_held and self.call is None

    @property
    def item(self) -> QueueItem:
        """The row behind it."""
        return self.row.item

    @property
    def patient_ids(self) -> list[int]:
        """Everyone whose name is shown, for the audit trail."""
        shown = [offer.patient_id for offer in self.offers if not offer.is_hidden]
        called = [self.call.patient_id] if self.call else []
        return sorted({*shown, *called, *([self.row.patient_id] if self.row.patient_id else [])})


def pane_questions(item: QueueItem, user: Any, now: datetime) -> dict[str, Question]:
    """What the pane needs beside the item and the people who could come, under names of its own."""
    return {
        "pane holds": holds_question(item, user),
        "pane events": events_question(item),
        "pane attempts": attempts_question(item),
        "pane limits": limits_question([item.clinic_id] if item.clinic_id is not None else [], now),
        "pane reveals": _reveals(item, user, now),
        "pane consents": consents_question(None if item.family == Family.REFILL else item.patient),
        OFFERS: offers_question(item),
        RISK: risk_question(item),
        CHANNELS: channels_question(item, now),
    }


def _reveals(item: QueueItem, user: Any, now: datetime) -> Question:
    """Ask whether the reader gave a reason to see a restricted patient's name, and it still holds."""
    return how_many(Reveal.objects.filter(patient=item.patient_id, person=user, at__lte=now, expires_at__gt=now), 1)


def item_pane(
    item: QueueItem, trusts: Mapping[int, ClinicTrust], *, found: Mapping[str, Any], user: Any, now: datetime
) -> Pane:
    """Open an item with the answers to ``pane_questions`` and, under ``BLOCKS``, those to ``blocks_of``.

    Nobody is looked for who could take a slot: ``candidate_cards`` does that, once somebody reads on.
    """
    revealed = [item.patient_id] if found["pane reveals"] and item.patient_id is not None else []
    beside = Beside(user.pk, found[BLOCKS], limits_from(found["pane limits"]), revealed)
    row = queue_row(item, trusts, beside, now=now)
    holds, attempts = holds_from(found["pane holds"]), found["pane attempts"]
    is_refill = item.family == Family.REFILL
    offers = offer_rows(found[OFFERS], now) if is_refill and item.is_open and not row.is_masked else []
    patient = None if is_refill or row.is_masked else item.patient
    shift = shift_words(item, found[CHANNELS], attempts, patient)
    return Pane(
        row=row,
        title=_title(row),
        aside=_aside(item, row),
        meta=_meta(item, row),
        **_judged(item, row, now),
        ruler=_ruler(item, row.zone, now) if item.is_open else None,
        opened_word=_OPENED[Family(item.family)],
        answers=answers_of(item, row, offers, now, risk_note(found[RISK], row.zone, now), shift),
        stops=_stops(row, holds),
        holds=_others(row, holds),
        channels=channels(patient, refused_from(found["pane consents"])) if patient is not None else [],
        offers=offers,
        history=history(found["pane events"]),
        attempts=tried(attempts, row.zone, now, is_masked=row.is_masked),
        promise="" if row.is_masked else promise(attempts, row.zone, now),
        pin=pin_words(item, row.zone, now),
        call=_open_call(attempts, user),
    )


def _stops(row: QueueRow, holds: Sequence[Hold]) -> list[Stop]:
    """What warns or holds, with the exceptions in the way."""
    urls = {hold.exception_id: hold.url for hold in holds}
    return [
        Stop(reason, urls.get(reason.link_id or 0, "") if reason.link_kind == "exception" else "")
        for reason in row.verdict.stops
    ]


def _others(row: QueueRow, holds: Sequence[Hold]) -> list[Hold]:
    """Open exceptions about the visit that stop another decision than this one, or none."""
    told = {reason.link_id for reason in row.verdict.stops if reason.link_kind == "exception"}
    return [hold for hold in holds if hold.exception_id not in told]


def _open_call(attempts: Sequence[Mapping[str, Any]], user: Any) -> OpenCall | None:
    """The reader's call that waits for its outcome."""
    for one in attempts:
        if one["actor_id"] == user.pk and not one["outcome"]:
            called = Patient.objects.only("given", "family").get(pk=one["patient_id"])
            at = datetime.fromisoformat(one["at"])
            return OpenCall(one["id"], at, one["value"], called.pk, patient_name(called))
    return None


def _title(row: QueueRow) -> str:
    if row.is_refill:
        return f"{row.visit}, {row.provider}" if row.provider else row.visit
    if row.is_masked:
        return "Another clinic's patient" if row.is_elsewhere else "Restricted patient"
    return row.who


def _aside(item: QueueItem, row: QueueRow) -> str:
    return f"{row.left} left" if item.is_open and row.left != "over" else "Closed" if not item.is_open else "Over"


def _meta(item: QueueItem, row: QueueRow) -> list[str]:
    patient = None if row.is_refill or row.is_masked else item.patient
    found = [item.get_family_display()]
    if patient is not None:
        found.append(patient.mrn)
        if patient.born_on is not None:
            found.append(f"Born {patient.born_on.year}")
        if patient.language:
            found.append(language_words(patient.language))
    return [*found, row.visit_note]


def _judged(item: QueueItem, row: QueueRow, now: datetime) -> dict[str, str]:
    """The verdict's tone, word and first sentence; a closed item says why it closed."""
    if not item.is_open:
        return {"tone": "idle", "word": "Closed", "sentence": f"{item.get_close_reason_display()}."}
    main = row.verdict.main
    tone = {Level.READY: "fresh", Level.WARN: "warn", Level.HELD: "held"}[row.verdict.level]
    owner = f" Owner: {main.owner}." if main.owner and main.level else ""
    return {"tone": tone, "word": VERDICT_WORDS[row.verdict.level], "sentence": f"{main.sentence}{owner}"}


def _ruler(item: QueueItem, zone: ZoneInfo, now: datetime) -> Ruler:
    is_ahead = item.family in BEHIND
    drawn = ruler(
        opened_at=item.lost_at,
        now=now,
        last_at=item.useful_until,
        starts_at=item.starts_at if is_ahead else item.useful_until,
        zone=zone,
        left=f"{span((item.useful_until - now).total_seconds())} left",
        opened=_OPENED[Family(item.family)],
    )
    if is_ahead:
        return drawn
    # A lost visit has no slot ahead: its scale ends with the chance.
    return replace(drawn, start_label="Ends", bars=[bar for bar in drawn.bars if bar.kind != "slot"])
