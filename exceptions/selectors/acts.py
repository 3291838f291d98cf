"""What a person did last, as long as it can be taken back, and what came of an act for each exception."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.web.asking import Question, rows_of, written_once
from exceptions.models import Act, IntegrationException
from exceptions.verbs import DONE
from exceptions.vocabulary import Came, Verb

LAST_ACT = "last act"


@dataclass(frozen=True, slots=True)
class LastAct:
    """The toast: "Taken." or "3 closed, 1 not." and how many seconds are left to take it back."""

    pk: int
    text: str
    seconds: int


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """What came of an act for one exception."""

    exception: IntegrationException
    is_done: bool
    sentence: str


def last_act_questions(user: Any) -> Mapping[str, Question]:
    """Ask for the person's latest act, whatever it was: "undo" never means one before it."""

    def write() -> Mapping[str, Question]:
        acts = Act.objects.filter(actor=user).order_by("-at", "-id")
        return {LAST_ACT: rows_of(acts.values("id", "verb", "asked", "done", "undo_until", "undone_at")[:1])}

    return written_once(("last act", user.pk), write)


def last_act(found: Mapping[str, Any], now: datetime) -> LastAct | None:
    """Read the answer to ``last_act_questions``; None where it cannot be taken back any more."""
    for row in found[LAST_ACT]:
        left = (datetime.fromisoformat(row["undo_until"]) - now).total_seconds()
        if left > 0 and row["done"] and row["undone_at"] is None:
            return LastAct(row["id"], act_words(row["verb"], row["asked"], row["done"]), max(int(left), 1))
    return None


def act_words(verb: str, asked: int, done: int) -> str:
    """Say how an act went: "Taken.", "Taken: 18.", "Taken: 18 of 20."."""
    word = "Taken back" if verb == Verb.UNDO else DONE[Verb(verb)]
    if asked == 1:
        return f"{word}." if done else "Not done."
    return f"{word}: {done:,} of {asked:,}." if done < asked else f"{word}: {done:,}."


def outcome_lines(act: Act, user: Any) -> list[OutcomeLine]:
    """What came of an act, what was refused first; only exceptions that the person may see now. One query."""
    visible = IntegrationException.objects.visible_to(user).listed().in_bulk([row[0] for row in act.outcomes])
    lines = [OutcomeLine(visible[row[0]], row[1] == Came.DONE, row[2]) for row in act.outcomes if row[0] in visible]
    return sorted(lines, key=lambda line: line.is_done)
