"""Every rule of outreach that shapes the desk, named after it; no database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from recovery.contacting.answer import can_contact
from recovery.contacting.facts import ConsentLine, Earlier, Point
from recovery.contacting.policy import DEFAULT_POLICY
from recovery.vocabulary import Family, Mark, OutreachChannel, Topic

CALL, TEXT, EMAIL = OutreachChannel.CALL, OutreachChannel.TEXT, OutreachChannel.EMAIL
NOON = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)  # Tuesday 12:00 in Chicago
EARLIER = NOON - timedelta(days=40)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def stops(person, ask, now=NOON):
    """By channel the codes that forbid it."""
    return {way.channel: [one.code for one in way.stops] for way in can_contact(person, ask, now).ways}


def cautions(person, ask, now=NOON):
    """By channel the codes that ask for care."""
    return {way.channel: [one.code for one in way.cautions] for way in can_contact(person, ask, now).ways}


def refusal(channel, topic="", *, allowed=False, since=EARLIER):
    return ConsentLine(channel, topic, allowed, since)


def test_a_patient_without_anything_against_it_may_be_reached_by_every_way(person, ask):
    answer = can_contact(person, ask, NOON)

    assert stops(person, ask) == {CALL: [], TEXT: [], EMAIL: []}
    assert cautions(person, ask) == {CALL: [], TEXT: [], EMAIL: []}
    assert (answer.is_allowed, answer.again_at) == (True, None)
    assert [way.point and way.point.value for way in answer.ways] == [
        "+13125550101", "+13125550101", "pat@example.org",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"died": True}, "died"),
        ({"survivor_id": 9}, "merged"),
        ({"wants_none": True}, "opted_out"),
        ({"is_restricted": True}, "restricted"),
    ],
    ids=["deceased, PID-29 and PID-30", "merged", "no publicity, PD1-11", "restricted, PD1-12 and PV1-16"],
)
def test_what_forbids_every_way(person, ask, change, code):
    answer = can_contact(replace(person, **change), ask, NOON)

    assert {way.channel for way in answer.ways if code in [one.code for one in way.stops]} == {CALL, TEXT, EMAIL}
    assert (answer.is_allowed, answer.again_at) == (False, None)


@pytest.mark.parametrize(
    ("lines", "closed"),
    [
        ([refusal("sms")], {TEXT}),
        ([refusal("voice")], {CALL}),
        ([refusal("all")], {CALL, TEXT, EMAIL}),
        ([refusal("sms"), refusal("sms", allowed=True, since=EARLIER + DAY)], set()),
        ([refusal("sms", allowed=True), refusal("sms", since=EARLIER + DAY)], {TEXT}),
        ([refusal("sms", allowed=True), refusal("sms")], {TEXT}),
        ([refusal("sms", Topic.CONFIRM)], set()),
        ([refusal("sms", Topic.REFILL)], {TEXT}),
    ],
    ids=[
        "texts", "calls", "everything", "opted in again", "opted out again", "both at once: no", "another topic",
        "this topic",
    ],
)  # fmt: skip
def test_revocation_the_newest_line_of_the_ledger_decides_by_channel_and_topic(person, ask, lines, closed):
    found = stops(replace(person, consents=tuple(lines)), ask)

    assert {channel for channel, codes in found.items() if "opted_out_partly" in codes} == closed


def test_revoke_all_ends_every_topic_once_the_switch_is_on(person, ask):
    other_topic = replace(person, consents=(refusal("sms", Topic.CONFIRM),))
    switched = replace(ask, policy=DEFAULT_POLICY._replace(revoke_all=True))

    assert (stops(other_topic, ask)[TEXT], stops(other_topic, switched)[TEXT]) == ([], ["opted_out_partly"])


def test_confidential_communication_only_the_way_that_was_asked_for_164_522_b(person, ask):
    found = stops(replace(person, consents=(refusal("email", "only", allowed=True),)), ask)

    assert found == {CALL: ["other_way_only"], TEXT: ["other_way_only"], EMAIL: []}


def test_break_glass_a_revealed_patient_may_be_called_but_never_written_to(person, ask):
    found = stops(replace(person, is_restricted=True, is_revealed=True), ask)

    assert found == {CALL: [], TEXT: ["restricted_in_writing"], EMAIL: ["restricted_in_writing"]}


@pytest.mark.parametrize(
    ("born_on", "guardian", "expected"),
    [
        (date(2008, 11, 24), "", {CALL: [], TEXT: [], EMAIL: []}),
        (date(2008, 11, 25), "", {CALL: ["no_guardian"], TEXT: ["no_guardian"], EMAIL: ["no_guardian"]}),
        (date(2008, 11, 25), "Jo", {CALL: [], TEXT: ["minor_in_writing"], EMAIL: ["minor_in_writing"]}),
    ],
    ids=["18 today", "18 tomorrow, nobody known", "18 tomorrow, guardian known"],
)
def test_minors_the_responsible_party_is_contacted(person, ask, born_on, guardian, expected):
    assert stops(replace(person, born_on=born_on, guardian=guardian), ask) == expected


@pytest.mark.parametrize(
    ("born_on", "is_closed"), [(date(2008, 11, 25), True), (date(2008, 11, 24), False)], ids=["17", "18 today"]
)
def test_minors_of_a_confidential_visit_nobody_is_told(person, ask, born_on, is_closed):
    minor = replace(person, born_on=born_on, guardian="Jo")

    found = stops(minor, replace(ask, is_confidential=True))

    assert {channel: "confidential_visit" in codes for channel, codes in found.items()} == dict.fromkeys(
        (CALL, TEXT, EMAIL), is_closed
    )


def test_minors_age_counts_in_the_patients_own_day(person, ask):
    tokyo = replace(person, zone=ZoneInfo("Asia/Tokyo"), born_on=date(2008, 11, 25))
    three_at_night = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)  # 25 November, 03:00 in Tokyo

    assert "no_guardian" not in stops(tokyo, ask, three_at_night)[CALL]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ((), {CALL: ["no_point"], TEXT: ["no_point"], EMAIL: ["no_point"]}),
        ((Point("phone", "home", "1"),), {CALL: [], TEXT: ["no_point"], EMAIL: ["no_point"]}),
        ((Point("phone", "old", "1"),), {CALL: ["no_point"], TEXT: ["no_point"], EMAIL: ["no_point"]}),
        (
            (Point("phone", "mobile", "1", ends_on=date(2026, 11, 23)),),
            {CALL: ["no_point"], TEXT: ["no_point"], EMAIL: ["no_point"]},
        ),
        ((Point("phone", "mobile", "1", ends_on=date(2026, 11, 24)),), {CALL: [], TEXT: [], EMAIL: ["no_point"]}),
    ],
    ids=["nothing on file", "landline", "old", "ended yesterday", "ends today"],
)
def test_contact_points_old_and_ended_ones_are_never_used(person, ask, points, expected):
    assert stops(replace(person, points=points), ask) == expected


@pytest.mark.parametrize(
    ("zone", "moment", "is_usable"),
    [
        ("Pacific/Guam", datetime(2026, 11, 24, 13, 59, tzinfo=UTC), True),
        ("Pacific/Guam", datetime(2026, 11, 24, 14, 0, tzinfo=UTC), False),
        ("America/Chicago", datetime(2026, 11, 25, 5, 59, tzinfo=UTC), True),
        ("America/Chicago", datetime(2026, 11, 25, 6, 0, tzinfo=UTC), False),
    ],
    ids=["Guam, last minute", "Guam, over", "Chicago, last minute", "Chicago, over"],
)
def test_contact_points_end_with_the_patients_own_day(person, ask, zone, moment, is_usable):
    ending = Point("phone", "mobile", "1", ends_on=date(2026, 11, 24))

    way = can_contact(replace(person, zone=ZoneInfo(zone), points=(ending,)), ask, moment).way(CALL)

    assert (way.point == ending) == is_usable


@pytest.mark.parametrize(
    ("ends_at", "is_too_late"),
    [
        (datetime(2026, 11, 25, 14, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 25, 15, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 25, 15, 1, tzinfo=UTC), False),
    ],
    ids=["a minute before nine", "at nine", "a minute after"],
)
def test_quiet_hours_tell_when_a_slot_dies_before_morning(person, ask, ends_at, is_too_late):
    answer = can_contact(person, ask, datetime(2026, 11, 25, 2, 30, tzinfo=UTC))  # 20:30 in Chicago

    assert answer.opens_too_late(ends_at) == is_too_late


def test_a_slot_does_not_die_before_morning_while_somebody_may_be_contacted(person, ask):
    assert not can_contact(person, ask, NOON).opens_too_late(NOON)


def test_reassigned_numbers_a_wrong_one_is_not_used_and_the_next_is(person, ask):
    mobile, landline, mail = person.points
    wrong = replace(person, points=(mobile._replace(mark=Mark.WRONG), landline, mail))
    answer = can_contact(wrong, ask, NOON)

    assert stops(wrong, ask) == {CALL: [], TEXT: ["no_point"], EMAIL: []}
    assert answer.way(CALL).point == landline
    assert answer.way(TEXT).stops[0].sentence == "The mobile is wrong."


def test_the_number_that_reached_them_comes_first(person, ask):
    mobile, landline, mail = person.points
    reached = landline._replace(mark=Mark.REACHED)
    proven = replace(person, points=(mobile, reached, mail))

    assert can_contact(proven, ask, NOON).way(CALL).point == reached


def test_minimum_necessary_a_shared_number_is_asked_who_speaks_and_never_written_to(person, ask):
    mobile, *_ = person.points
    shared = replace(person, points=(mobile._replace(sharers=2),))

    assert stops(shared, ask) == {CALL: [], TEXT: ["shared_number"], EMAIL: ["no_point"]}
    assert cautions(shared, ask)[CALL] == ["shared_number"]


@pytest.mark.parametrize(
    ("language", "spoken", "colleagues", "call", "text"),
    [
        ("en", {"en"}, set(), [], []),
        ("", {"en"}, set(), [], []),
        ("es", {"en", "es"}, set(), [], ["no_template"]),
        ("es", {"en"}, {"es"}, ["colleague_speaks"], ["no_template"]),
        ("so", {"en"}, {"es"}, ["interpreter"], ["no_template"]),
    ],
    ids=["spoken", "not known", "caller speaks it", "colleague speaks it", "interpreter"],
)
def test_section_1557_words_are_approved_in_the_language_or_somebody_speaks_it(
    person, ask, language, spoken, colleagues, call, text
):
    asked = replace(ask, spoken=frozenset(spoken), colleagues=frozenset(colleagues))
    spoken_to = replace(person, language=language)

    assert cautions(spoken_to, asked)[CALL] == call
    assert stops(spoken_to, asked)[TEXT] == text


@pytest.mark.parametrize(
    ("now", "again"),
    [
        (datetime(2026, 11, 24, 14, 59, tzinfo=UTC), datetime(2026, 11, 24, 15, 0, tzinfo=UTC)),
        (datetime(2026, 11, 24, 15, 0, tzinfo=UTC), None),
        (datetime(2026, 11, 25, 1, 59, tzinfo=UTC), None),
        (datetime(2026, 11, 25, 2, 0, tzinfo=UTC), datetime(2026, 11, 25, 15, 0, tzinfo=UTC)),
        (datetime(2026, 11, 22, 17, 59, tzinfo=UTC), datetime(2026, 11, 22, 18, 0, tzinfo=UTC)),
        (datetime(2026, 3, 8, 16, 59, tzinfo=UTC), datetime(2026, 3, 8, 17, 0, tzinfo=UTC)),
        (datetime(2026, 3, 8, 2, 0, tzinfo=UTC), datetime(2026, 3, 8, 17, 0, tzinfo=UTC)),
        (datetime(2026, 11, 1, 1, 0, tzinfo=UTC), datetime(2026, 11, 1, 18, 0, tzinfo=UTC)),
        (datetime(2026, 11, 1, 17, 59, tzinfo=UTC), datetime(2026, 11, 1, 18, 0, tzinfo=UTC)),
    ],
    ids=[
        "Tuesday 08:59", "Tuesday 09:00", "Tuesday 19:59", "Tuesday 20:00", "Sunday 11:59",
        "clocks go forward, Sunday 11:59", "the evening before", "clocks go back: the evening before",
        "clocks go back, Sunday 11:59",
    ],
)  # fmt: skip
def test_quiet_hours_are_the_patients_own_and_hold_until_morning(person, ask, now, again):
    answer = can_contact(person, ask, now)

    assert (answer.is_allowed, answer.again_at) == (again is None, again)


def test_quiet_hours_follow_the_patient_not_the_clinic(person, ask):
    abroad = replace(person, zone=ZoneInfo("America/Los_Angeles"))
    nine_in_chicago = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)

    assert stops(person, ask, nine_in_chicago)[CALL] == []
    assert stops(abroad, ask, nine_in_chicago)[CALL] == ["quiet_hours"]
    assert stops(replace(person, zone=None), ask, nine_in_chicago)[CALL] == []


def contacts(channel, *hours_ago, **more):
    return tuple(Earlier(channel, NOON - timedelta(hours=hours), **more) for hours in hours_ago)


@pytest.mark.parametrize(
    ("earlier", "expected", "again"),
    [
        (contacts(TEXT, 11), ["counted_today"], datetime(2026, 11, 25, 15, 0, tzinfo=UTC)),
        (contacts(TEXT, 13), [], None),
        (contacts(TEXT, 30, 60), [], None),
        (contacts(TEXT, 30, 60, 167), ["counted_week"], NOON + HOUR),
        (contacts(TEXT, 30, 60, 168), [], None),
        (contacts(TEXT, 11, family=Family.REBOOK_MISSED), ["counted_today"], datetime(2026, 11, 25, 15, tzinfo=UTC)),
        (contacts(TEXT, 11, is_same_number=True), ["counted_today"], datetime(2026, 11, 25, 15, tzinfo=UTC)),
    ],
    ids=[
        "one today", "one yesterday", "two in the week", "three in 7 days", "the third is 7 days old",
        "of another queue", "to the same number, another patient",
    ],
)  # fmt: skip
def test_exempt_texts_one_a_day_and_three_a_week_over_all_queues(person, ask, earlier, expected, again):
    way = can_contact(replace(person, earlier=earlier), ask, NOON).way(TEXT)

    assert ([one.code for one in way.stops], way.again_at) == (expected, again)


def test_a_day_of_25_hours_is_one_day_for_the_counter(person, ask):
    evening = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)  # Sunday 1 November 19:30 in Chicago, clocks went back
    at_midnight = replace(person, earlier=(Earlier(TEXT, datetime(2026, 11, 1, 5, 0, tzinfo=UTC)),))
    before_it = replace(person, earlier=(Earlier(TEXT, datetime(2026, 11, 1, 4, 59, tzinfo=UTC)),))

    assert stops(at_midnight, ask, evening)[TEXT] == ["counted_today"]
    assert stops(before_it, ask, evening)[TEXT] == []


def test_calls_are_counted_apart_from_texts(person, ask):
    assert stops(replace(person, earlier=contacts(CALL, 1, 2)), ask) == {CALL: ["counted_today"], TEXT: [], EMAIL: []}
    assert stops(replace(person, earlier=contacts(CALL, 1)), ask)[CALL] == []


def test_three_tries_then_a_person_decides(person, ask):
    three = replace(ask, tries=ask.tries._replace(used=3, last_at=NOON - DAY))
    resting = replace(ask, tries=ask.tries._replace(used=1, last_at=NOON - timedelta(minutes=10)))

    assert stops(person, three)[CALL] == ["tries_used"]
    assert can_contact(person, three, NOON).again_at is None
    assert stops(person, resting)[CALL] == ["resting"]
    assert can_contact(person, resting, NOON).again_at == NOON + timedelta(minutes=20)


@pytest.mark.parametrize(
    ("age", "expected"),
    [(timedelta(minutes=15), []), (timedelta(minutes=15, seconds=1), ["consent_stale"]), (None, ["consent_stale"])],
    ids=["at the limit", "past it", "not known"],
)
def test_stop_outreach_no_message_leaves_while_an_opt_out_may_be_on_its_way(person, ask, age, expected):
    found = stops(person, replace(ask, consent_age=age))

    assert found == {CALL: [], TEXT: expected, EMAIL: expected}


@pytest.fixture
def confirming(ask):
    """Asking whether they come to a visit."""
    return replace(ask, topic=Topic.CONFIRM, clinic_id=3, visit_id=12)


def asked(channel, days_ago, **more):
    said: dict[str, Any] = {"family": Family.CONFIRM, "clinic_id": 3, "visit_id": 12} | more
    return Earlier(channel, NOON - timedelta(days=days_ago), **said)


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        ([], {CALL: [], TEXT: [], EMAIL: []}),
        ([asked(CALL, 2)], {CALL: ["asked_already"], TEXT: [], EMAIL: []}),
        ([asked(TEXT, 2)], {CALL: [], TEXT: ["asked_already"], EMAIL: ["asked_already"]}),
        ([asked(EMAIL, 2)], {CALL: [], TEXT: ["asked_already"], EMAIL: ["asked_already"]}),
        ([asked(CALL, 2, is_going_on=True)], {CALL: [], TEXT: [], EMAIL: []}),
        ([asked(CALL, 2, is_same_number=True)], {CALL: [], TEXT: [], EMAIL: []}),
        ([asked(CALL, 2, family=Family.REBOOK_MISSED)], {CALL: [], TEXT: [], EMAIL: []}),
    ],
    ids=[
        "never",
        "called",
        "texted",
        "e-mailed",
        "a call back was promised",
        "somebody else's number",
        "another queue",
    ],
)
def test_visit_at_risk_one_call_and_one_message(person, confirming, earlier, expected):
    assert stops(replace(person, earlier=tuple(earlier)), confirming) == expected


@pytest.mark.parametrize(
    ("one", "codes"),
    [
        (asked(CALL, 59, visit_id=11), ["asked_lately"]),
        (asked(CALL, 60, visit_id=11), []),
        (asked(TEXT, 59, visit_id=11), ["asked_lately"]),
        (asked(CALL, 59, visit_id=11, clinic_id=4), []),
        (asked(CALL, 59, visit_id=11, family=Family.REFILL), []),
        (asked(CALL, 59, visit_id=11, is_same_number=True), []),
    ],
    ids=["59 days ago", "60 days ago", "a text", "another clinic", "another queue", "somebody else's number"],
)
def test_visit_at_risk_sixty_days_of_rest_by_person_and_clinic(person, confirming, one, codes):
    answer = can_contact(replace(person, earlier=(one,)), confirming, NOON)

    assert [way.stops[0].code for way in answer.ways if way.stops] == codes * 3
    assert answer.again_at == (one.at + timedelta(days=60) if codes else None)


def test_visit_at_risk_its_limits_are_not_those_of_other_queues(person, ask):
    rebook = replace(ask, topic=Topic.REBOOK, clinic_id=3, visit_id=12)

    assert stops(replace(person, earlier=(asked(CALL, 2), asked(TEXT, 2))), rebook) == {CALL: [], TEXT: [], EMAIL: []}
