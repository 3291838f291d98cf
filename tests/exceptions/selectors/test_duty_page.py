"""The page of duties reads its rows once, and makes of them the plans that escalation reads."""

from datetime import UTC, date, datetime, time

from accounts.duty import DutyPlan
from accounts.models import Duty, DutySwap, Team
from exceptions.selectors.calendars import load_duties
from exceptions.selectors.duty_page import WEEK, plans_of_duty, teams_with_duties

NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)
STRETCH = {"starts": time(8), "ends": time(18), "timezone": "America/Chicago"}


def test_plans_of_the_page_are_those_of_escalation(person, django_assert_num_queries):
    there, gone = person(first_name="Milo"), person(first_name="Noor", is_active=False)
    team, empty = (Team.objects.create(key=key, name=key) for key in ("interfaces", "empty"))
    for weekday, rank, one in ((3, 2, there), (1, 1, there), (1, 2, gone)):
        Duty.objects.create(team=team, person=one, weekday=weekday, rank=rank, **STRETCH)
    for on, one in ((date(2026, 11, 26), None), (date(2026, 11, 17), there), (date(2026, 11, 16), there)):
        DutySwap.objects.create(team=team, person=one, on=on, **STRETCH)
    teams = teams_with_duties(NOW)

    with django_assert_num_queries(0):
        plans = plans_of_duty(teams)

    assert plans == load_duties(NOW.date() - WEEK)
    assert [(row.person, row.weekday) for row in plans[team.pk].weekly] == [(there.pk, 1), (there.pk, 3)]
    assert [(swap.person, swap.on.day) for swap in plans[team.pk].swaps] == [(there.pk, 17), (None, 26)]
    assert plans.get(empty.pk, DutyPlan()) == DutyPlan()
