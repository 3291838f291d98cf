"""Routing rules and their patterns. No database."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exceptions.patterns import compiled
from exceptions.routing import By, Item, Routed, Rule, World, route_item, without_rules

ITEM = Item("unmapped_status", "mapping", 1, source=10, clinic=20, feed=30, raw="S15 ZZ9", default_team="mapping")
MAPPING, IMAGING, ACCESS, CATCH_ALL, EMPTY = 1, 2, 3, 9, 8
MILO, GONE = 100, 101


def world(*rules, feed_teams=None, catch_all=CATCH_ALL):
    return World(
        rules,
        feed_teams or {},
        {"mapping": MAPPING},
        catch_all,
        staffed=frozenset({MAPPING, IMAGING, ACCESS}),
        active=frozenset({MILO}),
    )


def rule(pk=1, team=IMAGING, **conditions):
    return Rule(pk, 3, f"Rule {pk}", team, **conditions)


def words_of(conditions):
    """Name a case by its conditions, sets in order: two workers collect the same names whatever their hash seed."""
    named = [
        f"{name} {' or '.join(map(str, sorted(value)))}" if isinstance(value, frozenset) else f"{name} {value}"
        for name, value in conditions.items()
    ]
    return ", ".join(named) or "none"


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, True),
        ({"checks": frozenset({"unmapped_status"})}, True),
        ({"checks": frozenset({"late_event"})}, False),
        ({"families": frozenset({"order", "mapping"})}, True),
        ({"families": frozenset({"order"})}, False),
        ({"severities": frozenset({1})}, True),
        ({"severities": frozenset({2, 3})}, False),
        ({"source": 10}, True),
        ({"source": 11}, False),
        ({"clinic": 20}, True),
        ({"clinic": 21}, False),
        ({"feed": 30}, True),
        ({"feed": 31}, False),
        ({"pattern": "ZZ"}, True),
        ({"pattern": "^ZZ"}, False),
        ({"checks": frozenset({"unmapped_status"}), "source": 11}, False),
    ],
    ids=lambda value: words_of(value) if isinstance(value, dict) else "",
)
def test_rule_fits_where_every_condition_does(conditions, fits):
    routed = route_item(ITEM, world(rule(**conditions)))

    assert routed == (Routed(IMAGING, None, By.RULE, rule(**conditions)) if fits else Routed(MAPPING, None, By.CHECK))


def test_condition_on_a_clinic_does_not_fit_an_item_without_one():
    assert route_item(ITEM._replace(clinic=None), world(rule(clinic=20))).by == By.CHECK


def test_first_rule_that_fits_decides():
    rules = (rule(1, source=11), rule(2, ACCESS, person=MILO), rule(3))

    assert route_item(ITEM, world(*rules)) == Routed(ACCESS, MILO, By.RULE, rules[1])


@pytest.mark.parametrize(
    ("feed_teams", "item", "catch_all", "routed"),
    [
        ({30: IMAGING}, ITEM, CATCH_ALL, Routed(IMAGING, None, By.FEED)),
        ({31: IMAGING}, ITEM, CATCH_ALL, Routed(MAPPING, None, By.CHECK)),
        ({}, ITEM._replace(default_team="it"), CATCH_ALL, Routed(CATCH_ALL, None, By.CATCH_ALL)),
        ({}, ITEM._replace(default_team="it"), None, Routed(None, None, By.CATCH_ALL)),
    ],
    ids=["the feed's team", "the check's team", "catch-all", "nobody to catch it"],
)
def test_without_a_rule(feed_teams, item, catch_all, routed):
    assert route_item(item, world(feed_teams=feed_teams, catch_all=catch_all)) == routed


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (rule(pattern="("), "The pattern cannot be read"),
        (rule(pattern="(Z+)+"), "which can take too long"),
        (rule(team=EMPTY), "no active member"),
        (rule(person=GONE), "may not sign in"),
    ],
    ids=["unreadable", "too long to run", "empty team", "person gone"],
)
def test_rule_that_fails_goes_to_the_catch_all_and_says_so(broken, problem):
    routed = route_item(ITEM, world(broken, rule(2, ACCESS), feed_teams={30: IMAGING}))

    assert (routed.team, routed.person, routed.by, routed.rule) == (CATCH_ALL, None, By.CATCH_ALL, broken)
    assert problem in routed.problem


def test_rule_that_would_fail_but_does_not_fit_harms_nobody():
    assert route_item(ITEM, world(rule(pattern="(", source=11), rule(2, ACCESS))).team == ACCESS


def test_failing_rule_without_a_catch_all_falls_back_and_still_says_so():
    routed = route_item(ITEM, world(rule(team=EMPTY), catch_all=None))

    assert (routed.team, routed.by, bool(routed.problem)) == (MAPPING, By.CHECK, True)


def test_what_is_about_rules_is_not_routed_by_rules():
    assert without_rules(ITEM, world(rule())) == Routed(MAPPING, None, By.CHECK)


@pytest.mark.parametrize(
    "pattern",
    ["ZZ9", r"^S1[25] ", r".*ZZ\d{1,3}$", "(?i)zz", "(?:AB)+C", "^S12|^S15|^A", r"\(Z+\)+", "[(*+]+", r"\d{4}", "a+?b"],
)
def test_pattern_is_fine(pattern):
    assert compiled(pattern).pattern == pattern


@pytest.mark.parametrize(
    "pattern",
    [
        "(", "a{1001001001001}", "(a+)+", "(a|b)*", "((a)*)+", "(?:a?){9}", r"(x)\1", "(?P<n>x)(?P=n)", "a+b+c+",
        "a?" * 9, "(a|b)" * 9, "Z" * 201, "a**",
    ],
)  # fmt: skip
def test_pattern_is_refused(pattern):
    with pytest.raises(ValueError, match=r"pattern|Pattern"):
        compiled(pattern)


@pytest.mark.parametrize("pattern", [r".*.*!", r"\w+\w+!", "a?" * 8 + "!", "(a|aa)" * 8 + "!"])
def test_worst_pattern_that_is_allowed_is_short_to_run(pattern):
    begun = perf_counter()

    assert compiled(pattern).search("a" * 200) is None
    assert perf_counter() - begun < 0.5


def refusal_of(pattern):
    try:
        compiled(pattern)
    except ValueError as error:
        return str(error)
    return ""


@given(st.text(alphabet="ab()[]{}|*+?.\\^$0123,<>=!:P", max_size=30))
def test_any_text_is_a_pattern_or_refused_with_a_sentence(text):
    assert refusal_of(text)[-1:] in {"", "."}
