"""One item to work through its pages: the desk, the clock, a person who posts verbs."""

import pytest
import time_machine

from recovery.models import Attempt
from recovery.services.claims import claim_item
from tests.recovery.worked import MINUTE, make_worked
from tests.support.desk import NOW
from tests.support.desk import desk as desk  # noqa: PLC0414 - a fixture

LATER = NOW + MINUTE


@pytest.fixture
def worked(desk):
    return make_worked(desk)


@pytest.fixture
def clock():
    with time_machine.travel(LATER, tick=False) as traveller:
        yield traveller


@pytest.fixture
def page(worked, clock, signed_in):
    """Post a verb as Ruth (or somebody else), or get a page."""

    def post(verb, *, by=worked.ruth, swap=True, query="", **typed):
        item = worked.item
        address = {"next": "/recovery/next/"}.get(verb, f"/recovery/{item.pk}/{verb}/")
        headers = {"HX-Request": "true"} if swap else {}
        return signed_in(by).post(f"{address}{query}", {"version": item.version, **typed}, headers=headers)

    return post


@pytest.fixture
def claimed(worked):
    claim_item(worked.item.pk, actor=worked.ruth, version=None, now=NOW)
    return worked


@pytest.fixture
def calling(claimed, page):
    assert page("call").status_code == 200
    return Attempt.objects.get()
