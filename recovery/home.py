"""Blocks of Today: can the data be trusted, and how much work waits."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from config.web.times import clock, span
from exceptions.models import IntegrationException
from recovery.selectors.queue import Queue
from recovery.trust import ClinicTrust
from recovery.vocabulary import Level
from scheduling.models import Appointment
from scheduling.vocabulary import Decision, LaunchMode

ASKED = (Decision.REFILL_24H, Decision.REBOOK_MISSED, Decision.CONFIRM)
MOST_PROBLEMS = 500
CACHE_NAME = "_desk_recovery_queue"
# What Today says before any clinic is launched, by whether the person sees a clinic at all.
_NOT_YET = {
    False: ("No clinic is here yet.", "An administrator adds sources, clinics and feeds, and gives roles in them."),
    True: ("No clinic is launched yet.", "What the feeds say is watched and judged here; nobody is contacted from it."),
}
_MODE_WORDS = {LaunchMode.LIVE: "live", LaunchMode.SHADOW: "shadow", LaunchMode.OBSERVING: "observing"}


@dataclass(frozen=True)
class Answer:
    """May the clinic do this today: a tone and a word."""

    tone: str
    word: str


@dataclass(frozen=True)
class TrustRow:
    """One clinic of the table."""

    trust: ClinicTrust
    mode: str
    answers: list[Answer]
    age: str
    held: int
    why: str
    url: str


@dataclass(frozen=True)
class WorkLine:
    """A count and the list behind it."""

    count: object
    label: str
    url: str
    note: str


def queue_of(request: HttpRequest) -> Queue:
    """The person's whole queue, asked once a request whatever the page's own query says."""
    kept: Queue | None = request.__dict__.get(CACHE_NAME)
    if kept is None:
        kept = Queue(request, timezone.now())
        request.__dict__[CACHE_NAME] = kept
    return kept


def headline(request: HttpRequest) -> dict[str, Any]:
    """The one big sentence: which clinics must wait, and for whom; what is missing where none is launched."""
    shown = queue_of(request)
    launched = [trust for trust in shown.trusts if _mode(trust) != LaunchMode.OBSERVING]
    if not launched:
        return {"title": _NOT_YET[bool(shown.trusts)][0], "note": _NOT_YET[bool(shown.trusts)][1]}
    return {"title": _title(launched, shown.stale, shown.now), "note": _note(shown.stale)}


def _title(launched: Sequence[ClinicTrust], stale: Sequence[ClinicTrust], now: datetime) -> str:
    if not stale:
        return "The one clinic is clear." if len(launched) == 1 else f"All {len(launched)} clinics are clear."
    first = stale[0]
    age = first.age(now)
    why = "no feed has proven itself" if age is None else f"data is {span(age.total_seconds())} old"
    others = f" and {len(stale) - 1} more" if len(stale) > 1 else ""
    clear = len(launched) - len(stale)
    are = (
        f"{clear} of {len(launched)} launched clinics {'is' if clear == 1 else 'are'} clear."
        if clear
        else "No clinic is clear."
    )
    return f"{are} {first.name}{others} must wait with refills: {why}."


def _note(stale: Sequence[ClinicTrust]) -> str:
    if not stale:
        return "Refills, rebookings and confirmations may go ahead."
    owners = sorted({trust.feed.owner for trust in stale if trust.feed is not None and trust.feed.owner})
    asked = f"Ask {', '.join(owners)}. " if owners else ""
    return f"{asked}Refills there open by themselves when messages arrive."


def trust_table(request: HttpRequest) -> dict[str, Any] | None:
    """Per clinic, those that must wait first: refill today, rebook missed, confirm, data age, visits held, why."""
    shown = queue_of(request)
    if not shown.trusts:
        return None
    held = _held_visits([trust.clinic_id for trust in shown.trusts])
    worst_first = sorted(shown.trusts, key=lambda trust: [-trust.freshness(one, shown.now) for one in ASKED])
    problems = _problems(request.user, [trust.clinic_id for trust in shown.trusts])
    return {
        "rows": [
            _trust_row(trust, held[trust.clinic_id], problems[trust.clinic_id], shown.now) for trust in worst_first
        ]
    }


def _problems(user: Any, clinic_ids: list[int]) -> defaultdict[int, list[str]]:
    """What holds visits of each clinic, the worst first: "Unmapped status (ZZ9)"; one query."""
    found = defaultdict(list)
    holding = IntegrationException.objects.visible_to(user).blocking().filter(clinic__in=clinic_ids)
    for one in holding.order_by("-live_count", "pk").only("clinic_id", "check_id", "raw")[:MOST_PROBLEMS]:
        if one.clinic_id is not None:
            found[one.clinic_id].append(f"{one.kind.title} ({one.raw})" if one.raw else one.kind.title)
    return found


def _held_visits(clinic_ids: list[int]) -> Counter[int]:
    """Visits in doubt by clinic; the index on troubles keeps this as small as the trouble is."""
    rows = (
        Appointment.objects.uncertain()
        .filter(clinic__in=clinic_ids)
        .order_by()
        .values_list("clinic_id")
        .annotate(number=Count("pk"))
    )
    return Counter({clinic_id: number for clinic_id, number in rows if clinic_id is not None})


def _trust_row(trust: ClinicTrust, held: int, problems: list[str], now: datetime) -> TrustRow:
    age = trust.age(now)
    return TrustRow(
        trust=trust,
        mode=_MODE_WORDS[_mode(trust)],
        answers=[_answer(trust.freshness(decision, now)) for decision in ASKED],
        age="none" if age is None else span(age.total_seconds()),
        held=held,
        why=_why(trust, problems, now),
        url=f"{reverse('recovery:queue')}?clinic={trust.clinic_id}",
    )


def _mode(trust: ClinicTrust) -> LaunchMode:
    return trust.mode_of(Decision.REFILL_24H)


def _answer(level: Level) -> Answer:
    return {
        Level.READY: Answer("", "Yes"),
        Level.WARN: Answer("warn", "Yes, ageing"),
        Level.HELD: Answer("held", "No"),
    }[level]


def _why(trust: ClinicTrust, problems: list[str], now: datetime) -> str:
    if trust.feed is None:
        return "No feed has proven itself yet."
    words = []
    if trust.freshness(Decision.REFILL_24H, now) != Level.READY:
        words.append(f"Nothing proven since {clock(trust.feed.proven_at, trust.zone, now)} on {trust.feed.name}.")
    if problems:
        more = len(problems) - 1
        words.append(f"{problems[0]}{f', and {more} more' if more else ''}.")
    return " ".join(words) or "Nothing stands in the way."


def work_counts(request: HttpRequest) -> dict[str, Any]:
    """How much waits in each part of the queue, each number with the list behind it."""
    shown = queue_of(request)
    address = reverse("recovery:queue")
    lines = (
        ("soon", "Ends within the hour", "the last useful call is near"),
        ("ready", "Ready to work", "nothing stands in the way"),
        ("refill", "Freed slots to refill", "who could come sooner stands beside each"),
        ("bumped", "Bumped visits to rebook", "first contact within one business day"),
        ("missed", "Missed visits to rebook", "after close of business"),
        ("confirm", "Visits to confirm", "likelier to be missed than others"),
        ("held", "Held", "each says why, and who can lift it"),
    )
    counts = shown.counts
    return {"lines": [WorkLine(counts[name], label, f"{address}?split={name}", note) for name, label, note in lines]}
