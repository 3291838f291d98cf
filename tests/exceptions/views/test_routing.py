"""Routing rules: tried before they are saved, two people at once, order, and what was tried is what happens."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import AuditEntry, Team
from accounts.vocabulary import Role
from exceptions.models import EscalationPolicy, History, IntegrationException, PlanChange, RoutingRule
from exceptions.vocabulary import Severity, State, Verb

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
PAGE = "/exceptions/routing/"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def teams(person):
    found = {key: Team.objects.create(key=key, name=key.capitalize()) for key in ("mapping", "imaging")}
    found["all"] = Team.objects.create(key="all", name="Everything", is_catch_all=True)
    member = person(username="member@example.org")
    for team in found.values():
        team.members.add(member)
    return found


@pytest.fixture
def admin(person, teams):
    return person(Role.ADMIN, first_name="Ada", last_name="Marsh")


@pytest.fixture
def items(source, clinic, teams):
    """Six open items with the mapping team; of the four of an old engine one is taken and one was handed over."""
    made = [item(source, clinic, number, teams["mapping"]) for number in range(6)]
    IntegrationException.objects.filter(pk=made[0].pk).update(state=State.TAKEN, taken_at=NOW)
    IntegrationException.objects.filter(pk=made[1].pk).update(owner_team=teams["all"])
    return made


def item(source, clinic, number, team, **more):
    return IntegrationException.objects.create(
        fingerprint=number.to_bytes(16), check_id="unmapped_status", source=source, clinic=clinic,
        raw=f"{'ZZ' if number < 4 else 'Q'}{number}", severity=Severity.BLOCKING, opened_at=NOW, occurred_first=NOW,
        occurred_last=NOW, live_count=1, owner_team=team,
        route={"rule": None, "version": None, "name": "", "by": "check", "team": team.pk, "person": None}, **more,
    )  # fmt: skip


def said(to, **more):
    return {"name": "Old engine", "team": to.pk, "place": "", "raw_pattern": "^ZZ"} | more


def hidden(text):
    """The fields of the form that saves."""
    form = text.split('id="save"')[1]
    pairs = re.findall(r'name="([\w ]+)" value="([^"]*)"', form.split("</form>")[0])
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_nothing_is_saved_before_it_was_tried(admin, signed_in, teams, items):
    client = signed_in(admin)

    tried = client.post(f"{PAGE}add/", said(teams["imaging"]))

    assert tried.status_code == 200
    assert "2 of 4 open items would change owner." in text_of(tried)
    assert RoutingRule.objects.count() == 0
    # Whoever sends something else than was tried gets it tried first.
    other = client.post(f"{PAGE}add/", hidden(tried.content.decode()) | {"raw_pattern": "^Q"})
    assert (other.status_code, RoutingRule.objects.count()) == (200, 0)

    assert client.post(f"{PAGE}add/", hidden(tried.content.decode())).status_code == 302
    assert RoutingRule.objects.values_list("name", "position", "version", "team").get() == (
        "Old engine", 1, 1, teams["imaging"].pk,
    )  # fmt: skip


def test_what_was_tried_is_what_routing_again_does(admin, signed_in, teams, items):
    client = signed_in(admin)
    tried = client.post(f"{PAGE}add/", said(teams["imaging"]))
    client.post(f"{PAGE}add/", hidden(tried.content.decode()))
    offered = client.get(f"{PAGE}again/")
    asked = re.findall(r'name="item" value="(\d+)"', offered.content.decode())
    assert asked == [str(items[2].pk), str(items[3].pk)]
    # One of them is taken before the button is pressed.
    IntegrationException.objects.filter(pk=items[3].pk).update(state=State.TAKEN, taken_at=NOW, version=2)

    done = client.post(f"{PAGE}again/", {"item": asked}, follow=True)

    assert "1 routed again. 1 stay: somebody was faster." in text_of(done)
    assert list(IntegrationException.objects.order_by("pk").values_list("owner_team__key", flat=True)) == [
        "mapping", "all", "imaging", "mapping", "mapping", "mapping",
    ]  # fmt: skip
    assert list(History.objects.values_list("exception", "verb", "actor")) == [(items[2].pk, Verb.REROUTE, admin.pk)]


def test_second_of_two_gets_both_versions_and_nothing_is_lost(admin, signed_in, teams):
    rule = RoutingRule.objects.create(position=1, name="Old engine", team=teams["imaging"], raw_pattern="^ZZ")
    client = signed_in(admin)
    base = re.findall(r'name="base" value="([^"]*)"', client.get(f"{PAGE}{rule.pk}/").content.decode())[0]
    RoutingRule.objects.update(team=teams["mapping"], version=2)

    refused = client.post(f"{PAGE}{rule.pk}/change/", said(teams["imaging"], name="New name", base=base))

    words = text_of(refused)
    assert refused.status_code == 409
    assert [word for word in ("New name", "Mapping", "Keep both", "Keep mine") if word in words] == [
        "New name", "Mapping", "Keep both", "Keep mine",
    ]  # fmt: skip
    assert RoutingRule.objects.values_list("name", "version").get() == ("Old engine", 2)


def test_moving_and_switching_are_tried_and_leave_history(admin, signed_in, teams, items):
    first, second = (
        RoutingRule.objects.create(position=position, name=name, team=team, raw_pattern="^ZZ")
        for position, name, team in ((1, "First", teams["mapping"]), (2, "Second", teams["imaging"]))
    )
    client = signed_in(admin)

    tried = client.post(f"{PAGE}{second.pk}/move/", {"way": "up", "version": 1})
    assert "2 of 4 open items would change owner." in text_of(tried)
    assert client.post(f"{PAGE}{second.pk}/move/", hidden(tried.content.decode())).status_code == 302
    off = client.post(f"{PAGE}{first.pk}/switch/", {"way": "off", "version": 1})
    assert client.post(f"{PAGE}{first.pk}/switch/", hidden(off.content.decode())).status_code == 302

    assert list(RoutingRule.objects.values_list("name", "position", "version", "is_active")) == [
        ("Second", 1, 2, True), ("First", 2, 2, False),
    ]  # fmt: skip
    assert list(PlanChange.objects.order_by("pk").values_list("rule", "version", "after__verb", "actor")) == [
        (second.pk, 2, "move up", admin.pk), (first.pk, 2, "switch off", admin.pk),
    ]  # fmt: skip
    assert AuditEntry.objects.filter(subject_kind="exceptions.routingrule", action="changed").count() == 2


def test_moving_what_somebody_changed_is_stale_and_moving_past_the_end_makes_no_sense(admin, signed_in, teams):
    rule = RoutingRule.objects.create(position=1, name="Only", team=teams["mapping"], version=3)
    client = signed_in(admin)

    assert client.post(f"{PAGE}{rule.pk}/switch/", {"way": "off", "version": 2}).status_code == 409
    assert client.post(f"{PAGE}{rule.pk}/move/", {"way": "up", "version": 3}).status_code == 422


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"raw_pattern": "(a+)+"}, "which can take too long"),
        ({"raw_pattern": "("}, "The pattern cannot be read"),
        ({"name": ""}, "This field is required."),
        ({"team": ""}, "This field is required."),
    ],
    ids=["runs for ever", "no pattern", "no name", "no team"],
)
def test_rule_without_sense_is_said_where_it_is(admin, signed_in, teams, more, told):
    answer = signed_in(admin).post(f"{PAGE}add/", said(teams["imaging"], **more))

    assert (answer.status_code, told in text_of(answer)) == (422, True)


def test_failing_rule_says_why_and_where_it_goes(admin, signed_in, teams):
    empty = Team.objects.create(key="empty", name="Dissolved")
    RoutingRule.objects.create(position=1, name="To nobody", team=empty)

    words = text_of(signed_in(admin).get(PAGE))

    assert "The team it names has no active member. What it fits goes to the catch-all team." in words
    assert "1 rule fails" in words


def test_owner_of_one_source_changes_its_rules_only(person, signed_in, source, other_source, teams):
    client = signed_in(person(Role.INTEGRATION, source=source))
    mine, theirs, general = (
        RoutingRule.objects.create(position=position, name=f"R{position}", team=teams["mapping"], source=at)
        for position, at in ((1, source), (2, other_source), (3, None))
    )

    statuses = [
        client.post(f"{PAGE}{rule.pk}/switch/", {"way": "off", "version": 1}).status_code
        for rule in (mine, theirs, general)
    ]

    assert statuses == [200, 404, 403]
    assert client.post(f"{PAGE}add/", said(teams["mapping"])).status_code == 422
    tried = client.post(f"{PAGE}add/", said(teams["mapping"], place=f"source-{source.pk}"))
    assert tried.status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_rows(admin, signed_in, source, clinic, teams, django_assert_num_queries, rows):
    policy = EscalationPolicy.objects.create(name="P")
    rules = [
        RoutingRule.objects.create(
            position=n,
            name=f"R{n}",
            team=teams["imaging"],
            policy=policy,
            source=source,
            clinic=clinic,
            raw_pattern="ZZ",
        )
        for n in range(rows)
    ]
    for number in range(rows):
        item(source, clinic, number, teams["mapping"])
    client = signed_in(admin)
    client.get(PAGE)

    with django_assert_num_queries(20):
        client.get(f"{PAGE}{rules[0].pk}/")
    with django_assert_num_queries(10):
        client.get(f"{PAGE}again/")


def test_lag_of_timers_is_on_the_status_line(admin, signed_in, source, clinic, teams):
    item(source, clinic, 1, teams["mapping"], next_step_at=NOW - timedelta(minutes=7))

    assert "Timers are 7 min late" in text_of(signed_in(admin).get(PAGE))


def test_numbers_of_open_ones_lead_to_just_these(admin, signed_in, teams, items):
    client, rule = signed_in(admin), RoutingRule.objects.create(position=1, name="Old engine", team=teams["imaging"])
    by_rule = {"by": "rule", "rule": rule.pk}
    IntegrationException.objects.filter(pk__in=[items[2].pk, items[3].pk]).update(route=by_rule)
    IntegrationException.objects.filter(pk=items[4].pk).update(route=None)

    page = client.get(PAGE).content.decode()
    links = dict(re.findall(r'href="(/exceptions/\?route=\w+)">(\d+)<', page))
    shown = {url: client.get(url).context for url in links}

    assert links == {f"/exceptions/?route={rule.pk}": "2", "/exceptions/?route=check": "4"}
    assert {url: str(len(context["rows"])) for url, context in shown.items()} == links
    assert [menu.chosen for menu in shown[f"/exceptions/?route={rule.pk}"]["menus"]][-2] == "Old engine"
