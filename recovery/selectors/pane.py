"""One item, opened: verdict, ruler, four answers, contact, who else, history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from config.web.asking import Question, rows_of
from config.web.svg import Ruler, ruler
from config.web.times import both, clock, span
from recovery.decisions import LEAST_NOTICE
from recovery.models import QueueItem
from recovery.ranking import Weight, band, explain
from recovery.reasons import WORDINGS
from recovery.selectors.candidates import Candidates, candidates_for
from recovery.selectors.contacts import Channel, channels, consents_question, refused_from
from recovery.selectors.holds import Hold, holds_from, holds_question
from recovery.selectors.rows import VERDICT_WORDS, QueueRow, queue_row
from recovery.selectors.words import day_and_time, freed_by, provider_name, visit_name
from recovery.trust import ClinicTrust
from recovery.vocabulary import CloseReason, Family, ItemEventKind, Level
from scheduling.selectors.codes import language_words


@dataclass(frozen=True)
class Answer:
    """One of the four questions."""

    label: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class Entry:
    """One line of the history."""

    at: datetime
    text: str
    note: str = ""
    url: str = ""


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
    holds: list[Hold] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    candidates: Candidates | None = None
    history: list[Entry] = field(default_factory=list)

    @property
    def item(self) -> QueueItem:
        """The row behind it."""
        return self.row.item

    @property
    def patient_ids(self) -> list[int]:
        """Everyone whose name is shown, for the audit trail."""
        shown = [one.patient_id for one in self.candidates.fitting] if self.candidates else []
        return sorted({*shown, *([self.row.patient_id] if self.row.patient_id else [])})


def pane_questions(item: QueueItem, user: Any) -> dict[str, Question]:
    """What the pane needs beside the item and the people who could come, under names of its own."""
    events = item.events.order_by("-at", "-pk").values("at", "kind", "reason", "detail")
    return {
        "pane holds": holds_question(item.appointment_id, user),
        "pane events": rows_of(events),
        "pane consents": consents_question(None if item.family == Family.REFILL else item.patient),
    }


def item_pane(
    item: QueueItem, trusts: Mapping[int, ClinicTrust], *, found: Mapping[str, Any], user: Any, now: datetime
) -> Pane:
    """Open an item with the answers to ``pane_questions``; one query for a slot to refill, else none."""
    row = queue_row(item, trusts, now=now)
    is_refill = item.family == Family.REFILL
    candidates = candidates_for(item, user, now) if is_refill and item.is_open and not row.is_masked else None
    patient = None if is_refill or row.is_masked else item.patient
    return Pane(
        row=row,
        title=_title(row),
        aside=_aside(item, row),
        meta=_meta(item, row),
        **_judged(item, row, now),
        ruler=_ruler(item, row.zone, now) if item.is_open else None,
        opened_word="Freed" if is_refill else "Lost",
        answers=_answers(item, row, candidates, now),
        holds=holds_from(found["pane holds"]),
        channels=channels(patient, refused_from(found["pane consents"])) if patient is not None else [],
        candidates=candidates,
        history=_history(found["pane events"]),
    )


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
    is_refill = item.family == Family.REFILL
    drawn = ruler(
        opened_at=item.lost_at,
        now=now,
        last_at=item.useful_until,
        starts_at=item.starts_at if is_refill else item.useful_until,
        zone=zone,
        left=f"{span((item.useful_until - now).total_seconds())} left",
        opened="Freed" if is_refill else "Lost",
    )
    if is_refill:
        return drawn
    # A lost visit has no slot ahead: its scale ends with the chance.
    return replace(drawn, start_label="Ends", bars=[bar for bar in drawn.bars if bar.kind != "slot"])


def _answers(item: QueueItem, row: QueueRow, candidates: Candidates | None, now: datetime) -> list[Answer]:
    weight = Weight(item.value, item.reach, item.risk)
    found = [
        _why(item, row, now),
        _do(item, row, candidates),
        Answer("Chance ends", both(item.useful_until, row.zone, now), _ends_note(item, row.zone, now)),
    ]
    if item.is_open:
        family = Family(item.family)
        place = band(family, useful_until=item.useful_until, lost_at=item.lost_at, now=now)
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


def _do(item: QueueItem, row: QueueRow, candidates: Candidates | None) -> Answer:
    if not item.is_open:
        return Answer("Do this", "Nothing. It closed by itself.")
    if row.is_held:
        return Answer("Do this", f"{row.next_step}.", "The row opens by itself when the reason goes away.")
    if row.is_masked:
        return Answer("Do this", "Ask a supervisor.", "This desk shows nobody the name yet.")
    if not row.is_refill:
        return Answer("Do this", "Call and offer a new time.")
    if candidates is None or not candidates.fitting:
        return Answer("Do this", "Nobody with a later visit fits. Offer it to a new request.")
    days = candidates.fitting[0].days_sooner
    return Answer("Do this", f"Offer it to {candidates.fitting[0].name}, {days} days sooner.")


def _ends_note(item: QueueItem, zone: ZoneInfo, now: datetime) -> str:
    if item.family == Family.REFILL:
        minutes = int(LEAST_NOTICE.total_seconds()) // 60
        return f"{minutes} min to travel and check in before {day_and_time(item.starts_at, zone, now)}."
    since = "the missed visit" if item.family == Family.REBOOK_MISSED else "the clinic gave it up"
    return f"30 days after {since}."


def _history(events: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """What happened to the item, newest first."""
    return [
        Entry(
            datetime.fromisoformat(event["at"]),
            _event_words(event["kind"]),
            _event_note(event["kind"], event["reason"], event["detail"]),
        )
        for event in events
    ]


def _event_words(kind: str) -> str:
    return {
        ItemEventKind.OPENED: "Opened by a message.",
        ItemEventKind.CHANGED: "Changed by a message.",
        ItemEventKind.CLOSED: "Closed by itself.",
    }[ItemEventKind(kind)]


def _event_note(kind: str, reason: str, detail: Mapping[str, Any]) -> str:
    if kind == ItemEventKind.CLOSED:
        return f"{CloseReason(reason).label}."
    words = [WORDINGS[code].sentence.format(raw=raw or "(none)") for code, _, raw in detail.get("reasons", [])]
    return " ".join(words) if words else ""
