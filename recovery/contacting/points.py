"""Which number or address a channel would use, on which day, and within which hours. Pure."""

from datetime import date, datetime

from recovery.contacting.facts import Ask, ContactHours, Person, Point
from recovery.contacting.hours import narrowed
from recovery.contacting.law import Law, law_of
from recovery.vocabulary import Mark, OutreachChannel


def today_of(person: Person, ask: Ask, now: datetime) -> date:
    """The day it is where the person lives; the clinic's where nobody says."""
    return now.astimezone(person.zone or ask.clinic_zone).date()


def best_point(person: Person, channel: OutreachChannel, today: date) -> Point | None:
    """The number or address a channel would use: proven first, then mobiles, then by rank; None where there is none.

    ``today`` is the person's own day: what ended yesterday where they live is not used any more.
    """
    usable = [
        point
        for point in points_of(person, channel)
        if point.use != "old" and point.mark != Mark.WRONG and (point.ends_on is None or point.ends_on >= today)
    ]
    return min(usable, key=_preference, default=None)


def points_of(person: Person, channel: OutreachChannel) -> list[Point]:
    """Every way on file that a channel could use: texts go to mobiles only."""
    if channel == OutreachChannel.EMAIL:
        return [point for point in person.points if point.system == "email"]
    phones = [point for point in person.points if point.system == "phone"]
    return [point for point in phones if point.use == "mobile"] if channel == OutreachChannel.TEXT else phones


def law_for(person: Person, ask: Ask, channel: OutreachChannel, now: datetime) -> Law | None:
    """The law of the place whose number a channel would use; None for an address, and without a number."""
    point = best_point(person, channel, today_of(person, ask, now))
    return law_of(point.value) if point is not None and point.system == "phone" else None


def hours_for(person: Person, ask: Ask, channel: OutreachChannel, now: datetime) -> ContactHours:
    """When a channel may be used: the clinic's hours, narrowed for a number by the law of its place."""
    law = law_for(person, ask, channel, now)
    return ask.policy.hours if law is None else narrowed(ask.policy.hours, law.hours)


def _preference(point: Point) -> tuple[bool, bool, int, str]:
    return (point.mark is None, point.use != "mobile", point.rank if point.rank is not None else 99, point.value)
