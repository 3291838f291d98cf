"""Why it is with whom it is with, in one sentence."""

import pytest

from accounts.models import Team
from config.web.asking import answers
from exceptions.models import IntegrationException, RoutingRule
from exceptions.selectors.ownership import reason_of, rule_question


@pytest.fixture
def exception(run, change, booked):
    run(change(1, booked(("unmapped_status", "S15 ZZ9"))))
    return IntegrationException.objects.select_related("owner_team", "feed").get()


@pytest.fixture
def rule(place):
    return RoutingRule.objects.create(position=1, name="Imaging first", team=place.teams["mapping"], version=3)


def routed(exception, by, team, rule=None, **more):
    exception.owner_team = team
    exception.route = {
        "rule": rule.pk if rule else None, "version": 3, "name": rule.name if rule else "", "by": by, "team": team.pk,
        "person": None, **more,
    }  # fmt: skip
    return exception


def said(exception):
    reason = reason_of(exception, answers({"rule": rule_question(exception)})["rule"])
    return reason.sentence, reason.since


def test_rule_that_chose_the_team_is_named(exception, rule, place):
    routed(exception, "rule", place.teams["mapping"], rule)

    assert said(exception) == ("Rule “Imaging first”, version 3, gives it to Mapping.", "")


@pytest.mark.parametrize(
    ("changed", "since"),
    [
        ({"version": 4}, "Rule changed since: it is version 4 now."),
        ({"is_active": False}, "Rule switched off since."),
        (None, "Rule removed since."),
    ],
    ids=["changed", "switched off", "removed"],
)
def test_rule_that_is_not_what_it_was_is_said(exception, rule, place, changed, since):
    routed(exception, "rule", place.teams["mapping"], rule)
    if changed is None:
        rule.delete()
    else:
        RoutingRule.objects.update(**changed)

    assert said(exception)[1] == since


def test_rule_that_failed_is_said(exception, rule, place):
    routed(exception, "catch_all", place.teams["it"], rule, problem="The team it names has no active member.")

    assert said(exception)[0] == "Rule “Imaging first”, version 3, could not be used, so It has it."


@pytest.mark.parametrize(
    ("by", "sentence"),
    [
        ("feed", "No rule fits, and Mapping owns the feed Lakeview."),
        ("check", "No rule fits, and mapping problems go to Mapping."),
        ("catch_all", "No rule fits, and Mapping looks after what no other team is named for."),
    ],
)
def test_fallbacks_are_told_apart(exception, place, by, sentence):
    assert said(routed(exception, by, place.teams["mapping"])) == (sentence, "")


def test_team_that_it_was_handed_to_is_no_work_of_the_rule(exception, rule, place):
    routed(exception, "rule", place.teams["mapping"], rule)
    exception.owner_team = place.teams["it"]

    assert said(exception)[0] == "It was handed over to It; see what happened before."


def test_exception_from_before_there_were_rules_says_what_it_knows(exception, place):
    exception.route = None
    exception.owner_team = place.teams["mapping"]
    by_kind = said(exception)
    exception.owner_team = Team.objects.get(is_catch_all=True)
    by_nothing = said(exception)
    exception.owner_team = None

    assert by_kind == ("Mapping problems of this kind go to Mapping.", "")
    assert by_nothing == ("Everything else looks after what no other team is named for.", "")
    assert said(exception) == ("No team owns it.", "")
