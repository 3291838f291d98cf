"""What happened to an item and what was tried, in words; typed text is kept from whoever may not see the name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim

from config.web.asking import Question, rows_of
from config.web.times import clock
from recovery.models import Attempt, ItemEvent, QueueItem
from recovery.reasons import WORDINGS
from recovery.vocabulary import (
    AttemptOutcome,
    CloseReason,
    Family,
    HandReason,
    ItemEventKind,
    NextStep,
    OutreachChannel,
)
from scheduling.selectors.codes import language_words

MOST = 50
_BY_MESSAGE = {
    ItemEventKind.OPENED: "Opened by a message.",
    ItemEventKind.CHANGED: "Changed by a message.",
    ItemEventKind.CLOSED: "Closed by itself.",
}
# The guard's own acts in the past: "Call refused".
_REFUSED = {"claim": "Take", "hand_over": "Hand over", "call": "Call", "close": "Close", "reopen": "Open again"}


@dataclass(frozen=True)
class Entry:
    """One line of a history."""

    at: datetime
    text: str
    note: str = ""
    url: str = ""


def _name_of(path: str) -> Coalesce:
    """A person's name; the account's where none is on file, "" for nobody."""
    whole = NullIf(Trim(Concat(f"{path}__first_name", Value(" "), f"{path}__last_name")), Value(""))
    return Coalesce(whole, f"{path}__username", Value(""))


def events_question(item: QueueItem) -> Question:
    """Ask for the newest events of an item."""
    return rows_of(named_events(item)[:MOST])


def named_events(item: QueueItem) -> QuerySet[ItemEvent, Any]:
    """The events of an item, newest first, with the names of who did them."""
    events = item.events.order_by("-at", "-pk").annotate(who=_name_of("actor"))
    return events.values("at", "kind", "reason", "detail", "actor_id", "who", "item__family")


def attempts_question(item: QueueItem) -> Question:
    """Ask for the newest attempts of an item."""
    attempts = Attempt.objects.filter(item=item).order_by("-at", "-pk").annotate(who=_name_of("actor"))
    return rows_of(
        attempts.values(
            "id", "actor_id", "patient_id", "at", "channel", "value", "outcome", "note", "next_step", "next_at",
            "with_whom", "language", "who",
        )[:MOST]
    )  # fmt: skip


def history(events: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """What happened to the item, newest first; how calls went stands with the attempts."""
    return [
        Entry(datetime.fromisoformat(event["at"]), event_words(event), _event_note(event))
        for event in events
        if event["kind"] not in (ItemEventKind.CALLED, ItemEventKind.OUTCOME)
    ]


def event_words(event: Mapping[str, Any]) -> str:
    """One event in a sentence: "Omar took it."."""
    kind, who = ItemEventKind(event["kind"]), event["who"] or "The desk"
    if kind == ItemEventKind.OPENED and event["item__family"] == Family.CONFIRM:
        return "Opened for its risk of a miss."
    if kind in _BY_MESSAGE and event["actor_id"] is None:
        return _BY_MESSAGE[kind]
    act = _REFUSED.get(event["detail"].get("act", ""), "Act")
    words = {
        ItemEventKind.CLOSED: f"{who} closed it.",
        ItemEventKind.REOPENED: f"{who} opened it again.",
        ItemEventKind.CLAIMED: f"{who} took it.",
        ItemEventKind.RELEASED: f"{who} let go of it.",
        ItemEventKind.HANDED_OVER: f"{who} handed it over.",
        ItemEventKind.LEASE_ENDED: "The claim ran out.",
        ItemEventKind.REFUSED: f"{act} by {who} was refused.",
        ItemEventKind.CALLED: f"{who} called.",
        ItemEventKind.OUTCOME: f"{who} recorded how it went.",
        ItemEventKind.PINNED: f"{who} pinned it.",
        ItemEventKind.UNPINNED: f"{who} took the pin off.",
        ItemEventKind.REVEALED: f"{who} saw the name.",
    }
    return words.get(kind, f"{kind.label}.")


def _event_note(event: Mapping[str, Any]) -> str:
    kind, detail = event["kind"], event["detail"]
    if kind == ItemEventKind.CLOSED and "why" in detail:
        return f"{HandReason(detail['why']).label}. {detail['reason']}".strip()
    if kind == ItemEventKind.CLOSED:
        return f"{CloseReason(event['reason']).label}."
    if kind in (ItemEventKind.OPENED, ItemEventKind.CHANGED):
        words = [WORDINGS[code].sentence.format(raw=raw or "(none)") for code, _, raw in detail.get("reasons", [])]
        return " ".join(words)
    return str(detail.get("reason", ""))


def tried(attempts: Iterable[Mapping[str, Any]], zone: ZoneInfo, now: datetime, *, is_masked: bool) -> list[Entry]:
    """Each attempt with how it went and what follows."""
    return [
        Entry(datetime.fromisoformat(one["at"]), _attempt_words(one), _attempt_note(one, zone, now, is_masked))
        for one in attempts
    ]


def _attempt_words(one: Mapping[str, Any]) -> str:
    by = f" by {one['who']}" if one["who"] else ""
    went = AttemptOutcome(one["outcome"]).label.lower() if one["outcome"] else "no outcome yet"
    return f"{OutreachChannel(one['channel']).label}{by}: {went}."


def _attempt_note(one: Mapping[str, Any], zone: ZoneInfo, now: datetime, is_masked: bool) -> str:  # noqa: FBT001
    step = NextStep(one["next_step"]).label if one["next_step"] else ""
    at = f" {clock(datetime.fromisoformat(one['next_at']), zone, now)}" if one["next_at"] else ""
    typed = "" if is_masked else one["note"]
    return " ".join(words for words in (f"{step}{at}." if step else "", typed) if words)


def promise(attempts: Iterable[Mapping[str, Any]], zone: ZoneInfo, now: datetime) -> str:
    """What the newest attempt promised: "Call back 14:00 CST: ask for Maria, in Spanish."; "" where it did not."""
    newest = next(iter(attempts), None)
    if newest is None or newest["next_step"] != NextStep.CALL_BACK or not newest["next_at"]:
        return ""
    wishes = [f"ask for {newest['with_whom']}" if newest["with_whom"] else "", _in(newest["language"])]
    said = ", ".join(wish for wish in wishes if wish)
    at = clock(datetime.fromisoformat(newest["next_at"]), zone, now)
    who = f" {newest['who']} promised it." if newest["who"] else ""
    return f"Call back {at}{f': {said}' if said else ''}.{who}"


def _in(language: str) -> str:
    return f"in {language_words(language)}" if language else ""
