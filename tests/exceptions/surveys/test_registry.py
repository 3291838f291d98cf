"""Who owns which check, and whether the catalogue is whole. No database."""

import json
from collections import Counter
from io import StringIO

import pytest
from django.core.management import call_command

from config.ticks import TICKS
from exceptions.catalogue import CATALOGUE
from exceptions.checks import capacity, closure, contact, duplicates, freshness, notices
from exceptions.checks.kinds import Check
from exceptions.surveys.registry import FAILED, LIMITED, SURVEYS
from exceptions.vocabulary import Family, OwnerTeam, Severity
from recovery.bookings import checks as bookings
from recovery.outreach import checks as outreach
from scheduling.vocabulary import Decision

OWNED = [check for survey in SURVEYS.values() for check in survey.checks]


def test_every_check_of_these_families_has_one_survey():
    families = (capacity, closure, contact, duplicates, freshness, notices)
    declared = {check.id for module in families for check in module.CHECKS} - {FAILED, LIMITED}
    # Of a floor above, which registers them.
    declared |= {check.id for check in (*outreach.CHECKS, *bookings.CHECKS)}

    assert Counter(check.id for check in OWNED) == Counter(declared)


def test_every_survey_has_a_tick():
    assert {tick.name for tick in TICKS if tick.name.startswith("survey_")} == {f"survey_{name}" for name in SURVEYS}


def test_catalogue_has_thirty_kinds_and_more():
    out = StringIO()

    call_command("checks", "--json", stdout=out)

    rows = json.loads(out.getvalue())
    assert len(rows) >= 30
    assert {tuple(row) for row in rows} == {("id", "title", "family", "severity", "decisions")}


@pytest.mark.parametrize("check", CATALOGUE.values(), ids=list(CATALOGUE))
def test_check_is_complete(check: Check):
    assert 0 < len(check.title) <= 40
    assert Family(check.family)
    assert Severity(check.severity)
    assert OwnerTeam(check.owner)
    assert check.blocks <= frozenset(Decision)
    assert min(len(check.happened), len(check.advice)) > 20
    sentences = (check.happened + " " + check.advice).replace("? ", ". ").split(". ")
    assert [sentence for sentence in sentences if len(sentence.split()) > 22] == []


@pytest.mark.parametrize("check", OWNED, ids=[check.id for check in OWNED])
def test_finding_of_a_survey_holds_no_visit(check: Check):
    """What only a survey sees may be a minute old, so it never is what stands between a batch and a decision (I4)."""
    assert not check.is_hold
