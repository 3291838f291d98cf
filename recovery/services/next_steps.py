"""What every attempt leaves behind: what the guard saw, and the item's next step by the clinic's limits."""

from dataclasses import dataclass
from datetime import datetime

from recovery.models import QueueItem
from recovery.outcomes import AGAIN, PASSED_ON, SETTLED, Follows, step_after
from recovery.services.guard import Guarded
from recovery.services.read_policies import read_tries_in_force
from recovery.vocabulary import AttemptOutcome, Family, NextStep


@dataclass(frozen=True, slots=True)
class Told:
    """How an attempt went, as the person says it. ``at`` is the moment of a call back or of the next try."""

    outcome: AttemptOutcome
    next_step: NextStep
    note: str = ""
    at: datetime | None = None
    with_whom: str = ""
    language: str = ""


def seen(found: Guarded, now: datetime) -> dict[str, object]:
    """What the guard saw, to be kept with the attempt; codes and seconds, nothing about the patient."""
    age = found.trust.age(now) if found.trust is not None else None
    feed = found.trust.feed if found.trust is not None else None
    return {
        "level": int(found.verdict.level),
        "codes": [reason.code for reason in found.verdict.stops],
        "data_age": round(age.total_seconds()) if age is not None else None,
        "feed": feed.feed_id if feed is not None else None,
    }


def move_on(item: QueueItem, told: Told, follows: Follows, now: datetime) -> NextStep:
    """Write the next step on the item; whoever passes it on or has nothing more to do lets go of it.

    Returns that step: another than was told where the item was tried as often as its clinic allows.
    """
    tries = read_tries_in_force(item.clinic_id, Family(item.family), now)
    item.tries += follows.is_try
    item.next_step = step_after(Family(item.family), told.next_step, tries._replace(used=item.tries))
    item.not_before = told.at or (now + tries.rest if told.next_step in AGAIN else None)
    item.version += 1
    if item.next_step in PASSED_ON | SETTLED or item.not_before is not None:
        item.claimed_by = item.claimed_at = item.claimed_until = None
    item.save(
        update_fields=[
            "next_step", "not_before", "tries", "version", "claimed_by", "claimed_at", "claimed_until",
        ]
    )  # fmt: skip
    return NextStep(item.next_step)
