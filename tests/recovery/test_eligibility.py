"""Who fits a freed slot: each rule by its hit, near miss, boundary and the day the clocks change."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from recovery.eligibility import judge
from recovery.eligibility_facts import Case, OwnVisit, PersonFacts, Slot, TypeRule, Wish
from recovery.vocabulary import Decider, Movable

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 24, 15, 41, tzinfo=UTC)  # Tuesday 09:41 in Chicago
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START = NOW + 2 * DAY  # Thursday 09:41
SLOT = Slot(START, 30, "ECHO", "OKAFOR", 1, CHICAGO, frozenset({99}))
FREE = TypeRule(Movable.FREE)
CASE = Case(SLOT, PersonFacts(1), NOW, "ECHO", 1, 30, FREE, visit=OwnVisit(START + 10 * DAY, "OKAFOR"))


def codes(case: Case) -> list[str]:
    return [reason.code for reason in judge(case).why_not]


def wishing(starts_at=START, minutes=30, **wish) -> Case:
    return replace(CASE, slot=replace(SLOT, starts_at=starts_at), minutes=minutes, visit=None, wish=Wish(NOW, **wish))


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0, *, fold: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=CHICAGO, fold=fold).astimezone(UTC)


def test_somebody_whom_nothing_keeps_away_fits_with_reasons():
    fit = judge(CASE)

    assert (fit.fits, [reason.code for reason in fit.why]) == (True, ["same_type", "own_provider"])


@pytest.mark.parametrize(
    ("visit_type", "fits", "expected"),
    [("ECHO", frozenset(), []), ("MRI", frozenset({"ECHO"}), []), ("MRI", frozenset({"CT"}), ["visit_type"])],
    ids=["same", "may take its slots", "may take others"],
)
def test_visit_type_must_be_that_of_the_slot_or_fit_it(visit_type, fits, expected):
    assert codes(replace(CASE, visit_type=visit_type, rule=replace(FREE, fits=fits))) == expected


def test_slot_of_unknown_type_fits_nobody():
    assert codes(replace(CASE, slot=replace(SLOT, visit_type=None))) == ["visit_type"]


@pytest.mark.parametrize(
    ("movable", "expected"),
    [(Movable.FREE, []), (Movable.REVIEW, []), (Movable.NEVER, ["never_moved"])],
)
def test_visit_type_that_is_never_offered(movable, expected):
    assert codes(replace(CASE, rule=TypeRule(movable))) == expected


@pytest.mark.parametrize(
    ("rule", "needs"),
    [
        (TypeRule(Movable.FREE), False),
        (TypeRule(Movable.REVIEW), True),
        (TypeRule(Movable.FREE, decider=Decider.CLINICIAN), True),
        (TypeRule(), True),
    ],
    ids=["free", "review", "the clinician decides", "nothing decided"],
)
def test_review_is_needed_where_the_clinic_did_not_free_the_type(rule, needs):
    assert rule.needs_review == needs


@pytest.mark.parametrize(
    ("code", "expected"), [("", []), ("OKAFOR", []), ("LINDT", ["provider"])], ids=["any", "this one", "another"]
)
def test_provider_they_asked_for(code, expected):
    assert codes(wishing(provider_code=code)) == expected


def test_location_is_the_clinic_of_the_slot():
    assert codes(replace(CASE, clinic_id=2)) == ["location"]


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(None, []), (29, []), (30, []), (31, ["duration"])],
    ids=["unknown", "less", "equal", "1 over"],
)
def test_duration_fits_the_slot(minutes, expected):
    assert codes(replace(CASE, minutes=minutes)) == expected


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"not_before_on": date(2026, 11, 26), "not_after_on": date(2026, 11, 26)}, []),
        ({"not_before_on": date(2026, 11, 27)}, ["dates"]),
        ({"not_after_on": date(2026, 11, 25)}, ["dates"]),
    ],
    ids=["the very day", "a day too soon", "a day too late"],
)
def test_dates_are_the_clinics_days(wish, expected):
    assert codes(wishing(**wish)) == expected


def test_date_is_local_where_utc_has_the_next_one():
    evening = local(2026, 11, 26, 19, 0)

    assert evening.date() == date(2026, 11, 27)
    assert codes(wishing(evening, not_after_on=date(2026, 11, 26))) == []


@pytest.mark.parametrize(
    ("weekdays", "expected"), [(frozenset(), []), (frozenset({3}), []), (frozenset({2, 4}), ["weekday"])],
    ids=["any", "thursday", "the days around"],
)  # fmt: skip
def test_weekday(weekdays, expected):
    assert codes(wishing(weekdays=weekdays)) == expected


def test_weekday_is_local_where_utc_has_the_next_one():
    assert codes(wishing(local(2026, 11, 26, 19, 0), weekdays=frozenset({3}))) == []


@pytest.mark.parametrize(
    ("hour", "minute", "expected"),
    [(8, 59, ["hours"]), (9, 0, []), (11, 30, []), (11, 31, ["hours"]), (23, 45, ["hours"])],
    ids=["a minute before", "opens", "ends on time", "ends a minute over", "runs past midnight"],
)
def test_hours_hold_from_begin_to_end(hour, minute, expected):
    slot = local(2026, 11, 26, hour, minute)

    assert codes(wishing(slot, from_time=time(9), until_time=time(12))) == expected


@pytest.mark.parametrize(
    ("slot", "expected"),
    [
        # 2027-03-14 02:00 CST becomes 03:00 CDT: 90 real minutes from 01:00 end at 03:30 on the clock.
        (local(2027, 3, 14, 1, 0), ["hours"]),
        # 2027-11-07 02:00 CDT becomes 01:00 CST: 90 real minutes from the first 01:00 end at 01:30 again.
        (local(2027, 11, 7, 1, 0), []),
        (local(2027, 11, 7, 1, 0, fold=1), []),
    ],
    ids=["an hour is missing", "an hour comes twice", "its second hour"],
)
def test_hours_on_the_day_the_clocks_change(slot, expected):
    case = replace(wishing(slot, minutes=90, until_time=time(2, 30)), now=slot - 2 * DAY)
    case = replace(case, slot=replace(case.slot, minutes=90))

    assert codes(case) == expected


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [(35 * MINUTE, []), (35 * MINUTE - timedelta(seconds=1), ["lead_time"])],
    ids=["on the boundary", "a second short"],
)
def test_lead_time(ahead, expected):
    assert codes(replace(CASE, now=START - ahead)) == expected


@pytest.mark.parametrize(
    ("rule", "wish", "ahead", "expected"),
    [
        (DAY, None, DAY, []),
        (DAY, None, DAY - MINUTE, ["notice"]),
        (HOUR, DAY, DAY - MINUTE, ["notice"]),
        (DAY, HOUR, DAY - MINUTE, ["notice"]),
        (HOUR, 2 * HOUR, 2 * HOUR, []),
    ],
    ids=["boundary", "near miss", "their wish is longer", "the rule is longer", "both kept"],
)
def test_notice_is_the_longer_of_rule_and_wish(rule, wish, ahead, expected):
    case = replace(wishing(notice=wish), rule=replace(FREE, notice=rule), now=START - ahead)

    assert codes(case) == expected


def test_notice_is_real_hours_over_the_night_the_clocks_change():
    slot = local(2027, 3, 14, 9, 0)
    case = replace(wishing(slot), rule=replace(FREE, notice=DAY))

    # The same clock time the day before is only 23 hours ahead.
    assert codes(replace(case, now=local(2027, 3, 13, 9, 0))) == ["notice"]
    assert codes(replace(case, now=local(2027, 3, 13, 8, 0))) == []


@pytest.mark.parametrize(
    ("ahead", "expected"), [(8 * HOUR, []), (8 * HOUR - MINUTE, ["preparation"])], ids=["boundary", "near miss"]
)
def test_preparation_time(ahead, expected):
    assert codes(replace(CASE, rule=replace(FREE, preparation=8 * HOUR), now=START - ahead)) == expected


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (2 * DAY, []),
        (2 * DAY - MINUTE, ["gain"]),
        (90 * DAY, []),
        (90 * DAY + MINUTE, ["too_far"]),
        (-DAY, ["gain"]),
    ],
    ids=["two days", "less", "ninety days", "more", "before the slot"],
)
def test_own_visit_is_two_to_ninety_days_later(later, expected):
    assert codes(replace(CASE, visit=OwnVisit(START + later))) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"is_first": False}, ["not_first"]),
        ({"in_series": True}, ["series"]),
        ({"stands": False}, ["visit_gone"]),
        ({"is_uncertain": True}, ["visit_in_doubt"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_own_visit_is_the_first_alone_standing_and_certain(change, expected):
    assert codes(replace(CASE, visit=OwnVisit(START + 10 * DAY, **change))) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"is_closed": True}, ["closed_record"]),
        ({"wants_none": True}, ["no_contact"]),
        ({"is_restricted": True}, ["restricted"]),
        ({"has_phone": False}, ["no_phone"]),
        ({"has_live_offer": True}, ["live_offer"]),
        ({"recent_offers": 2}, []),
        ({"recent_offers": 3}, ["offered_often"]),
        ({"has_sooner": True}, ["has_sooner"]),
        ({"clashes": True}, ["clash"]),
        ({"patient_id": 99}, ["left_it"]),
    ],
    ids=[
        "died or merged", "asked for no contact", "restricted", "no phone", "one live offer per patient", "two offers",
        "at most three offers in seven days", "has a sooner visit", "is elsewhere then", "gave the slot back",
    ],
)  # fmt: skip
def test_person(change, expected):
    assert codes(replace(CASE, person=PersonFacts(**({"patient_id": 1} | change)))) == expected


def test_every_reason_against_is_told_in_sentences_people_can_read():
    case = replace(
        wishing(provider_code="LINDT", notice=5 * DAY, weekdays=frozenset({0})), person=PersonFacts(1, has_phone=False)
    )

    assert [reason.sentence for reason in judge(case).why_not] == [
        "They asked for another provider.",
        "They cannot come on a Thursday.",
        "They need 5 days of notice.",
        "No phone number on file.",
    ]
