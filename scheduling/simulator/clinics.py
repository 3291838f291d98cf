"""Builds the demonstration group, and larger groups of the same kind for benchmarks and long simulations."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from typing import NamedTuple

from scheduling.simulator.codes import ELM, HARBOR, IMAGING, NORTHSIDE
from scheduling.simulator.names import PROVIDER_FAMILIES, PROVIDER_GIVEN
from scheduling.simulator.organisation import (
    CARDIOLOGY,
    CHICAGO,
    CHILDREN,
    DENVER,
    EVERY_DAY,
    IMAGES,
    NEW_YORK,
    PRIMARY,
    SKIN,
    THERAPY,
    URGENT,
    WEEK,
    ClinicPlan,
    Organisation,
    Provider,
    SourcePlan,
    VisitType,
)
from scheduling.vocabulary import FeedFormat, Transport

YEARS = (2025, 2026, 2027, 2028)
DEMO_VOLUME = 0.5  # about 20,000 messages in 60 days
DAY, LONG_DAY, ALL_DAY = (time(8), time(17)), (time(7), time(19)), (time(0), time(23, 59))
MONDAY_TO_SATURDAY = (0, 1, 2, 3, 4, 5)


class Sketch(NamedTuple):
    """What tells one clinic from the next; the rest follows from it."""

    source: str
    code: str
    name: str
    timezone: str
    types: tuple[VisitType, ...]
    hours: tuple[time, time]
    weekdays: tuple[int, ...]
    providers: int
    slot_minutes: int
    bookings_a_day: float
    trait: str = ""


SKETCHES = (
    Sketch(NORTHSIDE, "NSFM", "Northside Family Medicine", CHICAGO, PRIMARY, DAY, WEEK, 4, 20, 22),
    Sketch(NORTHSIDE, "NSCAR", "Northside Cardiology", CHICAGO, CARDIOLOGY, DAY, WEEK, 2, 30, 10),
    Sketch(NORTHSIDE, "NSIMG", "Northside Imaging", CHICAGO, IMAGES, LONG_DAY, MONDAY_TO_SATURDAY, 2, 30, 12, IMAGING),
    Sketch(NORTHSIDE, "LKUC", "Lakeview Urgent Care", CHICAGO, URGENT, ALL_DAY, EVERY_DAY, 2, 30, 14),
    Sketch(NORTHSIDE, "FRFM", "Front Range Family Medicine", DENVER, PRIMARY, DAY, WEEK, 2, 20, 12),
    Sketch(NORTHSIDE, "FRIMG", "Front Range Imaging", DENVER, IMAGES, DAY, WEEK, 1, 30, 6, IMAGING),
    Sketch(HARBOR, "HBPC", "Harbor Primary Care", NEW_YORK, PRIMARY, DAY, WEEK, 3, 20, 16),
    Sketch(HARBOR, "HBPED", "Harbor Pediatrics", NEW_YORK, CHILDREN, LONG_DAY, MONDAY_TO_SATURDAY, 2, 20, 12),
    Sketch(HARBOR, "HBDERM", "Harbor Dermatology", NEW_YORK, SKIN, DAY, WEEK, 2, 20, 9),
    Sketch(HARBOR, "DKUC", "Dockside Urgent Care", NEW_YORK, URGENT, ALL_DAY, EVERY_DAY, 2, 30, 12),
    Sketch(ELM, "ELM1", "Elm Street Physical Therapy", DENVER, THERAPY, DAY, WEEK, 2, 30, 6),
    Sketch(ELM, "ELM2", "Elm Street Skin Clinic", DENVER, SKIN, DAY, WEEK, 1, 20, 4),
)


def holidays(years: Sequence[int]) -> tuple[tuple[date, str], ...]:
    """The days on which clinics with ordinary hours are shut, in the years given."""
    days: list[tuple[date, str]] = []
    for year in years:
        days += [
            (date(year, 1, 1), "New Year's Day"),
            (_last_monday_of_may(year), "Memorial Day"),
            (date(year, 7, 4), "Independence Day"),
            (_nth_weekday(year, 9, 0, 1), "Labor Day"),
            (_nth_weekday(year, 11, 3, 4), "Thanksgiving"),
            (date(year, 12, 25), "Christmas Day"),
        ]
    return tuple(days)


def _nth_weekday(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())


def demo_organisation(years: Sequence[int] = YEARS) -> Organisation:
    """Three sources of different habits with twelve clinics in three zones; holidays for the years given."""
    return group_of(len(SKETCHES), volume=DEMO_VOLUME, years=years)


def group_of(clinics: int, *, volume: float = 1.0, years: Sequence[int] = YEARS) -> Organisation:
    """A group of any size made of the same kinds of clinics; ``volume`` scales bookings a day."""
    plans = []
    for number in range(clinics):
        turn, sketch = divmod(number, len(SKETCHES))[0], SKETCHES[number % len(SKETCHES)]
        if turn:
            sketch = sketch._replace(code=f"{sketch.code}{turn + 1}", name=f"{sketch.name} {turn + 1}")
        plan = _clinic(sketch, number, years)
        plans.append(replace(plan, bookings_a_day=plan.bookings_a_day * volume))
    return organisation_of(plans)


def organisation_of(plans: Sequence[ClinicPlan]) -> Organisation:
    """The group that has just these clinics; a source without a clinic is left out."""

    def of(source: str) -> tuple[ClinicPlan, ...]:
        return tuple(plan for plan in plans if plan.source == source)

    sources = (
        SourcePlan(
            NORTHSIDE, "Northside EHR", CHICAGO, "northside-hl7", "Northside HL7", FeedFormat.HL7V2, Transport.MLLP,
            "NSD", "N", of(NORTHSIDE),
        ),
        SourcePlan(
            HARBOR, "Harbor PMS", NEW_YORK, "harbor-fhir", "Harbor FHIR", FeedFormat.FHIR, Transport.HTTP,
            "https://harbor.example/mrn", "H", of(HARBOR),
        ),
        SourcePlan(
            ELM, "Elm Street PMS", DENVER, "elm-nightly", "Elm Street nightly extract", FeedFormat.CSV, Transport.FILE,
            "ELM", "E", of(ELM),
        ),
    )  # fmt: skip
    return Organisation("Northfield Health", tuple(source for source in sources if source.clinics))


def _clinic(sketch: Sketch, number: int, years: Sequence[int]) -> ClinicPlan:
    plan = ClinicPlan(
        source=sketch.source,
        key=sketch.name.lower().replace(" ", "-"),
        code=sketch.code,
        name=sketch.name,
        timezone=sketch.timezone,
        opens=sketch.hours[0],
        closes=sketch.hours[1],
        weekdays=sketch.weekdays,
        visit_types=sketch.types,
        providers=tuple(_provider(sketch, number, index) for index in range(sketch.providers)),
        bookings_a_day=sketch.bookings_a_day,
        trait=sketch.trait,
    )
    return plan if plan.is_round_the_clock else replace(plan, holidays=holidays(years))


def _provider(sketch: Sketch, clinic: int, index: int) -> Provider:
    """The ``index``-th provider: a code of its own, a room, and in bigger clinics one free weekday."""
    number = clinic * 7 + index * 3
    weekdays = sketch.weekdays
    if sketch.providers > 1 and len(weekdays) < 7:
        weekdays = tuple(day for day in weekdays if day != index % 5)
    return Provider(
        code=f"{sketch.source[0].upper()}P{clinic + 1:02d}{index + 1}",
        family=PROVIDER_FAMILIES[number % len(PROVIDER_FAMILIES)],
        given=PROVIDER_GIVEN[(number * 5 + index) % len(PROVIDER_GIVEN)],
        room=f"{sketch.code}-R{index + 1}",
        slot_minutes=sketch.slot_minutes,
        weekdays=weekdays,
        starts=sketch.hours[0],
        ends=sketch.hours[1],
    )
