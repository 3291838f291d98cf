"""The splits of the list: what each keeps, and one query that counts them all, exactly."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count as CountOf
from django.db.models import Q, Value
from django.http import HttpRequest

from accounts.scope import grants_of
from config.web.asking import Question, rows_of, written_once
from config.web.menus import Split, splits
from config.web.paging import Count
from exceptions.filters import filtered, is_filtered
from exceptions.models import IntegrationException
from exceptions.querysets import blocking_q, due_q, firing_q, in_state_q, mine_q, nobodys_q, team_q, unresolved_q
from exceptions.vocabulary import State

SOON = timedelta(hours=1)
CLOSED = "closed"
LABELS = [
    ("blocking", "Blocking now"),
    ("mine", "Mine"),
    ("team", "My team"),
    ("nobody", "Nobody's"),
    ("due", "Due in 1 h"),
    ("cleared", "Cleared unseen"),
    ("firing", "Muted but firing"),
    ("", "All"),
    (CLOSED, "Closed"),
]
# What is closed grows for ever, and its number helps nobody: that split shows none.
COUNTED = [(key, label) for key, label in LABELS if key != CLOSED]
COUNTS = "counts of splits"  # the name of the question, where it is asked along with other things
# Stands for "an hour from now" while the question is written down, once for all moments.
_AN_HOUR_ON = datetime(9999, 12, 31, tzinfo=UTC)


def split_q(split: str, user: Any, now: datetime) -> Q:
    """Return what a split keeps; a word that is none of them keeps all that is not closed."""
    return _kept_q(split, user, now + SOON)


def _kept_q(split: str, user: Any, soon: datetime) -> Q:
    if split == "team":
        return team_q(user)
    if split == "mine":
        return mine_q(user)
    kept = {
        "blocking": blocking_q(),
        "nobody": nobodys_q(),
        "due": due_q(soon),
        "cleared": in_state_q(State.CLEARED_UNSEEN),
        "firing": firing_q(),
        CLOSED: in_state_q(State.RESOLVED),
    }
    return kept.get(split, unresolved_q())


def split_questions(request: HttpRequest, now: datetime) -> Mapping[str, Question]:
    """Ask how many each split holds of what the toolbar leaves to the person: one pass over what is open."""
    user = request.user

    def write() -> Mapping[str, Question]:
        kept = filtered(request, IntegrationException.objects.visible_to(user)).unresolved().order_by()
        counts = {
            # Of the severity, which is never null and stands in the index.
            _column(key): CountOf("severity", filter=_kept_q(key, user, _AN_HOUR_ON) if key else None)
            for key, _ in COUNTED
        }
        # Grouped by a constant, so by nothing: one row.
        counted = kept.annotate(one=Value(1)).values("one").annotate(**counts).values(*counts)
        return {COUNTS: rows_of(counted)}

    if is_filtered(request):
        question = write()[COUNTS]
    else:
        question = written_once(("exceptions by split", user.pk, grants_of(user)), write)[COUNTS]
    params = tuple(now + SOON if value == _AN_HOUR_ON else value for value in question.params)
    return {COUNTS: replace(question, params=params)}


def split_counts(found: Mapping[str, Any]) -> dict[str, Count]:
    """Read the answer to ``split_questions``, by split; whoever may see nothing has a zero everywhere."""
    row: Mapping[str, int] = next(iter(found[COUNTS]), {})
    return {key: Count(row.get(_column(key), 0)) for key, _ in COUNTED}


def splits_for(request: HttpRequest, counts: Mapping[str, Count]) -> list[Split]:
    """The ways to cut the list, as links with their counts."""
    return splits(request, LABELS, counts=dict(counts))


def _column(key: str) -> str:
    return f"in_{key or 'all'}"
