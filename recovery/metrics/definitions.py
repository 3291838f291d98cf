"""Every number of the results page, defined once: what counts, of what, who is left out, how it is rounded. Pure.

The page, its exports and docs/metrics.md say these words; a test keeps the document equal.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple

from recovery.metrics.causes import Cause
from recovery.vocabulary import Family

NOTICE = timedelta(hours=4)
NOTICES = (1, 4, 24, 72)  # hours a person may choose from
BUSINESS_DAYS = 5
PERCENT = "Whole percent from 20 cases on; below, the counts."
QUARTILES = "Median and middle half, from 5 cases on."
SLOTS, EMPTY, LOST = "Freed slots", "Why slots stayed empty", "Lost visits rebooked"
LEADS, WORK = "Missed visits, by how long they were booked ahead", "Work"
SLOT_OUT = (
    "Slots that have not started, or were given back after their start or before the source was connected; "
    "a slot freed twice counts once, by the last time."
)
LOST_OUT = (
    "Visits whose days to rebook are not over; patients who died or want no outreach; "
    "visits rebooked by one whose booking time the source does not say."
)


class Definition(NamedTuple):
    """One number. ``counts`` is the part, ``of`` the whole; ``families`` are the kinds of work it belongs to."""

    id: str
    group: str
    label: str
    counts: str
    of: str
    out: str
    unit: str = "share"
    rounding: str = PERCENT
    families: tuple[Family, ...] = (Family.REFILL,)
    exceptions: str = ""  # the query of the exceptions behind it, where there are such


def _slots() -> Iterator[Definition]:
    noticed = "Slots given back with the chosen notice or more (by the source's clock) that have started."
    ended = "a visit in the slot {}."
    for key, label, how in (
        ("completed", "Filled and completed", "that the source says was completed"),
        ("taken", "Taken by somebody", "that stands, was completed or was missed"),
        ("taken_missed", "Taken, then missed", "that was missed or left unseen, and none that was completed"),
        ("taken_unknown", "Taken, no outcome yet", "that the source has not closed; it is never counted as completed"),
    ):
        yield Definition(f"slots_{key}", SLOTS, label, f"Of these, those with {ended.format(how)}", noticed, SLOT_OUT)
    timed = "Of the slots above, those taken whose moment of filling is known."
    late = f"{SLOT_OUT} Slots whose filling the source dates before they were freed."
    filled = "an offer's yes, else the booking by the source's clock, else when we heard of it."
    for key, label, how in (
        ("to_fill", "Time to fill", f"From given back (source's clock) to filled: {filled}"),
        ("feed_lag", "of it, until we heard", "From given back (source's clock) to when the message reached us."),
        ("own", "of it, after we heard", f"From when the message reached us to filled: {filled}"),
    ):
        yield Definition(f"time_{key}", SLOTS, label, how, timed, late, "min", QUARTILES)
    yield Definition(
        "days_sooner", SLOTS, "Days sooner",
        "Days between the slot and the visit that the patient had before, in the clinic's calendar.",
        "Offers that the source booked, of slots that have started.",
        "People without a visit of their own before.", "days", QUARTILES,
    )  # fmt: skip


_CAUSES: Mapping[Cause, tuple[str, str, str]] = {
    Cause.TOO_LATE: ("Given back too late", "it was given back less than 35 min before its start", ""),
    Cause.TEMPLATE: ("Closed by the template", "the provider's template closed it", ""),
    Cause.HEARD_LATE: (
        "We heard too late", "it was given back in time, but the message came after the last useful moment",
        "?kind=late_for_decision",
    ),
    Cause.NOT_LIVE: ("Clinic not live", "refills were not live at the clinic when the chance ended", ""),
    Cause.NOT_BOOKED: ("Accepted, not booked", "somebody said yes, and no booking came from the EHR", ""),
    Cause.NO_ANSWER: ("No answer in time", "somebody was asked and did not answer in time", ""),
    Cause.DECLINED: ("Not wanted", "everybody who answered said no", ""),
    Cause.UNREACHABLE: (
        "Nobody could be reached", "numbers were wrong, or nobody who fits may be contacted then", "?kind=no_contact",
    ),
    Cause.BY_HAND: ("Closed by hand", "a person closed the chance", ""),
    Cause.STALE_DATA: (
        "Data too old", "an act was refused for old data, or a feed was silent or behind as the chance ended",
        "?kind=silent_feed",
    ),
    Cause.BLOCKED: ("Held or blocked", "doubt about the visit, or an exception, was in the way", "?blocks=refill_24h"),
    Cause.NOBODY_FITS: (
        "Nobody to ask", "nobody waited for its visit type, and nobody had one of that type 2 to 90 days later", "",
    ),
    Cause.NOT_WORKED: ("Not worked in time", "none of the above: it was open, and nobody was asked", ""),
}  # fmt: skip


def _causes() -> Iterator[Definition]:
    started = "Freed slots that have started, whatever their notice."
    yield Definition("slots_lost", EMPTY, "Stayed empty", "Of these, those that nobody took.", started, SLOT_OUT)
    for cause, (label, why, exceptions) in _CAUSES.items():
        counts = f"Of these, those where {why}; the first cause that holds, in this order."
        yield Definition(
            f"lost_{cause}", EMPTY, label, counts, "Slots that stayed empty.", SLOT_OUT, exceptions=exceptions
        )


def _rebooked() -> Iterator[Definition]:
    taken = "a visit that takes its place (same clinic or type, later, or booked after the loss) stands or was kept"
    for key, label, family, days in (
        ("missed_7", "Missed, rebooked within 7 days", Family.REBOOK_MISSED, "7 days of the visit"),
        ("missed_30", "Missed, rebooked within 30 days", Family.REBOOK_MISSED, "30 days of the visit"),
        (
            "bumped_5", "Bumped, rebooked within 5 business days", Family.REBOOK_BUMPED,
            "5 business days of the clinic after the bump",
        ),
    ):  # fmt: skip
        what = "Missed" if family == Family.REBOOK_MISSED else "Bumped"
        counts = f"Of these, those for which {taken}, booked within {days}."
        yield Definition(key, LOST, label, counts, f"{what} visits of the period.", LOST_OUT, families=(family,))


LEAD_BANDS: tuple[tuple[str, str, int], ...] = (
    ("same_day", "Same day", 0),
    ("week", "1 to 6 days", 6),
    ("fortnight", "7 to 13 days", 13),
    ("month", "14 to 29 days", 29),
    ("longer", "30 days or more", 100_000),
)


def _leads() -> Iterator[Definition]:
    for key, label, _ in LEAD_BANDS:
        yield Definition(
            f"lead_{key}", LEADS, label,
            "Of these, those missed, or cancelled for a reason that counts as missed.",
            "Completed or missed visits of the period, by days from booking to start in the clinic's calendar.",
            "Visits without an outcome yet, cancelled ones, and those whose booking the source does not date.",
            families=tuple(Family),
        )  # fmt: skip


def _work() -> Iterator[Definition]:
    for family in Family:
        chances = f'Chances "{family.label}" of the period.'
        yield Definition(
            f"yield_{family}", WORK, family.label,
            "Found: in the queue. Acted on: somebody was tried or asked. Completed: acted on, and the visit kept.",
            chances, "Tries that never left the desk.", "chances", "Counts, never a percent.", (family,),
        )  # fmt: skip
        yield Definition(
            f"contacts_{family}", WORK, f"Contacts per completed visit, {family.label.lower()}",
            "Calls, texts and e-mails about these chances, wherever they led.",
            f"Completed visits among chances that were acted on. {chances}",
            "Tries that never left the desk.", "contacts", "One decimal, from 5 visits on.", (family,),
        )  # fmt: skip


FIGURES: Mapping[str, Definition] = {
    one.id: one for group in (_slots(), _causes(), _rebooked(), _leads(), _work()) for one in group
}
