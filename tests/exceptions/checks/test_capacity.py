"""Visits against each other and against the template, also in the hour that the clocks repeat. No database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exceptions.checks.capacity import StandingVisit, TemplateStretch, find

NINE = datetime(2026, 11, 24, 15, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def visit(number: int, starts_at: datetime, minutes: int = 30, **changed: Any) -> StandingVisit:
    facts: dict[str, Any] = {
        "appointment_id": number, "source_id": 2, "clinic_id": 5, "resource": "LIU", "starts_at": starts_at,
        "minutes": minutes, "booked_at": NINE - number * DAY, "resource_day": 77,
    }  # fmt: skip
    return StandingVisit(**facts | changed)


def stretch(starts_at: datetime, minutes: int = 30, status: str = "open", **changed: Any) -> TemplateStretch:
    return TemplateStretch(2, "LIU", starts_at, minutes, status, 77)._replace(**changed)


def found(visits: list[StandingVisit], template: list[TemplateStretch]) -> list[tuple[str, str, int]]:
    return sorted((finding.check, finding.raw, finding.subject_id) for finding in find(visits, template))


FULL_DAY = [stretch(NINE + number * 30 * MINUTE) for number in range(8)]
BOTH = [("double_booked", "", 1), ("double_booked", "", 2)]


@pytest.mark.parametrize(
    ("other", "findings"),
    [
        (visit(2, NINE + 29 * MINUTE), BOTH),
        (visit(2, NINE + 30 * MINUTE), []),
        (visit(2, NINE - 30 * MINUTE), []),
        (visit(2, NINE), BOTH),
        (visit(2, NINE, resource="OKAFOR"), []),
        (visit(2, NINE, source_id=3), []),
        (visit(2, NINE + 10 * MINUTE, minutes=0), BOTH),
        (visit(2, NINE - 10 * HOUR, minutes=601, resource_day=76), BOTH),
    ],
    ids=["one minute", "one after the other", "one before", "same time", "another provider", "another source",
         "no length", "over midnight"],
)  # fmt: skip
def test_visits_of_one_resource_collide(other, findings):
    assert found([visit(1, NINE), other], []) == findings


def test_repeated_hour_is_two_hours():
    # 01:30 CDT and 01:30 CST on the wall of 1 November.
    first, second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC), datetime(2026, 11, 1, 7, 30, tzinfo=UTC)

    assert found([visit(1, first, minutes=60), visit(2, second)], []) == []
    assert found([visit(1, first, minutes=61), visit(2, second)], []) == BOTH


def test_collision_is_as_old_as_the_later_booking():
    assert {finding.at for finding in find([visit(1, NINE), visit(2, NINE)], [])} == {NINE - DAY}


@pytest.mark.parametrize(
    ("template", "findings"),
    [
        ([stretch(NINE), stretch(NINE - 10 * MINUTE, 60)], []),
        ([stretch(NINE), stretch(NINE - 30 * MINUTE, 30)], BOTH),
        ([stretch(NINE), stretch(NINE - 10 * MINUTE, 60, "blocked")],
         [*BOTH, ("outside_template", "blocked", 1), ("outside_template", "blocked", 2)]),
    ],
    ids=["two places", "one place", "one is blocked"],
)  # fmt: skip
def test_template_with_two_places_allows_two_visits(template, findings):
    assert found([visit(1, NINE), visit(2, NINE)], template) == findings


@pytest.mark.parametrize(
    ("starts_at", "template", "findings"),
    [
        (NINE + 3 * HOUR, FULL_DAY, []),
        (NINE + 4 * HOUR - MINUTE, FULL_DAY, []),
        (NINE + 4 * HOUR, FULL_DAY, [("outside_template", "no slot", 1)]),
        (NINE - HOUR, FULL_DAY, [("outside_template", "no slot", 1)]),
        (NINE - HOUR, FULL_DAY[1:], []),
        (NINE - HOUR, [stretch(NINE, 240)], []),
        (NINE - HOUR, [each._replace(resource_day=78) for each in FULL_DAY], []),
        (NINE - HOUR, [], []),
        (NINE, [stretch(NINE - HOUR, 60, "blocked")], []),
        (NINE, [stretch(NINE - HOUR, 61, "blocked")], [("outside_template", "blocked", 1)]),
        (NINE, [stretch(NINE, 30, "held"), *FULL_DAY[1:]], []),
    ],
    ids=["in a slot", "last minute", "after the last", "before the first", "too little stated", "one long stretch",
         "another day", "no template", "block ends", "block reaches in", "held is a place"],
)  # fmt: skip
def test_visit_is_outside_where_the_template_has_no_place(starts_at, template, findings):
    assert found([visit(1, starts_at)], template) == findings
