"""Results are asked for with the clinics and days in hand, as the page does."""

from datetime import timedelta

import pytest

from recovery.metrics.periods import Period
from recovery.selectors.results_scope import Place, Scope
from recovery.vocabulary import Family
from tests.support.desk import DAY, NOW


def scope_of(clinics, *, now=NOW + 5 * DAY, first=NOW - 35 * DAY, last=None, families=tuple(Family), **more) -> Scope:
    """These clinics, from five weeks before the tests' now to the moment of counting."""
    places = {clinic.pk: Place(clinic.pk, clinic.name, clinic.zone) for clinic in clinics}
    return Scope(places, Period(first.date(), (last or now).date()), now, families, **more)


@pytest.fixture
def scope(desk):
    """``scope(now=...)``: both clinics of the desk."""

    def make(**more):
        return scope_of(desk.clinics.values(), **more)

    return make


@pytest.fixture
def hours():
    """``hours(4)`` as a length of time."""
    return lambda number: timedelta(hours=number)
