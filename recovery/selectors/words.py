"""What a row says: why now, which visit, what next. Pure over loaded rows; ``now`` and the zone are given."""

from datetime import datetime
from zoneinfo import ZoneInfo

from config.web.times import clock, relative
from recovery.models import QueueItem
from recovery.ranking import risk_words
from recovery.standing import Standing, standing
from recovery.verdict import Verdict
from recovery.vocabulary import Family, Level, NextStep
from scheduling.vocabulary import EventKind, Initiator, SetBy

_CANCELLED_BY = {
    Initiator.PATIENT: "Patient cancelled",
    Initiator.CLINIC: "Clinic cancelled",
    Initiator.SYSTEM: "Cancelled by the system",
}
# What to do about the heaviest reason of a held item.
_NEXT_WHEN_HELD = {
    "freshness": "Wait for data",
    "no_proof": "Wait for data",
    "missed_by_timer": "Ask clinic",
    "missed_before_start": "Ask clinic",
    "before_close": "After close",
    "shadow": "Look only",
    "observing": "Look only",
    "no_contact": "Find a number",
    "opted_out": "Leave be",
    "died": "Leave be",
    "too_late": "Nothing",
}


def short_time(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """A time for a narrow cell: "10:40" today, "Wed" within six days, else "1 Dec"."""
    there, today = moment.astimezone(zone), now.astimezone(zone).date()
    days = (there.date() - today).days
    if days == 0:
        return f"{there:%H:%M}"
    return f"{there:%a}" if abs(days) <= 6 else f"{there.day} {there:%b}"


def day_and_time(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """A slot in a sentence: "10:40", "Wed 10:40", "1 Dec 10:40"."""
    there = moment.astimezone(zone)
    short = short_time(moment, zone, now)
    return short if ":" in short else f"{short} {there:%H:%M}"


def why_now(item: QueueItem, zone: ZoneInfo, now: datetime) -> tuple[str, str]:
    """Two lines: what happened, and by whose doing."""
    if item.family == Family.REFILL:
        return f"Freed {relative(item.lost_at, now)}", freed_by(item, zone, now)
    if item.family == Family.CONFIRM:
        return "May be missed", risk_words(item.risk).capitalize()
    if item.family == Family.REBOOK_MISSED:
        by = {SetBy.TIMER: "By a timer", SetBy.PERSON: "By the front desk"}
        return f"Missed {day_and_time(item.starts_at, zone, now)}", by.get(
            SetBy(item.set_by), ""
        ) if item.set_by else ""
    return "Bumped by clinic", relative(item.lost_at, now).capitalize()


def freed_by(item: QueueItem, zone: ZoneInfo, now: datetime) -> str:
    """Why the slot is free."""
    if item.cause == EventKind.RESCHEDULED:
        to = None if is_elsewhere(item) else item.appointment.starts_at
        return f"Moved to {short_time(to, zone, now)}" if to is not None and to != item.starts_at else "Moved away"
    if item.cause == EventKind.BUMPED:
        return "Bumped by clinic"
    if item.cause == EventKind.DELETED:
        return "Entered in error"
    return _CANCELLED_BY.get(Initiator(item.initiator), "Cancelled") if item.initiator else "Cancelled"


def is_elsewhere(item: QueueItem) -> bool:
    """Whether the visit behind the item is outside its reader's scope by now, so that nothing of it may be told.

    Read from ``QueueItemQuerySet.with_sight``; an item fetched without it tells nothing.
    """
    return not getattr(item, "sees_visit", False)


def visit_name(item: QueueItem) -> str:
    """The kind of visit; the code where the feed gave no name for this very kind."""
    visit = item.appointment
    name = visit.visit_type_name if visit.visit_type == item.visit_type else None
    return name or item.visit_type or "Visit"


def provider_name(item: QueueItem) -> str:
    """Whose slot it is; the resource's code where the visit has moved to somebody else since."""
    visit = item.appointment
    name = visit.provider_name if visit.resource == item.resource else None
    return name or item.resource or ""


def standing_of(item: QueueItem, me: int | None, now: datetime) -> Standing:
    """Where the work on a stored item stands for a person."""
    return standing(
        me=me,
        claimed_by=item.claimed_by_id,
        claimed_until=item.claimed_until,
        next_step=item.next_step,
        not_before=item.not_before,
        now=now,
    )


def next_step(item: QueueItem, verdict: Verdict, stands: Standing, zone: ZoneInfo, now: datetime) -> str:
    """What the row asks for, with its time where it has one; of one that closed under its reader's eyes nothing."""
    if not item.is_open:
        return "Closed"
    if verdict.level == Level.HELD:
        return _NEXT_WHEN_HELD.get(verdict.main.code, "Ask owner")
    if stands == Standing.RESTING and item.not_before is not None:
        at = day_and_time(item.not_before, zone, now)
        return f"Call back {at}" if item.next_step == NextStep.CALL_BACK else f"Rests until {at}"
    if stands == Standing.DUE:
        return f"Call back, due {day_and_time(item.not_before, zone, now)}" if item.not_before else "Call back"
    # "Try again" has come, "another way" is shown by the ways: what is asked for now is a call.
    if item.next_step and item.next_step not in (NextStep.TRY_AGAIN, NextStep.CALL_BACK):
        return NextStep(item.next_step).label
    return "Choose who" if item.family == Family.REFILL else "Call now"


def holder_words(item: QueueItem, stands: Standing, zone: ZoneInfo, now: datetime) -> str:
    """Who works on it: "Omar, since 10:40", "You, until 10:51"; "" for nobody."""
    if stands == Standing.MINE and item.claimed_until is not None:
        return f"You, until {short_time(item.claimed_until, zone, now)}"
    if stands == Standing.TAKEN and item.claimed_at is not None:
        return f"{item.claimed_by}, since {day_and_time(item.claimed_at, zone, now)}"
    return ""


def pin_words(item: QueueItem, zone: ZoneInfo, now: datetime) -> str:
    """Why it stands before all others, and until when; "" where no pin is in force."""
    if item.pinned_until is None or item.pinned_until <= now:
        return ""
    return f"{item.pin_reason} ({item.pinned_by}, until {clock(item.pinned_until, zone, now)})"
